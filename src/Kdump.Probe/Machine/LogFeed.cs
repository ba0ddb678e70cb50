using System.Text;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;

namespace Kdump.Probe.Machine;

/// <summary>Converts log records into the lines that dmesg would print, and passes them to the parser.</summary>
internal sealed class LogFeed(string input, Facts facts)
{
    private readonly Dmesg parser = new();
    private readonly Boot? live = facts.Boot;
    private long number;

    /// <summary>
    /// One read of /dev/kmsg: <c>6,339,5140900,-;text</c>, followed by dictionary lines (Documentation/ABI/testing/dev-kmsg). A saved
    /// copy of the file contains many records.
    /// </summary>
    public void Record(ReadOnlySpan<byte> bytes)
    {
        foreach (ReadOnlySpan<char> line in Encoding.UTF8.GetString(bytes).AsSpan().EnumerateLines())
        {
            if (line.IsEmpty || line[0] == ' ')
                continue;
            int semicolon = line.IndexOf(';');
            var c = new TextCursor(semicolon < 0 ? default : line[..semicolon]);
            if (c.Number(out _) && c.Skip(",") && c.Number(out _) && c.Skip(",") && c.Number(out long microseconds) && microseconds >= 0)
                Line($"[{microseconds / 1_000_000,5}.{microseconds % 1_000_000:d6}] {Unescape(line[(semicolon + 1)..])}");
            else
                Line(line);
        }
    }

    public void Line(ReadOnlySpan<char> text)
    {
        // Skip our own earlier report in the log: it is not evidence.
        if (!text.Contains("kdump-probe: ", StringComparison.Ordinal))
            parser.LineOfAny(new TextLine(input, ++number, text), facts);
    }

    public void End()
    {
        parser.End(facts);
        facts.Boot = live;
    }

    /// <summary>Decodes \xNN, as which the kernel writes control characters and non-ASCII bytes.</summary>
    private static string Unescape(ReadOnlySpan<char> text) => DeviceReference.Unescape(text.ToString());
}
