using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kdump.Diagnosis.Text;

/// <summary>
/// Which of many readers a line concerns, in one pass over it. Of every text two neighbouring keys of three characters are kept, its
/// rarest; whatever place the text has in a line, one of the two begins at an even one, so only those are looked up.
/// </summary>
public sealed class SignTable
{
    /// <summary>Characters of a key, and of the shortest text: two keys, one character apart.</summary>
    private const int Key = 3, Shortest = Key + 1;

    private const int Buckets = 1 << 16;

    private const ulong KeyBits = 0xffff_ffff_ffff;

    private readonly ulong[] bits = new ulong[Buckets / 64];
    private readonly ushort[] firsts = new ushort[Buckets];
    private readonly List<Entry> entries = [default];

    /// <param name="Chars">The key and the character behind it, which tells nearly all strangers with the same key apart.</param>
    /// <param name="Mask">What of them counts: the text may end with the key.</param>
    /// <param name="At">Where in the text the key stands.</param>
    /// <param name="Next">The next entry of the bucket, or 0.</param>
    private readonly record struct Entry(ulong Chars, ulong Mask, string Sign, int At, ulong Readers, ushort Next);

    /// <summary>The texts of up to 64 readers, each of at least four characters.</summary>
    public SignTable(IEnumerable<(int Reader, string Sign)> signs)
    {
        foreach (var text in signs.GroupBy(s => s.Sign, StringComparer.Ordinal))
        {
            int at = RarestPair(text.Key);
            ulong readers = text.Aggregate(0UL, (all, s) => all | (1UL << s.Reader));
            Add(text.Key, at, readers);
            Add(text.Key, at + 1, readers);
        }
    }

    /// <summary>One bit for each reader that has a text in the line.</summary>
    public ulong ReadersOf(ReadOnlySpan<char> line)
    {
        ulong readers = 0;
        ulong[] table = bits;
        // This is where a log of a gigabyte spends its time: no checks of bounds and overflow inside, four characters are read at each
        // place.
        unchecked
        {
            ref byte start = ref Unsafe.As<char, byte>(ref MemoryMarshal.GetReference(line));
            ref ulong known = ref MemoryMarshal.GetArrayDataReference(table);
            nint end = 2 * ((nint)line.Length - Shortest);
            for (nint i = 0; i <= end; i += 4)
            {
                ulong chars = Unsafe.ReadUnaligned<ulong>(ref Unsafe.AddByteOffset(ref start, i));
                uint bucket = BucketOf(chars);
                if ((Unsafe.Add(ref known, bucket >> 6) & (1UL << (int)(bucket & 63))) != 0)
                    readers |= ReadersAt(line, (int)(i >> 1), chars, bucket);
            }
        }
        // The last key may begin behind the last place where four characters stand.
        if (line.Length >= Shortest && (line.Length & 1) != 0)
        {
            int last = line.Length - Key;
            ulong chars = KeyAt(line, last);
            readers |= ReadersAt(line, last, chars, BucketOf(chars));
        }
        return readers;
    }

    private ulong ReadersAt(ReadOnlySpan<char> line, int i, ulong chars, uint bucket)
    {
        ulong readers = 0;
        ReadOnlySpan<Entry> all = CollectionsMarshal.AsSpan(entries);
        for (int e = firsts[bucket]; e != 0; e = all[e].Next)
        {
            ref readonly Entry entry = ref all[e];
            if ((chars & entry.Mask) == entry.Chars && i >= entry.At && line[(i - entry.At)..]
                .StartsWith(entry.Sign, StringComparison.Ordinal))
                readers |= entry.Readers;
        }
        return readers;
    }

    private void Add(string sign, int at, ulong readers)
    {
        ulong chars = KeyAt(sign, at);
        uint bucket = BucketOf(chars);
        bool more = at + Key < sign.Length;
        if (more)
            chars |= (ulong)sign[at + Key] << 48;
        entries.Add(new(chars, more ? ulong.MaxValue : KeyBits, sign, at, readers, firsts[bucket]));
        firsts[bucket] = checked((ushort)(entries.Count - 1));
        bits[bucket >> 6] |= 1UL << (int)(bucket & 63);
    }

    private static ulong KeyAt(ReadOnlySpan<char> text, int at) => text[at] | ((ulong)text[at + 1] << 16) | ((ulong)text[at + 2] << 32);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint BucketOf(ulong chars) => unchecked((uint)(((chars & KeyBits) * 0x9E3779B97F4A7C15) >> 48));

    private static int RarestPair(string sign)
    {
        int best = 0;
        for (int i = 1; i + Shortest <= sign.Length; i++)
        {
            if (Rarity(sign.AsSpan(i)) > Rarity(sign.AsSpan(best)))
                best = i;
        }
        return best;
    }

    /// <summary>Of the commoner of the two keys.</summary>
    private static int Rarity(ReadOnlySpan<char> pair) => Math.Min(RarityOf(pair[..Key]), RarityOf(pair[1..Shortest]));

    /// <summary>Small letters and blanks make up most of a log.</summary>
    private static int RarityOf(ReadOnlySpan<char> key)
    {
        int rarity = 0;
        foreach (char c in key)
            rarity += " eiotanrs".Contains(c) ? 0 : "dlcumpfghv:.0".Contains(c) ? 1 : char.IsAsciiLetterLower(c) ? 2 : 3;
        return rarity;
    }
}
