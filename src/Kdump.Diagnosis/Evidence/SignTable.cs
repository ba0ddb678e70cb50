using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kdump.Diagnosis.Evidence;

/// <summary>
/// Which of many readers a line concerns, in one pass over it. Of every text the rarest four characters are its key; the keys are bits of
/// a small table, and only where a bit fits are texts compared. Nearly every line of a log is told off at a nanosecond a character.
/// </summary>
public sealed class SignTable
{
    private const int Key = 4, Buckets = 1 << 14;

    private readonly ulong[] bits = new ulong[Buckets / 64];
    private readonly List<(string Sign, int At, ulong Readers)>?[] buckets = new List<(string, int, ulong)>?[Buckets];

    /// <summary>The texts of up to 64 readers, each of at least four characters.</summary>
    public SignTable(IEnumerable<(int Reader, string Sign)> signs)
    {
        foreach (var text in signs.GroupBy(s => s.Sign, StringComparer.Ordinal))
        {
            int at = RarestKey(text.Key), bucket = BucketOf(MemoryMarshal.Read<ulong>(MemoryMarshal.AsBytes(text.Key.AsSpan(at))));
            ulong readers = text.Aggregate(0UL, (all, s) => all | (1UL << s.Reader));
            bits[bucket >> 6] |= 1UL << (bucket & 63);
            (buckets[bucket] ??= []).Add((text.Key, at, readers));
        }
    }

    /// <summary>One bit for each reader that has a text in the line.</summary>
    public ulong ReadersOf(ReadOnlySpan<char> line)
    {
        ulong readers = 0;
        ulong[] table = bits;
        ref byte start = ref Unsafe.As<char, byte>(ref MemoryMarshal.GetReference(line));
        for (int i = 0; i <= line.Length - Key; i++)
        {
            // Without the bounds checks of slices: this is where a log of a gigabyte spends its time.
            int bucket = BucketOf(Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, 2 * i)));
            if ((table[bucket >> 6] & (1UL << (bucket & 63))) == 0)
                continue;
            foreach ((string sign, int at, ulong who) in buckets[bucket]!)
            {
                if ((readers & who) != who && i >= at && line[(i - at)..].StartsWith(sign, StringComparison.Ordinal))
                    readers |= who;
            }
        }
        return readers;
    }

    private static int BucketOf(ulong key) => (int)(unchecked(key * 0x9E3779B97F4A7C15) >> 50);

    private static int RarestKey(string sign)
    {
        int best = 0;
        for (int i = 1; i + Key <= sign.Length; i++)
        {
            if (Rarity(sign.AsSpan(i, Key)) > Rarity(sign.AsSpan(best, Key)))
                best = i;
        }
        return best;
    }

    /// <summary>Small letters and blanks make up most of a log.</summary>
    private static int Rarity(ReadOnlySpan<char> key)
    {
        int rarity = 0;
        foreach (char c in key)
            rarity += " eiotanrs".Contains(c) ? 0 : "dlcumpfghv:.0".Contains(c) ? 1 : char.IsAsciiLetterLower(c) ? 2 : 3;
        return rarity;
    }
}
