namespace Kdump.Diagnosis.Text;

/// <summary>What <c>systemctl status</c> prints of a unit (systemd src/systemctl/systemctl-show.c): a head, then fields of it.</summary>
internal static class StatusBlock
{
    private static readonly string[] Fields = ["Loaded:", "Active:", "Process:", "Main PID:", "Control PID:", "CGroup:", "Tasks:",
        "Memory:", "CPU:", "Docs:", "Status:", "TriggeredBy:", "Triggers:", "Where:", "What:", "Drop-In:", "Invocation:", "FD Store:",
        "Trigger:", "Listen:", "Follow:", "Device:", "Until:", "IO:", "IP:", "Error:", "Started:", "Ended:", "Mem peak:"];

    /// <summary>One of its fields, right-aligned before the colon.</summary>
    public static bool IsField(ReadOnlySpan<char> text)
    {
        ReadOnlySpan<char> said = text.TrimStart(' ');
        if (said.Length == text.Length || said.Length < 5 || !char.IsAsciiLetterUpper(said[0]))
            return false;
        foreach (string field in Fields)
        {
            if (said.StartsWith(field, StringComparison.Ordinal) && said.Length > field.Length && said[field.Length] == ' ')
                return true;
        }
        return false;
    }

    /// <summary>The unit of a head, <c>● kdump.service - Crash recovery kernel arming</c>; empty: the line is no head.</summary>
    public static ReadOnlySpan<char> UnitOf(ReadOnlySpan<char> text)
    {
        ReadOnlySpan<char> said = text.TrimStart(' ');
        if (said.Length < 8 || said[0] is not ('\u25cf' or '\u25cb' or '\u00d7' or '\u2715' or '\u2717' or '\u21bb' or '*' or '\u2022' or
            'x'))
            return default;
        said = said[1..].TrimStart(' ');
        int end = said.IndexOf(" - ");
        ReadOnlySpan<char> unit = end < 0 ? said.TrimEnd(' ') : said[..end];
        int dot = unit.LastIndexOf('.');
        return dot > 0 && !unit.Contains(' ') && unit[(dot + 1)..] is "service" or "mount" or "swap" or "socket" or "target" or "timer" or
            "device" or "automount" or "path" or "slice" or "scope" ? unit : default;
    }
}
