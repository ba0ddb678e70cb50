namespace Kdump.Diagnosis.MachineChecks.Mcelog;

/// <summary>ctime(3) in UTC, for all 64 bits: <c>Sat Dec  3 09:08:50 2016</c>.</summary>
internal static class CTime
{
    private static readonly string[] Days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    private static readonly string[] Months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

    /// <summary>Null for a time whose year does not fit into C's int.</summary>
    public static string? Of(ulong time)
    {
        long seconds = unchecked((long)time);
        long days = Math.DivRem(seconds, 86400, out long rest);
        if (rest < 0)
        {
            rest += 86400;
            days--;
        }
        // The proleptic Gregorian calendar in eras of 400 years, counted from 1 March of year 0.
        long z = days + 719468;
        long era = (z >= 0 ? z : z - 146096) / 146097;
        long dayOfEra = z - (era * 146097);
        long yearOfEra = (dayOfEra - (dayOfEra / 1460) + (dayOfEra / 36524) - (dayOfEra / 146096)) / 365;
        long dayOfYear = dayOfEra - ((365 * yearOfEra) + (yearOfEra / 4) - (yearOfEra / 100));
        long m = ((5 * dayOfYear) + 2) / 153;
        long day = dayOfYear - (((153 * m) + 2) / 5) + 1;
        long month = m < 10 ? m + 3 : m - 9;
        long year = yearOfEra + (era * 400) + (month <= 2 ? 1 : 0);
        if (year - 1900 is > int.MaxValue or < int.MinValue)
            return null;
        long weekday = ((days % 7) + 7) % 7;
        return $"{Days[weekday]} {Months[month - 1]} {day,2} {rest / 3600:00}:{rest / 60 % 60:00}:{rest % 60:00} {year}";
    }
}
