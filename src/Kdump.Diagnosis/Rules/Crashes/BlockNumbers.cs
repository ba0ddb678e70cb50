using System.Globalization;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>The number of a block device as the kernel prints it where it has no name: <c>unknown-block(8,3)</c>.</summary>
internal static class BlockNumbers
{
    /// <summary>Typed from a screen the hyphen is lost.</summary>
    private static readonly string[] Words = ["unknown-block", "unknown block"];

    /// <summary>Disks that have had the same numbers since Linux 2.0 (Documentation/admin-guide/devices.txt).</summary>
    private static readonly (int Major, string Name, int Partitions)[] Known =
        [(3, "hd", 64), (8, "sd", 16), (22, "hd", 64), (179, "mmcblk", 8)];

    /// <summary>0: none.</summary>
    public static int Major(string text) => Read(text)?.Major ?? 0;

    /// <summary><c>8:3 (sda3)</c>; null where the line has no number, or that of no device.</summary>
    public static string? Of(string text)
    {
        if (Read(text) is not (> 0 and var major, var minor))
            return null;
        string number = string.Create(CultureInfo.InvariantCulture, $"{major}:{minor}");
        if (Known.FirstOrDefault(k => k.Major == major) is not { Name: { } name } known)
            return number;
        int disk = minor / known.Partitions, part = minor % known.Partitions;
        if (disk > 1 || part == 0)
            return number;
        if (name == "mmcblk")
            return $"{number} (mmcblk{disk}p{part})";
        char letter = (char)((major == 22 ? 'c' : 'a') + disk);
        return $"{number} ({name}{letter}{part})";
    }

    private static (int Major, int Minor)? Read(string text)
    {
        int at = Words.Max(w => text.IndexOf(w, StringComparison.Ordinal));
        if (at < 0)
            return null;
        ReadOnlySpan<char> rest = text.AsSpan(at + Words[0].Length).TrimStart(' ');
        int comma = rest.IndexOf(','), end = rest.IndexOf(')');
        return rest.StartsWith("(", StringComparison.Ordinal) && comma > 0 && end > comma &&
            int.TryParse(rest[1..comma], NumberStyles.None, CultureInfo.InvariantCulture, out int major) &&
            int.TryParse(rest[(comma + 1)..end], NumberStyles.None, CultureInfo.InvariantCulture, out int minor) ? (major, minor) : null;
    }
}
