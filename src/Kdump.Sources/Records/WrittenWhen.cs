using System.Globalization;
using System.Text.RegularExpressions;

namespace Kdump.Sources.Records;

/// <summary>The time that tools write into the names of dump folders.</summary>
public static partial class WrittenWhen
{
    /// <summary>
    /// kdump-utils: <c>127.0.0.1-2026-11-28-14:03:17</c>; kdump-tools: <c>202611281403</c>; SUSE: <c>2026-11-28-14:03</c>; the last in
    /// the path. Seconds since 1970, as if it were UTC; null where there is none.
    /// </summary>
    public static long? In(string path)
    {
        foreach (Match m in Stamp().Matches(path).Reverse())
        {
            string digits = string.Concat(Enumerable.Range(1, 6).Select(g => m.Groups[g].Success ? m.Groups[g].Value : "00"));
            if (DateTime.TryParseExact(digits, "yyyyMMddHHmmss", CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTime time))
                return new DateTimeOffset(time).ToUnixTimeSeconds();
        }
        return null;
    }

    [GeneratedRegex(@"(?<!\d)(20\d\d)-?([01]\d)-?([0-3]\d)[-T_]?([0-2]\d)[:.-]?([0-5]\d)(?:[:.-]?([0-5]\d))?(?!\d)",
        RegexOptions.RightToLeft)]
    private static partial Regex Stamp();
}
