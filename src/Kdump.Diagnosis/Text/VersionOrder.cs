using System.Globalization;

namespace Kdump.Diagnosis.Text;

/// <summary>Compares versions by their leading numbers, up to three of them: 1.7.2 is below 1.7.10; 6.1.0-50-amd64 is 6.1.0.</summary>
public static class VersionOrder
{
    public static bool IsBelow(string version, string other)
    {
        int[] a = Numbers(version), b = Numbers(other);
        for (int i = 0; i < b.Length; i++)
        {
            int n = i < a.Length ? a[i] : 0;
            if (n != b[i])
                return n < b[i];
        }
        return false;
    }

    private static int[] Numbers(string version)
    {
        int end = 0;
        while (end < version.Length && (char.IsAsciiDigit(version[end]) || version[end] == '.'))
            end++;
        return [.. version[..end].Split('.', StringSplitOptions.RemoveEmptyEntries).Take(3)
            .Select(n => int.TryParse(n, CultureInfo.InvariantCulture, out int value) ? value : 0)];
    }
}
