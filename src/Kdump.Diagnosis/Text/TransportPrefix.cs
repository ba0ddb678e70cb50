using System.Globalization;

namespace Kdump.Diagnosis.Text;

/// <summary>
/// Removes the prefixes before a kernel message, layer by layer: printk's own stamps (kernel/printk/printk.c print_time, print_caller,
/// print_syslog), dmesg(1) in its forms, syslog (RFC 3164 and 5424), journalctl, /dev/kmsg (Documentation/ABI/testing/dev-kmsg).
/// </summary>
internal ref partial struct TransportPrefix(ReadOnlySpan<char> text)
{
    private ReadOnlySpan<char> text = text;

    /// <summary>Date, host and tag were removed already, so another one belongs to the message.</summary>
    private bool tagged;

    public double? Time { get; private set; }

    public int Caller { get; private set; }

    public int? Priority { get; private set; }

    public bool Stamped { get; private set; }

    public bool Foreign { get; private set; }

    public ReadOnlySpan<char> Strip()
    {
        for (;;)
        {
            ReadOnlySpan<char> before = text;
            text = text.TrimStart(" \t");
            if (text.IsEmpty)
                return text;
            bool stripped = text[0] switch
            {
                '<' => Level(),
                '[' => Bracket() || (!Stamped && (BeforeStamp() || BehindTag())),
                '>' => !tagged && (Quote() || BeforeStamp() || (!Stamped && BehindTag())),
                '*' => Dropped(),
                '(' => Time is not null && WhereItRan(),
                // Samsung's kernels mark a line of an interrupt.
                'I' when Time is not null && text.Length > 1 && text[1] == '[' && Interrupted() => true,
                _ when Time is not null => !tagged && JournalMonotonic(),
                >= '0' and <= '9' => HalfStamp() ||
                    (!tagged && (IsoDate() || KmsgRecord() || Clock() || BeforeStamp() || (!Stamped && BehindTag()))),
                _ => !tagged && (SyslogDate() || Facility() || Login() || JournalFull() || HostAndKernel() || BeforeStamp() ||
                    (!Stamped && BehindTag())),
            };
            if (!stripped)
                return Stamped ? before : text;
        }
    }

    /// <summary><c>&lt;4&gt;</c>; <c>&lt;4&gt;1 2026-…</c> is RFC 5424, whose version is always 1.</summary>
    private bool Level()
    {
        int close = text[..Math.Min(6, text.Length)].IndexOf('>');
        if (close < 2 || !AllDigits(text[1..close]))
            return false;
        Priority = LowBits(text[1..close]);
        text = text[(close + 1)..];
        // A facility other than the kernel's (0) means that a daemon wrote it, unless the line says that it is a record of the
        // kernel.
        Stamped = true;
        if (text.Length > 12 && text[0] == '1' && text[1] == ' ' && char.IsAsciiDigit(text[2]))
            text = text[2..];
        return true;
    }

    /// <summary>The priority is the three low bits of a number; the others are the facility.</summary>
    private static int LowBits(ReadOnlySpan<char> digits)
    {
        int low = 0;
        foreach (char digit in digits)
            low = ((low * 10) + digit - '0') & 7;
        return low;
    }

    private bool Bracket()
    {
        int close = text[..Math.Min(48, text.Length)].IndexOf(']');
        // A person removed the times: "[...]: ena 0000:00:05.0 ens5: words".
        bool taken = text.StartsWith("[...]: ", StringComparison.Ordinal);
        if (close < 2 || (!taken && !IsStamp(text[1..close])))
            return false;
        text = text[(close + (taken ? 2 : 1))..];
        if (text.Length > 0 && text[0] == ' ')
            text = text[1..];
        Stamped = true;
        return true;
    }

    private bool Interrupted()
    {
        ReadOnlySpan<char> before = text;
        text = text[1..];
        if (Bracket())
            return true;
        text = before;
        return false;
    }

    /// <summary><c>&gt; Nov 23 22:24:36 saturn kernel: words</c>: a line of a log that is quoted in a mail, amid its sentences.</summary>
    private bool Quote()
    {
        ReadOnlySpan<char> whole = text;
        text = text.TrimStart("> \t");
        if (!text.IsEmpty && (char.IsAsciiDigit(text[0]) ? IsoDate() : char.IsAsciiLetterUpper(text[0]) && SyslogDate()))
            return true;
        text = whole;
        return false;
    }

    /// <summary>The inside of a bracket: a time, a caller id (T12, C3), a clock time of <c>dmesg -T</c> or of a console server.</summary>
    private bool IsStamp(ReadOnlySpan<char> inside)
    {
        ReadOnlySpan<char> trimmed = inside.Trim(' ');
        if (trimmed.IsEmpty)
            return false;
        // dmesg -d: [   57.333334 <    0.000010>]
        if (trimmed[^1] == '>' && trimmed.IndexOf('<') is > 4 and var delta)
            trimmed = trimmed[..delta].TrimEnd(' ');
        if (trimmed.StartsWith("pid:", StringComparison.Ordinal))
            return IsTask(trimmed["pid:".Length..]);
        if (Time is not null && IsCpuAndTask(trimmed))
            return true;
        // Some vendors' kernels add a CPU (5.1@0), the firmware of powerpc a level (5.1,5).
        if (trimmed.IndexOfAny('@', ',') is > 4 and var more)
            trimmed = trimmed[..more];
        if (IsTime(trimmed, out double seconds))
        {
            if (Time is not null)
                return false;
            Time = seconds;
            return true;
        }
        if (trimmed.Length > 1 && trimmed[0] is 'T' or 'C' && AllDigits(trimmed[1..]))
        {
            if (Caller != 0 || !int.TryParse(trimmed[1..], NumberStyles.None, CultureInfo.InvariantCulture, out int id) ||
                id == int.MaxValue)
                return false;
            Caller = trimmed[0] == 'T' ? id + 1 : -id - 1;
            return true;
        }
        // dmesg -T: [Sat Nov 21 02:11:35 2026]; console servers: [2026-11-21 02:11:35] and its ISO variants, [02:11:35.123]
        return ClockLength(inside) == inside.Length ||
            (inside.Length == 24 && inside[13] == ':' && inside[16] == ':' && AllDigits(inside[20..])) ||
            // … with its two blanks before a day of one digit made one, as web pages do.
            (inside.Length == 23 && inside[12] == ':' && inside[15] == ':' && AllDigits(inside[19..])) ||
            (inside.Length >= 19 && inside[4] == '-' && inside[7] == '-' && inside[13] == ':' && inside[16] == ':' &&
                AllDigits(inside[..4]));
    }

    /// <summary><c>[pid:10974,cpu1,grep]</c> behind the stamp: HiSilicon's kernels and those that took it from them.</summary>
    private bool IsTask(ReadOnlySpan<char> inside)
    {
        int comma = inside.IndexOf(',');
        if (Time is null || Caller != 0 || comma < 1 || !inside[comma..].StartsWith(",cpu", StringComparison.Ordinal) ||
            !int.TryParse(inside[..comma], NumberStyles.None, CultureInfo.InvariantCulture, out int pid) || pid == int.MaxValue)
            return false;
        Caller = pid + 1;
        return true;
    }

    /// <summary><c>[6:      swapper/0:    1]</c> behind the stamp: CPU, task and its number, as Samsung's kernels print them.</summary>
    private bool IsCpuAndTask(ReadOnlySpan<char> inside)
    {
        int first = inside.IndexOf(':'), last = inside.LastIndexOf(':');
        if (Caller != 0 || first is < 1 or > 3 || last - first < 2 || !AllDigits(inside[..first]) || inside[first + 1] != ' ' ||
            !int.TryParse(inside[(last + 1)..].Trim(' '), NumberStyles.None, CultureInfo.InvariantCulture, out int pid) ||
            pid == int.MaxValue)
            return false;
        Caller = pid > 0 ? pid + 1 : -int.Parse(inside[..first], CultureInfo.InvariantCulture) - 1;
        return true;
    }

    private static ReadOnlySpan<double> PowersOfTen => [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

    /// <summary><c>57.333334</c>; parsed by hand, because nearly every line of a log comes here.</summary>
    private static bool IsTime(ReadOnlySpan<char> text, out double seconds)
    {
        seconds = 0;
        // Any 18 digits fit into a long.
        int dot = text.Length is < 5 or > 19 ? -1 : text.IndexOf('.');
        int fraction = text.Length - dot - 1;
        if (dot < 1 || fraction is < 3 or > 9)
            return false;
        long digits = 0;
        for (int i = 0; i < text.Length; i++)
        {
            int digit = text[i] - '0';
            if (i == dot)
                continue;
            if (digit is < 0 or > 9)
                return false;
            digits = (digits * 10) + digit;
        }
        seconds = digits / PowersOfTen[fraction];
        return true;
    }

    /// <summary>
    /// <c>11.662352] Oops</c>: a stamp whose first bracket was lost, behind a prompt, at the edge of what was copied, or in a logger that
    /// takes a bracket for its own.
    /// </summary>
    private bool HalfStamp()
    {
        const int Longest = 19, Fraction = 6;
        int close = Time is null ? text[..Math.Min(Longest + 2, text.Length)].IndexOf("] ", StringComparison.Ordinal) : -1;
        // Cut within the stamp: "490167] ".
        if (close is > 2 and <= Fraction && AllDigits(text[..close]))
        {
            Stamped = true;
            text = text[(close + 2)..];
            return true;
        }
        if (close < Fraction + 2 || text[close - Fraction - 1] != '.' || !IsTime(text[..close], out double seconds))
            return false;
        (Time, Stamped) = (seconds, true);
        text = text[(close + 2)..];
        return true;
    }

    /// <summary><c>** 3 printk messages dropped ** [   12.3] …</c>: the note may share a line with the next message.</summary>
    private bool Dropped()
    {
        const string Note = " printk messages dropped ** ";
        int at = text[..Math.Min(60, text.Length)].IndexOf(Note, StringComparison.Ordinal);
        if (!text.StartsWith("** ", StringComparison.Ordinal) || at < 0 || text.Length <= at + Note.Length)
            return false;
        text = text[(at + Note.Length)..];
        return true;
    }

    /// <summary>
    /// A prefix that a user or tool put before the kernel's own stamp: <c>1234:[   82.646346] </c>, <c>&gt; […</c>, <c>vm-1  |
    /// […</c>, <c>[SOL] […</c>.
    /// </summary>
    private bool BeforeStamp()
    {
        const int MaxNote = 40;
        ReadOnlySpan<char> head = text[..Math.Min(MaxNote, text.Length)];
        for (int open = head.IndexOf('['); open >= 0;)
        {
            if (open > 0 && IsOwnStamp(text[open..]))
            {
                // After a colon and a blank the text may be a message that another one interrupted; that does not hold for line
                // numbers.
                if (text[..open].IndexOf(": ", StringComparison.Ordinal) is >= 0 and var colon && !AllDigits(text[..colon]))
                    return false;
                text = text[open..];
                return Bracket();
            }
            int next = head[(open + 1)..].IndexOf('[');
            open = next < 0 ? -1 : open + 1 + next;
        }
        return false;
    }

    /// <summary>
    /// The kernel's tag and its own stamp behind whatever a logger put first: <c>Fri Feb 23 08:44:55 2024 kern.warn kernel: [  879.136625]
    /// </c>.
    /// </summary>
    private bool BehindTag()
    {
        const string Tag = "kernel: [", Facility = "kern.";
        const int MaxHead = 120;
        int at = text[..Math.Min(MaxHead, text.Length)].IndexOf(Tag, StringComparison.Ordinal);
        if (at < 0 || (at > 0 && text[at - 1] != ' ') || !IsOwnStamp(text[(at + Tag.Length - 1)..]))
            return false;
        int facility = text[..at].IndexOf(Facility, StringComparison.Ordinal);
        if (facility >= 0)
        {
            ReadOnlySpan<char> level = text[(facility + Facility.Length)..at];
            for (int i = 0; i < Levels.Length && Priority is null; i++)
                Priority = level.StartsWith(Levels[i], StringComparison.Ordinal) ? i : null;
        }
        text = text[(at + Tag.Length - 1)..];
        return Bracket();
    }

    private static readonly string[] Levels = ["emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"];

    /// <summary>As print_time() writes it: five columns of seconds at least, and six digits behind the point.</summary>
    private static bool IsOwnStamp(ReadOnlySpan<char> text)
    {
        int close = text[..Math.Min(24, text.Length)].IndexOf(']');
        return close > 12 && text[close - 7] == '.' && AllDigits(text[(close - 6)..close]) &&
            AllDigits(text[1..(close - 7)].TrimStart(' '));
    }

    /// <summary>MediaTek's kernels: <c>(0)[1234:kworker/0:1]</c> behind the stamp.</summary>
    private bool WhereItRan()
    {
        int close = text[..Math.Min(48, text.Length)].IndexOf(']');
        if (close < 6 || text[2] != ')' || text[3] != '[' || !char.IsAsciiDigit(text[1]) || !char.IsAsciiDigit(text[4]) || text[..close]
            .IndexOf(':') < 0)
            return false;
        text = text[(close + 1)..];
        return true;
    }

    /// <summary>
    /// /dev/kmsg: <c>6,1234,57333334,-;text</c>, with <c>caller=T12</c> among the fields and a release before them in netconsole.
    /// </summary>
    private bool KmsgRecord()
    {
        int semicolon = text[..Math.Min(96, text.Length)].IndexOf(';');
        if (semicolon < 6)
            return false;
        ReadOnlySpan<char> fields = text[..semicolon];
        Span<Range> parts = stackalloc Range[9];
        int n = fields.Split(parts, ',');
        int first = n > 4 && fields[parts[0]].Contains('.') ? 1 : 0;
        if (n < first + 4 || !AllDigits(fields[parts[first]]) || !AllDigits(fields[parts[first + 1]]) ||
            !AllDigits(fields[parts[first + 2]]))
            return false;
        if (double.TryParse(fields[parts[first + 2]], NumberStyles.None, CultureInfo.InvariantCulture, out double microseconds))
            Time = microseconds / 1e6;
        for (int i = first + 4; i < n; i++)
        {
            ReadOnlySpan<char> field = fields[parts[i]];
            if (field.StartsWith("caller=", StringComparison.Ordinal) && field.Length > 8 &&
                int.TryParse(field[8..], NumberStyles.None, CultureInfo.InvariantCulture, out int id) && id < int.MaxValue)
                Caller = field[7] == 'T' ? id + 1 : -id - 1;
        }
        Priority = LowBits(fields[parts[first]]);
        Stamped = true;
        text = text[(semicolon + 1)..];
        return true;
    }

    private static bool AllDigits(ReadOnlySpan<char> text) => !text.IsEmpty && text.IndexOfAnyExceptInRange('0', '9') < 0;
}
