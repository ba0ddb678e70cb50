using System.Globalization;

namespace Kdump.Diagnosis.Times;

/// <summary>A time of day as a logger wrote it before a line.</summary>
/// <param name="Seconds">Since 1970, on the logger's clock; in <see cref="NoYear"/> where no year is written.</param>
/// <param name="Utc">The line says how far from UTC it is; otherwise it is local time in an unknown zone.</param>
/// <param name="HasYear">RFC 3164 writes none.</param>
internal readonly record struct WallTime(double Seconds, bool Utc, bool HasYear)
{
    /// <summary>The year used where none is written: it has a 29th of February.</summary>
    public const int NoYear = 2000;

    /// <summary>In seconds, with the year that is nearest to another time where none is written.</summary>
    public double InYearOf(double utc)
    {
        if (HasYear)
            return Seconds;
        DateTime noYear = DateTime.UnixEpoch.AddSeconds(Seconds);
        int year = DateTime.UnixEpoch.AddSeconds(utc).Year;
        double best = double.MaxValue;
        for (int y = year - 1; y <= year + 1; y++)
        {
            double there = Seconds + (new DateTime(y, noYear.Month, 1) - new DateTime(NoYear, noYear.Month, 1)).TotalSeconds;
            if (Math.Abs(there - utc) < Math.Abs(best - utc))
                best = there;
        }
        return best;
    }

    /// <summary>
    /// Reads the beginning of a line: syslog (RFC 3164, 5424), journalctl, dmesg -T and --time-format iso, console servers.
    /// </summary>
    public static WallTime? Of(string line)
    {
        ReadOnlySpan<char> text = line.AsSpan().TrimStart(" \t");
        if (text.StartsWith("<", StringComparison.Ordinal) && text.IndexOf('>') is > 1 and < 6 and var level)
            text = text[(level + 1)..];
        if (text.StartsWith("1 ", StringComparison.Ordinal))
            text = text[2..];
        if (text.StartsWith("[", StringComparison.Ordinal) && text.IndexOf(']') is > 18 and < 48 and var close)
            text = text[1..close];
        return Iso(text) ?? Weekday(text) ?? Syslog(text) ?? Unix(text);
    }

    private static WallTime? Iso(ReadOnlySpan<char> text)
    {
        if (text.Length < 19 || text[4] != '-' || text[7] != '-' || text[10] is not ('T' or ' ') || text[13] != ':' || text[16] != ':')
            return null;
        int end = 19;
        while (end < text.Length && (char.IsAsciiDigit(text[end]) || text[end] is '.' or ',' or '+' or '-' or ':' or 'Z'))
            end++;
        string stamp = text[..end].ToString().Replace(',', '.').TrimEnd(':');
        bool utc = stamp.AsSpan(19).IndexOfAny("Z+-") >= 0 || text[end..].StartsWith(" UTC", StringComparison.Ordinal);
        return DateTimeOffset.TryParse(stamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            ? new(Seconds1970(time), utc, HasYear: true) : null;
    }

    /// <summary><c>Sat Nov 21 02:11:35 2026</c>, <c>Sat 2026-11-21 02:11:35 UTC</c></summary>
    private static WallTime? Weekday(ReadOnlySpan<char> text)
    {
        if (text.Length < 23 || text[3] != ' ' || !char.IsAsciiLetterUpper(text[0]))
            return null;
        return Iso(text[4..]) ?? Exact(text[..Math.Min(24, text.Length)].ToString(), "ddd MMM d HH:mm:ss yyyy", hasYear: true);
    }

    /// <summary><c>Nov 21 02:11:35</c>, perhaps behind a year or with a fraction.</summary>
    private static WallTime? Syslog(ReadOnlySpan<char> text)
    {
        if (text.Length > 20 && text[4] == ' ' && char.IsAsciiDigit(text[0]))
            return Exact(text[..20].ToString(), "yyyy MMM d HH:mm:ss", hasYear: true);
        if (text.Length < 16 || text[3] != ' ' || text[9] != ':' ||
            Exact($"{NoYear} {text[..15]}", "yyyy MMM d HH:mm:ss", hasYear: false) is not { } whole)
            return null;
        int end = 16;
        while (text[15] == '.' && end < text.Length && char.IsAsciiDigit(text[end]))
            end++;
        return end > 16 && double.TryParse(text[15..end], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double fraction)
            ? whole with { Seconds = whole.Seconds + fraction } : whole;
    }

    /// <summary>journalctl -o short-unix: <c>1763690000.123456 host kernel: </c></summary>
    private static WallTime? Unix(ReadOnlySpan<char> text)
    {
        int blank = text.IndexOf(' ');
        return blank is > 14 and < 24 &&
            double.TryParse(text[..blank], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds) &&
            ClockAnchor.Plausible(seconds)
            ? new(seconds, Utc: true, HasYear: true) : null;
    }

    private static WallTime? Exact(string text, string form, bool hasYear) =>
        DateTimeOffset.TryParseExact(text, form, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowInnerWhite, out DateTimeOffset time)
            ? new(Seconds1970(time), Utc: false, hasYear) : null;

    private static double Seconds1970(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).TotalSeconds;
}
