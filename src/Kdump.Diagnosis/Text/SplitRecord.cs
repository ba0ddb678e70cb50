namespace Kdump.Diagnosis.Text;

/// <summary>
/// A record in two lines: until Linux 3.17 the SCSI layer printed <c>sd 0:0:0:0: [sda]  </c> and then, as a line of its own, what it had
/// to say of that disk (drivers/scsi/constants.c). Pages and mailers fold such lines at the same place. Others have a line break.
/// </summary>
internal sealed class SplitRecord
{
    /// <summary>The longest line that names only a device.</summary>
    private const int MaxHead = 160, MaxName = 32;

    /// <summary>So much of the line before is kept, for its stamp; the shortest stamp.</summary>
    private const int MaxPrefix = 96, MinStamp = 10;

    private static readonly string[] Rests = ["Result:", "Sense Key", "Add. Sense", "ASC=", "CDB:", "tag#", "Unhandled ", "FAILED ",
        "Sense not available", "Synchronize Cache", "Stopping disk"];

    private readonly char[] before = new char[MaxPrefix];
    private int kept;
    private string head = "";

    /// <summary>Gives the second part the head that it lacks.</summary>
    public void Join(ref TextLine line)
    {
        if (line.Text.Length > MinStamp && line.Text[..MinStamp].IndexOfAnyExcept(' ') < 0)
            Continue(ref line);
        else
        {
            kept = Math.Min(line.Text.Length, MaxPrefix);
            line.Text[..kept].CopyTo(before);
        }
        if (head.Length == 0 && (line.Text.Length is < 12 or > MaxHead || line.Text.TrimEnd(' ') is not [.., ']']))
            return;
        ReadOnlySpan<char> message = line.Kernel.Message.TrimEnd(' ');
        string first = head;
        head = IsHead(message) ? message.ToString() : "";
        if (first.Length == 0 || head.Length > 0 || !Begins(message.TrimStart(' ')))
            return;
        ReadOnlySpan<char> stamp = line.Text[..(line.Text.Length - line.Kernel.Message.Length)];
        line = new TextLine(line.Input, line.Number, $"{stamp}{first} {message.TrimStart(' ')}", line.Raw)
        {
            Backwards = line.Backwards,
        };
    }

    /// <summary>
    /// A record with a line break in it: dmesg and journalctl indent the rest by the width of the stamp. It is given the same stamp.
    /// </summary>
    private void Continue(ref TextLine line)
    {
        int indent = line.Text.IndexOfAnyExcept(' ');
        if (indent < 0 || indent >= kept || before[indent] == ' ' || before[indent - 1] != ' ' ||
            KernelLine.Parse(before.AsSpan(0, kept)) is not { Stamped: true } first || kept - first.Message.Length != indent)
            return;
        line = new TextLine(line.Input, line.Number, $"{before.AsSpan(0, indent)}{line.Text[indent..]}", line.Raw)
        {
            Backwards = line.Backwards,
        };
    }

    /// <summary><c>sd 0:0:0:0: [sda]</c></summary>
    private static bool IsHead(ReadOnlySpan<char> message)
    {
        if (message.Length is < 12 or > MaxName || message[^1] != ']' || !(message.StartsWith("sd ", StringComparison.Ordinal) ||
            message.StartsWith("sr ", StringComparison.Ordinal) || message.StartsWith("scsi ", StringComparison.Ordinal)))
            return false;
        int place = message.IndexOf(": [", StringComparison.Ordinal);
        return place > 0 && message[..place].Count(':') == 3;
    }

    private static bool Begins(ReadOnlySpan<char> message)
    {
        foreach (string rest in Rests)
        {
            if (message.StartsWith(rest, StringComparison.Ordinal))
                return true;
        }
        return false;
    }
}
