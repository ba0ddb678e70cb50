using System.Globalization;
using System.Text.RegularExpressions;

namespace Kdump.Sources.Records;

/// <summary>The time that tools write into the names of dump folders, and kernels into those of pstore's records.</summary>
public static partial class WrittenWhen
{
    /// <summary>Seconds since 1970 that a record may have been written at.</summary>
    private const long Earliest = 1_000_000_000, Latest = 4_000_000_000;

    /// <summary>
    /// The name of a record of pstore, else that of a dump folder. kdump-utils: <c>127.0.0.1-2026-11-28-14:03:17</c>; kdump-tools:
    /// <c>202611281403</c>; SUSE: <c>2026-11-28-14:03</c>; the last in the path. Seconds since 1970, as if it were UTC; null where there is
    /// none.
    /// </summary>
    public static long? In(string path)
    {
        if (OfRecord(path) is long record)
            return record;
        foreach (Match m in Stamp().Matches(path).Reverse())
        {
            string digits = string.Concat(Enumerable.Range(1, 6).Select(g => m.Groups[g].Success ? m.Groups[g].Value : "00"));
            if (DateTime.TryParseExact(digits, "yyyyMMddHHmmss", CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTime time))
                return new DateTimeOffset(time).ToUnixTimeSeconds();
        }
        return null;
    }

    /// <summary>
    /// <c>dmesg-efi-165340000001001</c> (drivers/firmware/efi/efi-pstore.c: seconds, two digits of the part, three of the count);
    /// <c>dmesg-erst-7101298925240549377</c> (drivers/firmware/efi/cper.c, cper_next_record_id(): seconds in the upper half, of the first
    /// record of that boot); <c>pstore/1653400000/dmesg.txt</c> (systemd-pstore).
    /// </summary>
    private static long? OfRecord(string path)
    {
        string name = Path.GetFileName(path);
        if (Record().Match(name) is { Success: true } m &&
            ulong.TryParse(m.Groups[2].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out ulong id))
        {
            const ulong after2038 = 1UL << 63;
            ulong upper = id < after2038 ? id >> 32 : (id - after2038) >> 24;
            ulong seconds = m.Groups[1].ValueSpan is "erst" ? upper : id / 100_000;
            return seconds is >= Earliest and <= Latest ? (long)seconds : null;
        }
        return name.StartsWith("dmesg", StringComparison.Ordinal) && Folder().Matches(path) is { Count: > 0 } folders &&
            long.Parse(folders[^1].ValueSpan, CultureInfo.InvariantCulture) is >= Earliest and <= Latest and var time ? time : null;
    }

    [GeneratedRegex("^dmesg-(efi|efi_pstore|erst)-(\\d{13,20})(?!\\d)")]
    private static partial Regex Record();

    [GeneratedRegex("(?<=/)\\d{10}(?=/)")]
    private static partial Regex Folder();

    [GeneratedRegex(@"(?<!\d)(20\d\d)-?([01]\d)-?([0-3]\d)[-T_]?([0-2]\d)[:.-]?([0-5]\d)(?:[:.-]?([0-5]\d))?(?!\d)",
        RegexOptions.RightToLeft)]
    private static partial Regex Stamp();
}
