using System.Globalization;

namespace Kdump.Diagnosis.Model;

/// <summary>Seconds since 1970 as people read them. An input may hold any number: what is no date of four digits stays a number.</summary>
public static class UtcTime
{
    /// <summary>From the year 1 to the year 9999.</summary>
    private const long First = -62_135_596_800, Last = 253_402_300_799;

    public static string Day(long seconds) => Written(seconds, "yyyy-MM-dd");

    /// <summary>With "UTC" behind it; 0 is a time that nothing tells.</summary>
    public static string Minute(long seconds) => seconds == 0 ? "unknown time" : Written(seconds, "yyyy-MM-dd HH:mm 'UTC'");

    public static string Second(long seconds) => Written(seconds, "yyyy-MM-dd HH:mm:ss 'UTC'");

    private static string Written(long seconds, string form) => seconds is >= First and <= Last
        ? DateTime.UnixEpoch.AddSeconds(seconds).ToString(form, CultureInfo.InvariantCulture)
        : $"{seconds} s after 1970";
}
