namespace Kdump.Diagnosis.Text;

/// <summary>
/// A printk line without what its transport put before it: <c>&lt;6&gt;</c>, <c>[   57.333334]</c>, <c>[    T1]</c>, syslog, RFC 5424 and
/// journal prefixes up to <c>kernel: </c>, ISO time stamps of console servers, <c>kern  :info  :</c> of <c>dmesg -x</c>, the records of
/// /dev/kmsg, <c>login: </c> prompts and notes about dropped messages that stand on the same line.
/// </summary>
public readonly ref struct KernelLine
{
    private KernelLine(ReadOnlySpan<char> message, double? time, int caller, int? priority, bool stamped, bool foreign)
    {
        Message = message;
        Time = time;
        Caller = caller;
        Priority = priority;
        Stamped = stamped;
        Foreign = foreign;
    }

    /// <summary>The kernel's own text.</summary>
    public ReadOnlySpan<char> Message { get; }

    /// <summary>Seconds since the kernel started, where printed.</summary>
    public double? Time { get; }

    /// <summary>
    /// The writer (CONFIG_PRINTK_CALLER): a thread id + 1, or minus a CPU number - 1 outside of tasks; 0 where not printed.
    /// </summary>
    public int Caller { get; }

    /// <summary>The kernel's level of the message, 0 (emergency) to 7 (debug), where the transport has it.</summary>
    public int? Priority { get; }

    /// <summary>A prefix shows that the kernel wrote it; without one anybody may have written it.</summary>
    public bool Stamped { get; }

    /// <summary>A prefix shows that another program wrote it: a different syslog tag, or a facility other than the kernel's.</summary>
    public bool Foreign { get; }

    /// <summary>Only a plain stamp stands before the message: <c>[   57.333334] </c>.</summary>
    public bool Plain { get; private init; }

    public static KernelLine Parse(ReadOnlySpan<char> text)
    {
        if (IsPlain(text, out int length, out double time))
            return new(text[length..], time, 0, null, stamped: true, foreign: false) { Plain = true };
        var prefix = new TransportPrefix(text);
        ReadOnlySpan<char> message = prefix.Strip();
        return new(message, prefix.Time, prefix.Caller, prefix.Priority, prefix.Stamped, prefix.Foreign);
    }

    /// <summary><c>[   57.333334] word …</c>: nearly every line has exactly this form, which a few characters show.</summary>
    private static bool IsPlain(ReadOnlySpan<char> text, out int length, out double time)
    {
        const int Fraction = 6, MostDigits = 12;
        (length, time) = (0, 0);
        if (text.Length < 16 || text[0] != '[')
            return false;
        int at = 1;
        while (at < 12 && text[at] == ' ')
            at++;
        int digits = at;
        long value = 0;
        for (; at < text.Length && char.IsAsciiDigit(text[at]); at++)
            value = at - digits > MostDigits ? value : (value * 10) + text[at] - '0';
        if (at == digits || at - digits > MostDigits || at + Fraction + 2 >= text.Length || text[at] != '.')
            return false;
        for (int end = at + Fraction; at < end;)
        {
            if (!char.IsAsciiDigit(text[++at]))
                return false;
            value = (value * 10) + text[at] - '0';
        }
        if (text[at + 1] != ']' || text[at + 2] != ' ')
            return false;
        length = at + 3;
        ReadOnlySpan<char> message = text[length..];
        int word = message.IndexOfAnyExcept(' ');
        // Another stamp, a level, a note; or a host, and the kernel's tag behind it.
        if (word < 0 || message[word] is '[' or '<' or '*' or '(' or '\t' || message[word..].StartsWith("I[", StringComparison.Ordinal))
            return false;
        message = message[word..];
        int blank = message.IndexOf(' ');
        if (message.StartsWith("kernel:", StringComparison.Ordinal) ||
            (blank > 0 && message[blank..].StartsWith(" kernel:", StringComparison.Ordinal)))
            return false;
        time = value / 1e6;
        return true;
    }
}
