namespace Kdump.Diagnosis.Text;

/// <summary>What loggers and console servers put before a line: dates and clocks, hosts and tags.</summary>
internal ref partial struct TransportPrefix
{
    /// <summary><c>2026-11-21T02:11:35.123456+00:00 </c>, with T or a blank, before host and tag or before the message itself.</summary>
    private bool IsoDate(bool zone = false)
    {
        if (text.Length < 20 || text[4] != '-' || text[7] != '-' || text[10] is not ('T' or ' ') || text[13] != ':' || text[16] != ':' ||
            !AllDigits(text[..4]))
            return false;
        int end = text[11..].IndexOf(' ');
        if (end < 0 || text[19..(11 + end)].IndexOfAnyExcept("0123456789.,:+-Zz") >= 0)
            return false;
        // Only dmesg --time-format iso writes a comma, and no host follows there.
        bool dmesg = text[11..(11 + end)].Contains(',');
        text = text[(11 + end + 1)..];
        if (zone && text.IndexOf(' ') is > 2 and < 6 and var named)
            text = text[(named + 1)..];
        tagged = true;
        Stamped |= dmesg;
        if (!dmesg && !HostAndTag(onlyKernel: false))
            HostAndFields();
        return true;
    }

    /// <summary><c>02:11:35 </c>, <c>02:11:35.123 </c>: terminals and console servers that print no date.</summary>
    private bool Clock()
    {
        int length = ClockLength(text);
        if (length == 0 || length >= text.Length || text[length] is not (' ' or '\t'))
            return Year() || UnixTime();
        text = text[length..];
        return true;
    }

    private static int ClockLength(ReadOnlySpan<char> text)
    {
        if (text.Length < 8 || text[2] != ':' || text[5] != ':' || !AllDigits(text[..2]) || !AllDigits(text[3..5]) ||
            !AllDigits(text[6..8]))
            return 0;
        int end = 8;
        if (text.Length > 9 && text[8] is '.' or ',' or ':' && char.IsAsciiDigit(text[9]))
            end = 9;
        while (end > 8 && end < text.Length && char.IsAsciiDigit(text[end]))
            end++;
        return end;
    }

    /// <summary><c>2026 Nov 21 02:11:35 host kernel: </c></summary>
    private bool Year()
    {
        if (text.Length < 24 || text[4] != ' ' || !AllDigits(text[..4]))
            return false;
        ReadOnlySpan<char> all = text;
        text = text[5..];
        if (SyslogDate())
            return true;
        text = all;
        return false;
    }

    /// <summary>journalctl -o short-unix: <c>1763690000.123456 host kernel: </c></summary>
    private bool UnixTime()
    {
        int blank = text[..Math.Min(24, text.Length)].IndexOf(' ');
        if (blank < 12 || !IsTime(text[..blank], out _))
            return false;
        ReadOnlySpan<char> all = text;
        text = text[(blank + 1)..];
        if (HostAndKernel())
            return true;
        text = all;
        return false;
    }

    /// <summary>journalctl -o short-full: <c>Sat 2026-11-21 02:11:35 UTC host kernel: </c></summary>
    private bool JournalFull()
    {
        if (text.Length < 30 || text[3] != ' ' || text[8] != '-' || !char.IsAsciiLetterUpper(text[0]))
            return false;
        ReadOnlySpan<char> all = text;
        text = text[4..];
        if (IsoDate(zone: true))
            return true;
        text = all;
        return false;
    }

    /// <summary><c>host kernel: </c>, where a relay has cut off the time; <c>kernel:[   82.646346] </c>.</summary>
    private bool HostAndKernel()
    {
        if (text.StartsWith("kernel:[", StringComparison.Ordinal))
        {
            text = text["kernel:".Length..];
            return true;
        }
        int blank = text[..Math.Min(64, text.Length)].IndexOf(' ');
        return blank > 0 && (text[blank..].StartsWith(" kernel: ", StringComparison.Ordinal) ||
            text.StartsWith("kernel: ", StringComparison.Ordinal)) && HostAndTag(onlyKernel: true);
    }

    /// <summary><c>Nov 21 02:11:35 host kernel: </c></summary>
    private bool SyslogDate()
    {
        if (text.Length < 18 || text[3] != ' ' || text[6] != ' ' || text[9] != ':' || text[12] != ':' ||
            !char.IsAsciiLetterUpper(text[0]) || !char.IsAsciiDigit(text[5]))
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
        return HostAndKernel() || HostAndProgram();
    }

    /// <summary><c>host systemd[1]: </c> behind the kernel's own seconds: rdsosreport.txt, journalctl -o short-monotonic.</summary>
    private bool HostAndProgram()
    {
        ReadOnlySpan<char> start = text[..Math.Min(120, text.Length)];
        int colon = start.IndexOf("]: ", StringComparison.Ordinal), blank = start.IndexOf(' ');
        int open = colon < 0 ? -1 : start[..colon].LastIndexOf('[');
        if (blank <= 0 || open <= blank + 1 || !AllDigits(start[(open + 1)..colon]) || start[(blank + 1)..open].IndexOfAny(' ', ':') >= 0 ||
            start[..blank].IndexOfAnyExcept(HostLetters) >= 0)
            return false;
        Foreign = true;
        text = text[(colon + 3)..];
        return true;
    }

    private static readonly System.Buffers.SearchValues<char> HostLetters = System.Buffers.SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_<>");

    /// <summary><c>host kernel: </c>; another tag means that another program wrote the line.</summary>
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
        // "divide error: 0000 [#1]" behind a date without a host
        if (!onlyKernel && char.IsAsciiLetterOrDigit(text[0]) && tag.IndexOfAny(' ', '+') < 0 &&
            tag is not ("error" or "opcode" or "segment" or "fault" or "trap" or "check" or "exception"))
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
        if (text[..Math.Min(200, text.Length)].Split(fields, ' ') < 6 || text[fields[4]] is not "-" ||
            text[fields[0]].Contains(':'))
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
        if (facility is not ("kern" or "user" or "mail" or "daemon" or "auth" or "syslog" or "lpr" or "news" or "uucp" or "cron" or
            "authpr" or "ftp") &&
            !facility.StartsWith("local", StringComparison.Ordinal))
            return false;
        tagged = true;
        Priority = text[7..13].TrimEnd(' ') switch
        {
            "emerg" => 0, "alert" => 1, "crit" => 2, "err" => 3, "warn" => 4, "notice" => 5, "info" => 6, "debug" => 7, _ => null,
        };
        Foreign = facility is not "kern";
        Stamped |= !Foreign;
        text = text[15..];
        return true;
    }

    /// <summary>A login prompt of getty in front of a kernel message: <c>host login: [   30.0] …</c></summary>
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
}
