using System.Buffers;

namespace Kdump.Diagnosis.Text;

/// <summary>
/// A log that was pasted into a form without line ends: one line that holds one stamp after the other, <c>[   57.333334] </c> or
/// <c>Aug 08 03:49:55 </c>. Two stamps may stand in one line of a console; three are a log. Pages fold lines without times as well:
/// then each record begins with the device that it is of, <c>sd 6:0:0:0: </c>, <c>usb 4-1: </c>, <c>ata1.00: </c>.
/// </summary>
internal static class GluedRecords
{
    /// <summary>Shorter lines are not searched.</summary>
    public const int Shortest = 160;

    private const int Enough = 3;

    /// <summary>The form of records that begin with a device.</summary>
    private const char Device = 'd';

    private static readonly SearchValues<string> Devices = SearchValues.Create([" sd ", " sr ", " scsi ", " usb ", " ata", " hub "],
        StringComparison.Ordinal);

    private const string Months = "JanFebMarAprMayJunJulAugSepOctNovDec";

    /// <summary>Where the line's second record begins (its first, where something else stands before that); -1 for a line of one.</summary>
    /// <param name="form">How the records of this line begin: <c>:</c> by a date, <c>[</c> by seconds, <c>d</c> by a device; NUL where it
    /// is not known yet, and then it is found by counting.</param>
    public static int Next(ReadOnlySpan<char> text, ref char form)
    {
        // A logger's date, and the kernel's seconds behind it, are one stamp.
        if (form == '\0')
        {
            foreach (char known in ":[d")
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
            int step = text[at..].IndexOfAny(Devices);
            if (step < 0)
                return -1;
            at += step;
            if (IsHead(text[(at + 1)..]))
                return at + 1;
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
        for (int at = from; at < text.Length; at++)
        {
            int step = text[at..].IndexOf(form);
            if (step < 0)
                return -1;
            at += step;
            if (form == '[' && Seconds(text[at..]))
                return at;
            if (form == ':' && at - ClockAt >= from && Date(text[(at - ClockAt)..]) &&
                (at == ClockAt || text[at - ClockAt - 1] is ' ' or '`' or '"' or '\'' or '>'))
                return at - ClockAt;
        }
        return -1;
    }

    /// <summary>The first colon of <c>Aug 08 03:49:55 </c>.</summary>
    private const int ClockAt = 9;

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
