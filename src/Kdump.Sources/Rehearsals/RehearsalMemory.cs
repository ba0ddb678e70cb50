using System.Globalization;

namespace Kdump.Sources.Rehearsals;

/// <summary>The crash kernel's memory as the observer reported it: the least that was ever available.</summary>
/// <param name="TotalBytes">MemTotal: the reservation without the kernel.</param>
/// <param name="LeastBytes">The least MemAvailable that was seen.</param>
public sealed record RehearsalMemory(long TotalBytes, long LeastBytes)
{
    private const int MaxText = 64 << 20;

    /// <summary>Bytes in use at the peak, of the reservation: memory that could not have been reclaimed for another program.</summary>
    public long PeakBytes(long reserved) => reserved - LeastBytes;

    /// <summary>Null if the observer reported nothing: lockdown forbids it, or /init never started.</summary>
    public static RehearsalMemory? Read(string path)
    {
        if (!File.Exists(path) || new FileInfo(path).Length is 0 or > MaxText)
            return null;
        long total = 0, least = long.MaxValue;
        foreach (string line in File.ReadLines(path))
        {
            if (Value(line, "MemTotal:") is { } all)
                total = all;
            else if (Value(line, "MemAvailable:") is { } left)
                least = Math.Min(least, left);
        }
        return total > 0 && least < total ? new(total, least) : null;
    }

    /// <summary><c>MemAvailable:  190460 kB</c>; a line that was cut has no unit.</summary>
    private static long? Value(string line, string name) =>
        line.StartsWith(name, StringComparison.Ordinal) && line.EndsWith(" kB", StringComparison.Ordinal) &&
        long.TryParse(line.AsSpan(name.Length, line.Length - name.Length - 3).Trim(), CultureInfo.InvariantCulture, out long kb) &&
        kb is > 0 and < 1L << 40 ? kb * 1024 : null;
}
