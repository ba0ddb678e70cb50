using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Text;

namespace Kdump.Fleet.Clusters;

/// <summary>
/// Finds crashes that may be alike without comparing all with all: the functions of a stack, and pairs of them, are a set; of two sets the
/// least value of a random order is the same with the chance of what they share (Broder, 1997). Bands of two such values are the keys.
/// </summary>
internal static class MinHash
{
    /// <summary>Two crashes that share a third of their set meet in one of these bands with a chance of 94 %.</summary>
    private const int Bands = 24, Rows = 2;

    private const int Depth = 10;

    /// <summary>Keys; two similar crashes very probably share at least one.</summary>
    public static IEnumerable<ulong> KeysOf(CrashShape shape)
    {
        // Equal titles are enough to compare two crashes, whatever their stacks.
        foreach (string title in shape.AltTitles.Append(shape.Title).Append(shape.Class).Distinct(StringComparer.Ordinal))
            yield return StableHash.Of("title " + title);
        ulong[] set = [.. SetOf(shape).Distinct()];
        if (set.Length == 0)
            yield break;
        for (ulong band = 0; band < Bands; band++)
        {
            ulong key = band;
            for (ulong row = 0; row < Rows; row++)
            {
                ulong least = ulong.MaxValue, seed = Mixed((band * Rows) + row + 1);
                foreach (ulong item in set)
                    least = Math.Min(least, Mixed(item ^ seed));
                key = Mixed(key ^ least);
            }
            yield return key;
        }
    }

    private static IEnumerable<ulong> SetOf(CrashShape shape)
    {
        string? last = null;
        foreach (string name in shape.Stack.Take(Depth).Select(FunctionNames.Stem))
        {
            yield return StableHash.Of(name);
            if (last is not null)
                yield return StableHash.Of(last + "<" + name);
            last = name;
        }
    }

    /// <summary>The finaliser of splitmix64: a random order of 64-bit numbers.</summary>
    private static ulong Mixed(ulong x)
    {
        unchecked
        {
            x += 0x9e3779b97f4a7c15;
            x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
            x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
            return x ^ (x >> 31);
        }
    }
}
