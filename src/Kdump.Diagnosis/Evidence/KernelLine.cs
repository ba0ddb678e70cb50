namespace Kdump.Diagnosis.Evidence;

/// <summary>
/// A printk line without what its transport put before it: <c>&lt;6&gt;</c>, <c>[   57.333334]</c>, <c>[    T1]</c>, syslog and journal
/// prefixes up to <c>kernel: </c>, ISO time stamps of console servers, <c>kern  :info  :</c> of <c>dmesg -x</c>.
/// </summary>
public readonly ref struct KernelLine
{
    private KernelLine(ReadOnlySpan<char> message, double? time, bool stamped)
    {
        Message = message;
        Time = time;
        Stamped = stamped;
    }

    /// <summary>The kernel's own text.</summary>
    public ReadOnlySpan<char> Message { get; }

    /// <summary>Seconds since the kernel started, where printed.</summary>
    public double? Time { get; }

    /// <summary>A prefix showed that the kernel wrote it; without one it may be anybody's line.</summary>
    public bool Stamped { get; }

    public static KernelLine Parse(ReadOnlySpan<char> text)
    {
        bool stamped = false;
        double? time = null;
        int kernel = text.IndexOf(" kernel: ", StringComparison.Ordinal);
        if (kernel is >= 0 and < 120 && !text[..kernel].Contains('['))
        {
            text = text[(kernel + " kernel: ".Length)..];
            stamped = true;
        }
        for (;;)
        {
            ReadOnlySpan<char> before = text;
            text = text.TrimStart(" \t");
            if (text.Length > 2 && text[0] == '<' && text.IndexOf('>') is > 1 and < 5 and var level && AllDigits(text[1..level]))
            {
                text = text[(level + 1)..];
                stamped = true;
            }
            else if (text.Length > 2 && text[0] == '[' && text.IndexOf(']') is > 1 and < 32 and var close && IsStamp(text[1..close], ref time))
            {
                text = text[(close + 1)..];
                if (text.StartsWith(" ", StringComparison.Ordinal))
                    text = text[1..];
                stamped = true;
            }
            else if (text.StartsWith("kern ", StringComparison.Ordinal) && text.IndexOf(": ", StringComparison.Ordinal) is > 0 and < 20 and var facility)
                text = text[(facility + 2)..];
            else
                return new(stamped ? before : before.TrimStart(" \t"), time, stamped);
        }
    }

    /// <summary>The inside of a bracket: a time, a caller id (T12, C3), a clock time of <c>dmesg -T</c>, or text of the message itself.</summary>
    private static bool IsStamp(ReadOnlySpan<char> inside, ref double? time)
    {
        ReadOnlySpan<char> trimmed = inside.Trim(' ');
        int dot = trimmed.IndexOf('.');
        if (dot > 0 && AllDigits(trimmed[..dot]) && trimmed.Length - dot > 3 && AllDigits(trimmed[(dot + 1)..]))
        {
            time ??= double.TryParse(trimmed, System.Globalization.NumberStyles.AllowDecimalPoint, System.Globalization.CultureInfo.InvariantCulture, out double t) ? t : null;
            return true;
        }
        if (trimmed.Length > 1 && trimmed[0] is 'T' or 'C' && AllDigits(trimmed[1..]))
            return true;
        // dmesg -T: [Sat Nov 21 02:11:35 2026]
        return inside.Length == 24 && inside[13] == ':' && inside[16] == ':' && AllDigits(inside[20..]);
    }

    private static bool AllDigits(ReadOnlySpan<char> text) => !text.IsEmpty && text.IndexOfAnyExceptInRange('0', '9') < 0;
}
