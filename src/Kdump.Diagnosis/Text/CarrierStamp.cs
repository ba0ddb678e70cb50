using System.Globalization;

namespace Kdump.Diagnosis.Text;

/// <summary>The time in a learnt prefix, in any order and language.</summary>
internal struct CarrierStamp
{
    /// <summary>Month names by their beginnings, in the languages that date(1) and dmesg(1) speak with Latin letters.</summary>
    private static readonly (string Begin, int Month)[] months =
    [
        ("ja", 1), ("jä", 1), ("gen", 1), ("ene", 1), ("led", 1), ("sty", 1), ("oca", 1), ("f", 2), ("ús", 2), ("lut", 2), ("şub", 2),
        ("mär", 3), ("mrz", 3), ("mar", 3), ("maa", 3), ("mrt", 3), ("bře", 3), ("ap", 4), ("av", 4), ("abr", 4), ("dub", 4), ("kwi", 4),
        ("nis", 4), ("mai", 5), ("may", 5), ("mag", 5), ("mei", 5), ("maj", 5), ("kvě", 5), ("jun", 6), ("juin", 6), ("giu", 6),
        ("cze", 6), ("haz", 6), ("jul", 7), ("juil", 7), ("lug", 7), ("lip", 7), ("tem", 7), ("aug", 8), ("ao", 8), ("ago", 8), ("sie", 8),
        ("srp", 8), ("ağu", 8), ("s", 9), ("eyl", 9), ("o", 10), ("ott", 10), ("out", 10), ("říj", 10), ("paź", 10), ("eki", 10), ("n", 11),
        ("lis", 11), ("kas", 11), ("d", 12), ("gru", 12), ("pro", 12), ("ara", 12), ("янв", 1), ("фев", 2), ("мар", 3), ("апр", 4),
        ("ма", 5), ("июн", 6), ("июл", 7), ("авг", 8), ("сен", 9), ("окт", 10), ("ноя", 11), ("дек", 12),
    ];

    /// <summary>The time of day and its day; in year 2000 where no year is written.</summary>
    public DateTime? Day { get; set; }

    public bool HasYear { get; set; }

    public bool Utc { get; set; }

    /// <summary>Seconds since the kernel started.</summary>
    public double? Seconds { get; set; }

    /// <summary>Seconds since the line before.</summary>
    public double? Delta { get; set; }

    public int? Priority { get; set; }

    /// <summary>Anything is known.</summary>
    public readonly bool Tells => Day is not null || Seconds is not null || Delta is not null || Priority is not null;

    /// <summary>This stamp, completed by the other where it has nothing.</summary>
    public readonly CarrierStamp Or(CarrierStamp other) => this with
    {
        Day = Day ?? other.Day,
        HasYear = Day is null ? other.HasYear : HasYear,
        Utc = Day is null ? other.Utc : Utc,
        Seconds = Seconds ?? other.Seconds,
        Priority = Priority ?? other.Priority,
    };

    public static CarrierStamp Of(ReadOnlySpan<char> prefix)
    {
        var stamp = new CarrierStamp();
        int year = 0, month = 0, day = 0, clock = -1;
        TimeSpan time = default;
        // The place of each number decides what it is: 2024-09-03, 03.09.2024, 3/9, "Sep  3", "9月  3", "3 sept.".
        for (int at = 0; at < prefix.Length;)
        {
            char c = prefix[at];
            int end = at + 1;
            if (char.IsAsciiDigit(c))
            {
                while (end < prefix.Length && char.IsAsciiDigit(prefix[end]))
                    end++;
                if (clock < 0 && end - at is 1 or 2 && TryClock(prefix[at..], out time, out int length))
                {
                    clock = at;
                    at += length;
                    stamp.Utc = ZoneAt(prefix[at..], out TimeSpan ahead);
                    time -= ahead;
                    continue;
                }
                Number(prefix, at, end, ref stamp, ref year, ref month, ref day);
                at = end;
                continue;
            }
            if (char.IsLetter(c))
            {
                while (end < prefix.Length && char.IsLetter(prefix[end]))
                    end++;
                // "mar. sept. 3": the day of the week may look like a month; the month follows it.
                if (clock < 0 && end - at is >= 3 and <= 9 && (end == prefix.Length || prefix[end] is not (':' or ']')) &&
                    MonthOf(prefix[at..end]) is > 0 and var named)
                    month = named;
            }
            at = end;
        }
        if (clock >= 0 && month > 0 && day > 0 && day <= DateTime.DaysInMonth(year == 0 ? 2000 : year, month))
        {
            stamp.HasYear = year > 0;
            stamp.Day = new DateTime(year == 0 ? 2000 : year, month, day).Add(time);
        }
        return stamp;
    }

    private static void Number(ReadOnlySpan<char> prefix, int at, int end, ref CarrierStamp stamp, ref int year, ref int month, ref int day)
    {
        char before = at > 0 ? prefix[at - 1] : '\0', after = end < prefix.Length ? prefix[end] : '\0';
        int fraction = end + 1;
        while (fraction < prefix.Length && char.IsAsciiDigit(prefix[fraction]))
            fraction++;
        // "+0.000844", in some languages with a comma; the kernel's seconds have six digits after the point, and no date beside
        // them.
        if (after is '.' or ',' && fraction - end is 7 or 10 && before is '[' or ' ' or '+' or '\0' && end - at < 12 &&
            double.TryParse($"{prefix[at..end]}.{prefix[(end + 1)..fraction]}", NumberStyles.AllowDecimalPoint,
                CultureInfo.InvariantCulture, out double seconds))
        {
            if (prefix[..at].TrimEnd(' ').EndsWith("+", StringComparison.Ordinal))
                stamp.Delta ??= seconds;
            else if (end - at < 10)
                stamp.Seconds ??= seconds;
            else if (stamp.Day is null)
                (stamp.Day, stamp.HasYear, stamp.Utc) = (DateTime.UnixEpoch.AddSeconds(seconds), true, true);
            return;
        }
        if (!int.TryParse(prefix[at..end], NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            return;
        if (end - at == 4)
            year = year == 0 && number is >= 1970 and < 2100 && before != ':' ? number : year;
        else if (end - at > 2 || before == ':' || (before == '.' && (day == 0 || month != 0)))
            return;
        else if (after is '月' or '월' && number is >= 1 and <= 12)
            month = number;
        else if (year > 0 && month == 0 && before is '-' or '/' or '.' && number is >= 1 and <= 12)
            month = number;
        else if (year == 0 && month == 0 && day > 0 && before is '.' or '/' && number is >= 1 and <= 12)
            month = number;
        else if (day == 0 && number is >= 1 and <= 31 && (month > 0 || after is '.' or '/' or ' ' or '-'))
            day = number;
    }

    /// <summary><c>05:57:48.123456</c>, and <c>04:01</c> of <c>dmesg -H</c>.</summary>
    private static bool TryClock(ReadOnlySpan<char> text, out TimeSpan time, out int length)
    {
        time = default;
        length = 0;
        if (text.Length < 5 || text[2] != ':' || !Two(text, 0, out int hour) || !Two(text, 3, out int minute) || hour > 23 || minute > 59)
            return false;
        length = 5;
        time = new TimeSpan(hour, minute, 0);
        if (text.Length < 8 || text[5] != ':' || !Two(text, 6, out int second) || second > 60)
            return text.Length == 5 || text[5] == ']';
        time += TimeSpan.FromSeconds(second);
        length = 8;
        double unit = TimeSpan.TicksPerSecond;
        long ticks = 0;
        if (text.Length > 9 && text[8] is '.' or ',')
        {
            for (length = 9; length < text.Length && char.IsAsciiDigit(text[length]); length++)
            {
                unit /= 10;
                ticks += (long)((text[length] - '0') * unit);
            }
        }
        time += TimeSpan.FromTicks(ticks);
        return true;
    }

    /// <summary><c>Z</c>, <c> UTC</c>, <c>+02:00</c>, <c> -0700</c> behind a clock.</summary>
    private static bool ZoneAt(ReadOnlySpan<char> text, out TimeSpan ahead)
    {
        ahead = default;
        text = text.TrimStart(' ');
        if (text.StartsWith("Z", StringComparison.Ordinal) || text.StartsWith("UTC", StringComparison.Ordinal))
            return true;
        if (text.Length < 3 || text[0] is not ('+' or '-') || !Two(text, 1, out int hours) || hours > 14)
            return false;
        int at = text.Length > 3 && text[3] == ':' ? 4 : 3;
        int minutes = text.Length >= at + 2 && Two(text, at, out int m) && m < 60 ? m : 0;
        ahead = new TimeSpan(hours, minutes, 0) * (text[0] == '-' ? -1 : 1);
        return true;
    }

    private static bool Two(ReadOnlySpan<char> text, int at, out int value)
    {
        value = char.IsAsciiDigit(text[at]) && char.IsAsciiDigit(text[at + 1]) ? ((text[at] - '0') * 10) + text[at + 1] - '0' : -1;
        return value >= 0;
    }

    /// <summary>The longest beginning that fits; one letter stands for months that no other month of these languages begins with.</summary>
    private static int MonthOf(ReadOnlySpan<char> word)
    {
        int month = 0, length = 0;
        foreach ((string begin, int number) in months)
        {
            if (begin.Length > length && word.StartsWith(begin, StringComparison.OrdinalIgnoreCase))
                (month, length) = (number, begin.Length);
        }
        return length == 1 ? Single(word, month) : month;
    }

    private static int Single(ReadOnlySpan<char> word, int month)
    {
        static bool Begins(ReadOnlySpan<char> w, string begin) => w.StartsWith(begin, StringComparison.OrdinalIgnoreCase);
        return month switch
        {
            2 when Begins(word, "fe") || Begins(word, "fé") => 2,
            9 when Begins(word, "se") => 9,
            10 when Begins(word, "ok") || Begins(word, "oc") => 10,
            11 when Begins(word, "no") => 11,
            12 when Begins(word, "de") || Begins(word, "dé") || Begins(word, "dic") => 12,
            _ => 0,
        };
    }
}
