namespace Kdump.Diagnosis.Text;

/// <summary>
/// A log that was pasted into a form without line ends: one line that holds one stamp after the other, <c>[   57.333334] </c> or
/// <c>Aug 08 03:49:55 </c>. Two stamps may stand in one line of a console; three are a log.
/// </summary>
internal static class GluedRecords
{
    /// <summary>Shorter lines are not searched.</summary>
    public const int Shortest = 160;

    private const int Enough = 3;

    private const string Months = "JanFebMarAprMayJunJulAugSepOctNovDec";

    /// <summary>Where the line's second record begins (its first, where something else stands before that); -1 for a line of one.</summary>
    /// <param name="form">How the records of this line begin: <c>:</c> by a date, <c>[</c> by seconds; NUL where it is not known yet, and
    /// then it is found by counting.</param>
    public static int Next(ReadOnlySpan<char> text, ref char form)
    {
        // A logger's date, and the kernel's seconds behind it, are one stamp.
        if (form == '\0')
        {
            if (Count(text, ':') >= Enough)
                form = ':';
            else
                form = Count(text, '[') >= Enough ? '[' : '\0';
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

    /// <summary>The next stamp from a place on.</summary>
    private static int Stamp(ReadOnlySpan<char> text, int from, char form)
    {
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
