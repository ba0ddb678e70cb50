using System.Globalization;

namespace Kdump.Diagnosis.Evidence;

/// <summary>
/// Takes off what stands before a kernel message, layer by layer: printk's own stamps (kernel/printk/printk.c print_time, print_caller,
/// print_syslog), dmesg(1) in its forms, syslog (RFC 3164 and 5424), journalctl, /dev/kmsg (Documentation/ABI/testing/dev-kmsg).
/// </summary>
internal ref struct TransportPrefix(ReadOnlySpan<char> text)
{
    private ReadOnlySpan<char> text = text;

    /// <summary>Date, host and tag are behind us: what looks like another of them is the message.</summary>
    private bool tagged;

    public double? Time { get; private set; }

    public int Caller { get; private set; }

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
                '[' => Bracket(),
                '*' => Dropped(),
                _ when Time is not null => !tagged && JournalMonotonic(),
                >= '0' and <= '9' => !tagged && (IsoDate() || KmsgRecord()),
                _ => !tagged && (SyslogDate() || Facility() || Login()),
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
        text = text[(close + 1)..];
        // A facility other than the kernel's (0): a daemon wrote it, unless it says itself that it is a record of the kernel.
        Stamped = true;
        if (text.Length > 12 && text[0] == '1' && text[1] == ' ' && char.IsAsciiDigit(text[2]))
            text = text[2..];
        return true;
    }

    private bool Bracket()
    {
        int close = text[..Math.Min(48, text.Length)].IndexOf(']');
        if (close < 2 || !IsStamp(text[1..close]))
            return false;
        text = text[(close + 1)..];
        if (text.Length > 0 && text[0] == ' ')
            text = text[1..];
        Stamped = true;
        return true;
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
        if (IsTime(trimmed, out double seconds))
        {
            if (Time is not null)
                return false;
            Time = seconds;
            return true;
        }
        if (trimmed.Length > 1 && trimmed[0] is 'T' or 'C' && AllDigits(trimmed[1..]))
        {
            if (Caller != 0 || !int.TryParse(trimmed[1..], NumberStyles.None, CultureInfo.InvariantCulture, out int id) || id == int.MaxValue)
                return false;
            Caller = trimmed[0] == 'T' ? id + 1 : -id - 1;
            return true;
        }
        // dmesg -T: [Sat Nov 21 02:11:35 2026]; console servers: [2026-11-21 02:11:35] and its ISO sisters
        return (inside.Length == 24 && inside[13] == ':' && inside[16] == ':' && AllDigits(inside[20..])) ||
            (inside.Length >= 19 && inside[4] == '-' && inside[7] == '-' && inside[13] == ':' && inside[16] == ':' && AllDigits(inside[..4]));
    }

    private static ReadOnlySpan<double> PowersOfTen => [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

    /// <summary><c>57.333334</c>; by hand, because nearly every line of a log comes here.</summary>
    private static bool IsTime(ReadOnlySpan<char> text, out double seconds)
    {
        seconds = 0;
        // 18 digits fit into a long whatever they are.
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

    /// <summary><c>2026-11-21T02:11:35.123456+00:00 </c>, with T or a blank, before host and tag or before the message itself.</summary>
    private bool IsoDate()
    {
        if (text.Length < 20 || text[4] != '-' || text[7] != '-' || text[10] is not ('T' or ' ') || text[13] != ':' || text[16] != ':' || !AllDigits(text[..4]))
            return false;
        int end = text[11..].IndexOf(' ');
        if (end < 0)
            return false;
        // dmesg --time-format iso is the one that writes a comma, and has no host behind it.
        bool dmesg = text[11..(11 + end)].Contains(',');
        text = text[(11 + end + 1)..];
        tagged = true;
        Stamped |= dmesg;
        if (!dmesg && !HostAndTag(onlyKernel: false))
            HostAndFields();
        return true;
    }

    /// <summary>/dev/kmsg: <c>6,1234,57333334,-;text</c>, with <c>caller=T12</c> among the fields and a release before them in netconsole.</summary>
    private bool KmsgRecord()
    {
        int semicolon = text[..Math.Min(96, text.Length)].IndexOf(';');
        if (semicolon < 6)
            return false;
        ReadOnlySpan<char> fields = text[..semicolon];
        Span<Range> parts = stackalloc Range[9];
        int n = fields.Split(parts, ',');
        int first = n > 4 && fields[parts[0]].Contains('.') ? 1 : 0;
        if (n < first + 4 || !AllDigits(fields[parts[first]]) || !AllDigits(fields[parts[first + 1]]) || !AllDigits(fields[parts[first + 2]]))
            return false;
        if (double.TryParse(fields[parts[first + 2]], NumberStyles.None, CultureInfo.InvariantCulture, out double microseconds))
            Time = microseconds / 1e6;
        for (int i = first + 4; i < n; i++)
        {
            ReadOnlySpan<char> field = fields[parts[i]];
            if (field.StartsWith("caller=", StringComparison.Ordinal) && field.Length > 8 && int.TryParse(field[8..], NumberStyles.None, CultureInfo.InvariantCulture, out int id) && id < int.MaxValue)
                Caller = field[7] == 'T' ? id + 1 : -id - 1;
        }
        Stamped = true;
        text = text[(semicolon + 1)..];
        return true;
    }

    /// <summary><c>Nov 21 02:11:35 host kernel: </c></summary>
    private bool SyslogDate()
    {
        if (text.Length < 18 || text[3] != ' ' || text[6] != ' ' || text[9] != ':' || text[12] != ':' || !char.IsAsciiLetterUpper(text[0]) || !char.IsAsciiDigit(text[5]))
            return false;
        int end = text[14..].IndexOf(' ');
        if (end is < 0 or > 14)
            return false;
        text = text[(14 + end + 1)..];
        tagged = true;
        HostAndTag(onlyKernel: false);
        return true;
    }

    /// <summary>journalctl -o short-monotonic puts host and tag behind the time.</summary>
    private bool JournalMonotonic()
    {
        tagged = true;
        int host = text[..Math.Min(80, text.Length)].IndexOf(' ');
        return host > 0 && text[host..].StartsWith(" kernel: ", StringComparison.Ordinal) && HostAndTag(onlyKernel: true);
    }

    /// <summary><c>host kernel: </c>; another tag makes the line somebody else's.</summary>
    private bool HostAndTag(bool onlyKernel)
    {
        int colon = text[..Math.Min(120, text.Length)].IndexOf(": ", StringComparison.Ordinal);
        int blank = text.IndexOf(' ');
        // Some relays leave the host out: "kernel: text".
        if (text.StartsWith("kernel: ", StringComparison.Ordinal))
            blank = -1;
        else if (colon < 0 || blank < 0 || blank > colon)
            return false;
        ReadOnlySpan<char> tag = text[(blank + 1)..colon];
        if (tag.SequenceEqual("kernel") || (tag.StartsWith("kernel[", StringComparison.Ordinal) && tag[^1] == ']'))
        {
            text = text[(colon + 2)..];
            Stamped = true;
            return true;
        }
        if (!onlyKernel && tag.IndexOfAny(' ', '+') < 0)
        {
            Foreign = true;
            text = text[(colon + 2)..];
            return true;
        }
        return false;
    }

    /// <summary>The rest of an RFC 5424 header: <c>host app procid msgid - text</c>.</summary>
    private void HostAndFields()
    {
        Span<Range> fields = stackalloc Range[6];
        if (text[..Math.Min(200, text.Length)].Split(fields, ' ') < 6 || text[fields[4]] is not "-")
            return;
        Foreign = text[fields[1]] is not "kernel";
        Stamped |= !Foreign;
        text = text[fields[5].Start..];
    }

    /// <summary><c>kern  :err   : </c> of dmesg -x.</summary>
    private bool Facility()
    {
        if (text.Length < 15 || text[6] != ':' || text[13..15] is not ": ")
            return false;
        ReadOnlySpan<char> facility = text[..6].TrimEnd(' ');
        if (facility is not ("kern" or "user" or "mail" or "daemon" or "auth" or "syslog" or "lpr" or "news" or "uucp" or "cron" or "authpr" or "ftp") &&
            !facility.StartsWith("local", StringComparison.Ordinal))
            return false;
        tagged = true;
        Foreign = facility is not "kern";
        Stamped |= !Foreign;
        text = text[15..];
        return true;
    }

    /// <summary>A getty prompt that the kernel printed behind: <c>host login: [   30.0] …</c></summary>
    private bool Login()
    {
        int prompt = text.IndexOf("login: [", StringComparison.Ordinal);
        if (prompt is < 0 or > 400)
            return false;
        ReadOnlySpan<char> all = text;
        text = text[(prompt + "login: ".Length)..];
        if (Bracket())
            return true;
        text = all;
        return false;
    }

    private static bool AllDigits(ReadOnlySpan<char> text) => !text.IsEmpty && text.IndexOfAnyExceptInRange('0', '9') < 0;
}
