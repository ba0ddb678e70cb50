using System.Buffers;

namespace Kdump.Diagnosis.Text;

/// <summary>
/// A log that was pasted into a form without line ends: one line that holds one stamp after the other, <c>[   57.333334] </c> or
/// <c>Aug 08 03:49:55 </c>, <c>[Mon Jan 22 11:23:31 2018] </c>, <c>2024-05-01T10:00:00</c>. Two stamps may stand in one line of a console;
/// three are a log. Pages fold lines without times as well: then each record begins with a logger's tag (<c>vmhost kernel: </c>), with the
/// device that it is of (<c>sd 6:0:0:0: </c>, <c>ata1.00: </c>, <c>e1000e 0000:00:1f.6: </c>), or with words that only begin lines.
/// </summary>
internal static class GluedRecords
{
    /// <summary>Shorter lines are not searched.</summary>
    public const int Shortest = 160;

    private const int Enough = 3;

    /// <summary>A record with a tag and words; a line of nothing but tags is no log.</summary>
    private const int ShortestRecord = 24;

    /// <summary>The forms of records that begin with a device or a heading, with a logger's tag, with an ISO date.</summary>
    private const char Device = 'd', Tag = 'k', Iso = 'T';

    private const string KernelTag = " kernel: ", Function = " 0000:", Frame = " [<", Trace = "Call Trace:";

    /// <summary>What a record begins with that names no device.</summary>
    private static readonly string[] Headings =
    [
        " DMAR: ", " AMD-Vi: ", " NVRM: Xid ", " EDAC MC", " EEH: ", " BUG: ", " Oops: ", " Modules linked in:", " Hardware name: ",
        " RIP: 0", " EIP: ", " RSP: 0", " Call Trace:", " Call trace:", " Code: ", " Kernel panic - not", " INFO: task ", Frame,
        " IP: [<", " CPU: ", " Pid: ",
        " blk_update_request: ", " end_request: I/O", " Buffer I/O error on ", " EXT4-fs ", " XFS (", " BTRFS ", " JBD2: ",
    ];

    private static readonly SearchValues<string> Beginnings = SearchValues.Create([" sd ", " sr ", " scsi ", " usb ", " ata", " hub ",
        Function, .. Headings], StringComparison.Ordinal);

    private const string Months = "JanFebMarAprMayJunJulAugSepOctNovDec";

    /// <summary>Where the line's second record begins (its first, where something else stands before that); -1 for a line of one.</summary>
    /// <param name="form">How the records of this line begin: <c>:</c> by a date, <c>[</c> by seconds, <c>d</c> by a device; NUL where it
    /// is not known yet, and then it is found by counting.</param>
    public static int Next(ReadOnlySpan<char> text, ref char form)
    {
        // A logger's date, and the kernel's seconds behind it, are one stamp.
        if (form == '\0')
        {
            foreach (char known in ":[Tkd")
            {
                if (Count(text, known) < Enough)
                    continue;
                form = known;
                break;
            }
        }
        if (form == '\0')
            return -1;
        int at = Stamp(text, 0, form);
        return at == 0 ? Stamp(text, 1, form) : at;
    }

    private static int Count(ReadOnlySpan<char> text, char form)
    {
        int found = 0;
        for (int at = Stamp(text, 0, form); at >= 0 && found < Enough; at = Stamp(text, at + 1, form))
            found++;
        return found;
    }

    /// <summary>The next device that stands where a record begins: <c> sd 6:0:0:0: </c>.</summary>
    private static int Head(ReadOnlySpan<char> text, int from)
    {
        if (from == 0 && IsHead(text))
            return 0;
        for (int at = Math.Max(0, from - 1); at < text.Length; at++)
        {
            int step = text[at..].IndexOfAny(Beginnings);
            if (step < 0)
                return -1;
            at += step;
            if (IsHead(text[(at + 1)..]) || (IsHeading(text[at..]) && !IsPlace(text, at)))
                return at + 1;
            if (text[at..].StartsWith(Function, StringComparison.Ordinal) && DriverBefore(text, at) is > 0 and var word && word >= from)
                return word;
        }
        return -1;
    }

    private static bool IsHeading(ReadOnlySpan<char> text)
    {
        foreach (string heading in Headings)
        {
            if (text.StartsWith(heading, StringComparison.Ordinal))
                return true;
        }
        return false;
    }

    /// <summary>
    /// An address that belongs to what stands before it, <c>RIP: 0010:[&lt;…&gt;] [&lt;…&gt;]</c>, and is no frame of a stack.
    /// </summary>
    private static bool IsPlace(ReadOnlySpan<char> text, int at) => text[at..].StartsWith(Frame, StringComparison.Ordinal) &&
        !text[..at].EndsWith(Trace, StringComparison.Ordinal) && (at == 0 || text[at - 1] == ':' ||
        text[..at].EndsWith(">]", StringComparison.Ordinal));

    /// <summary>Where the driver begins whose PCI function stands here: <c> e1000e 0000:00:1f.6: </c>; -1 for none.</summary>
    private static int DriverBefore(ReadOnlySpan<char> text, int at)
    {
        const int Length = 13, LongestName = 20;
        ReadOnlySpan<char> function = text[(at + 1)..];
        if (function.Length <= Length || function[Length - 1] != ':' || function[7] != ':' || function[10] != '.' ||
            function[..(Length - 1)].IndexOfAnyExcept("0123456789abcdef:.") >= 0)
            return -1;
        int start = at;
        while (start > 0 && at - start < LongestName && (char.IsAsciiLetterOrDigit(text[start - 1]) || text[start - 1] is '_' or '-'))
            start--;
        return start < at && start > 0 && text[start - 1] == ' ' && !char.IsAsciiDigit(text[start]) ? start : -1;
    }

    /// <summary>Where the host begins whose tag is the next: <c>vmhost kernel: </c>.</summary>
    private static int Tagged(ReadOnlySpan<char> text, int from)
    {
        for (int at = from; at < text.Length; at++)
        {
            int step = text[at..].IndexOf(KernelTag, StringComparison.Ordinal);
            if (step < 0)
                return -1;
            at += step;
            int host = text[..at].LastIndexOf(' ') + 1;
            if (host >= (from == 0 ? 0 : from + ShortestRecord) && at - host is > 0 and < 64)
                return host;
        }
        return -1;
    }

    /// <summary><c>sd 6:0:0:0: </c>, <c>usb 4-1.2: </c>, <c>hub 1-0:1.0: </c>, <c>ata1: </c>, <c>ata1.00: </c></summary>
    private static bool IsHead(ReadOnlySpan<char> text)
    {
        const int MaxHead = 24;
        ReadOnlySpan<char> head = text[..Math.Min(text.Length, MaxHead)];
        int end = head.IndexOf(": ", StringComparison.Ordinal);
        if (end < 0)
            return false;
        head = head[..end];
        if (head.StartsWith("ata", StringComparison.Ordinal))
            return head.Length > 3 && head[3..].IndexOfAnyExcept("0123456789.") < 0;
        int blank = head.IndexOf(' ');
        return blank is > 1 and < 5 && head.Length > blank + 2 && head[(blank + 1)..].IndexOfAnyExcept("0123456789:-.") < 0 &&
            head[..blank] is "sd" or "sr" or "scsi" or "usb" or "hub";
    }

    /// <summary>The next stamp from a place on.</summary>
    private static int Stamp(ReadOnlySpan<char> text, int from, char form)
    {
        if (form == Device)
            return Head(text, from);
        if (form == Tag)
            return Tagged(text, from);
        for (int at = from; at < text.Length; at++)
        {
            int step = text[at..].IndexOf(form);
            if (step < 0)
                return -1;
            at += step;
            if ((form == '[' && (Seconds(text[at..]) || Clock(text[at..]))) || (form == Iso && at - IsoDate >= from &&
                IsIso(text[(at - IsoDate)..])))
                return form == Iso ? at - IsoDate : at;
            if (form == ':' && at - ClockAt >= from && Date(text[(at - ClockAt)..]) &&
                (at == ClockAt || text[at - ClockAt - 1] is ' ' or '`' or '"' or '\'' or '>') &&
                !(at >= ClockAt + 5 && Clock(text[(at - ClockAt - 5)..])))
                return at - ClockAt;
        }
        return -1;
    }

    /// <summary>The first colon of <c>Aug 08 03:49:55 </c>.</summary>
    private const int ClockAt = 9;

    /// <summary>The <c>T</c> of <c>2024-05-01T10:00:00</c>.</summary>
    private const int IsoDate = 10;

    private static bool IsIso(ReadOnlySpan<char> text) => text.Length > IsoDate + 9 && text[4] == '-' && text[7] == '-' &&
        text[13] == ':' && text[16] == ':' && char.IsAsciiDigit(text[0]) && char.IsAsciiDigit(text[3]) && char.IsAsciiDigit(text[9]) &&
        char.IsAsciiDigit(text[11]) && char.IsAsciiDigit(text[18]);

    /// <summary><c>[Mon Jan 22 11:23:31 2018]</c> of dmesg -T.</summary>
    private static bool Clock(ReadOnlySpan<char> text) => text.Length > 26 && text[25] == ']' && text[14] == ':' && text[17] == ':' &&
        text[4] == ' ' && text[8] == ' ' && text[11] == ' ' && text[20] == ' ' && char.IsAsciiDigit(text[12]) &&
        char.IsAsciiDigit(text[21]) && char.IsAsciiDigit(text[24]);

    private static bool Seconds(ReadOnlySpan<char> text)
    {
        int dot = text.IndexOf('.'), close = text.IndexOf(']');
        return dot is > 1 and < 14 && close == dot + 7 && text[1..dot].TrimStart(' ') is { IsEmpty: false } whole &&
            whole.IndexOfAnyExceptInRange('0', '9') < 0 && text[(dot + 1)..close].IndexOfAnyExceptInRange('0', '9') < 0;
    }

    private static bool Date(ReadOnlySpan<char> text) => text.Length > ClockAt + 7 && Months.AsSpan().IndexOf(text[..3]) is var month and
        >= 0 &&
        month % 3 == 0 && text[3] == ' ' && (text[4] == ' ' || char.IsAsciiDigit(text[4])) && char.IsAsciiDigit(text[5]) && text[6] ==
            ' ' &&
        char.IsAsciiDigit(text[7]) && char.IsAsciiDigit(text[8]) && char.IsAsciiDigit(text[10]) && char.IsAsciiDigit(text[11]) &&
        text[12] == ':' && char.IsAsciiDigit(text[13]) && char.IsAsciiDigit(text[14]) && text[15] == ' ';
}
