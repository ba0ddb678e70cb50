namespace Kdump.Diagnosis.Text;

/// <summary>
/// libata prints command and result of a failed command as one message of two lines: <c>ata1.00: cmd c8/00:08:…</c> and
/// <c>         res 51/40:08:… Emask 0x9 (media error)</c> (drivers/ata/libata-eh.c ata_eh_link_report()). The second is given the port
/// that the first names.
/// </summary>
internal sealed class AtaResult
{
    private const int LongestHead = 16;

    private string head = "";

    public void Join(ref TextLine line)
    {
        ReadOnlySpan<char> message = line.Kernel.Message;
        if (message.StartsWith("ata", StringComparison.Ordinal))
        {
            int colon = message[..Math.Min(message.Length, LongestHead)].IndexOf(": ", StringComparison.Ordinal);
            head = colon > 3 && message[(colon + 2)..].StartsWith("cmd ", StringComparison.Ordinal) &&
                message[3..colon].IndexOfAnyExcept("0123456789.") < 0 ? message[..(colon + 2)].ToString() : "";
            return;
        }
        if (head.Length == 0)
            return;
        ReadOnlySpan<char> bare = message.TrimStart(' ');
        // "res 51/40:"
        if (bare.Length > 10 && bare.StartsWith("res ", StringComparison.Ordinal) && bare[6] == '/' && bare[9] == ':')
        {
            ReadOnlySpan<char> stamp = line.Text[..(line.Text.Length - message.Length)];
            line = new TextLine(line.Input, line.Number, $"{stamp}{head}{bare}", line.Raw) { Backwards = line.Backwards };
        }
        head = "";
    }
}
