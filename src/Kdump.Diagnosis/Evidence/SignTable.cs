using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kdump.Diagnosis.Evidence;

/// <summary>
/// Which of many readers a line concerns, in one pass over it. Of every text two neighbouring keys of three characters are kept, its
/// rarest; whatever place the text has in a line, one of the two begins at an even one, so only those are looked up.
/// </summary>
public sealed class SignTable
{
    /// <summary>Characters of a key, and of the shortest text: two keys, one character apart.</summary>
    private const int Key = 3, Shortest = Key + 1;

    private const int Buckets = 1 << 15;

    private const ulong KeyBits = 0xffff_ffff_ffff;

    private readonly bool[] taken = new bool[Buckets];
    private readonly List<(string Sign, int At, ulong Readers)>?[] buckets = new List<(string, int, ulong)>?[Buckets];

    /// <summary>The texts of up to 64 readers, each of at least four characters.</summary>
    public SignTable(IEnumerable<(int Reader, string Sign)> signs)
    {
        foreach (var text in signs.GroupBy(s => s.Sign, StringComparer.Ordinal))
        {
            int at = RarestPair(text.Key);
            ulong readers = text.Aggregate(0UL, (all, s) => all | (1UL << s.Reader));
            foreach (int start in (int[])[at, at + 1])
            {
                int bucket = BucketOf(KeyAt(text.Key, start));
                taken[bucket] = true;
                (buckets[bucket] ??= []).Add((text.Key, start, readers));
            }
        }
    }

    /// <summary>One bit for each reader that has a text in the line.</summary>
    public ulong ReadersOf(ReadOnlySpan<char> line)
    {
        ulong readers = 0;
        // This is where a log of a gigabyte spends its time: no checks of bounds and overflow inside, four characters are read at each place.
        unchecked
        {
            ref byte start = ref Unsafe.As<char, byte>(ref MemoryMarshal.GetReference(line));
            ref bool table = ref MemoryMarshal.GetArrayDataReference(taken);
            nint end = 2 * ((nint)line.Length - Shortest);
            for (nint i = 0; i <= end; i += 4)
            {
                int bucket = BucketOf(Unsafe.ReadUnaligned<ulong>(ref Unsafe.AddByteOffset(ref start, i)));
                if (Unsafe.Add(ref table, bucket))
                    readers |= ReadersAt(line, (int)(i >> 1), bucket, readers);
            }
            // The last key may begin behind the last place where four characters stand.
            if (line.Length >= Shortest && (line.Length & 1) != 0)
            {
                int last = line.Length - Key, bucket = BucketOf(KeyAt(line, last));
                if (taken[bucket])
                    readers |= ReadersAt(line, last, bucket, readers);
            }
        }
        return readers;
    }

    private ulong ReadersAt(ReadOnlySpan<char> line, int i, int bucket, ulong known)
    {
        ulong readers = known;
        foreach ((string sign, int at, ulong who) in buckets[bucket]!)
        {
            if ((readers & who) != who && i >= at && line[(i - at)..].StartsWith(sign, StringComparison.Ordinal))
                readers |= who;
        }
        return readers;
    }

    private static ulong KeyAt(ReadOnlySpan<char> text, int at) => text[at] | ((ulong)text[at + 1] << 16) | ((ulong)text[at + 2] << 32);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int BucketOf(ulong key) => unchecked((int)(((key & KeyBits) * 0x9E3779B97F4A7C15) >> 49));

    private static int RarestPair(string sign)
    {
        int best = 0;
        for (int i = 1; i + Shortest <= sign.Length; i++)
        {
            if (Rarity(sign.AsSpan(i, Shortest)) > Rarity(sign.AsSpan(best, Shortest)))
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
