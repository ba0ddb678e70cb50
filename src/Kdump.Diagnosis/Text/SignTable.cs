using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kdump.Diagnosis.Text;

/// <summary>
/// Finds in one pass which readers a line concerns. For every text two neighbouring keys of four characters are kept, the rarest
/// ones; wherever the text stands in a line, one of the two begins at an even position, so only even positions are looked up. A set
/// of bits that fits into the first-level cache rejects nearly every key: two bits of one word for each key (a blocked Bloom
/// filter), because with thousands of texts a single bit would accept a tenth of the positions. The few texts of four characters
/// have a set of their own.
/// </summary>
public sealed class SignTable
{
    /// <summary>Readers in a word.</summary>
    public const int Word = 64;

    /// <summary>Characters of a key, and of the shortest text.</summary>
    private const int Key = 4;

    /// <summary>The second key of a text of four characters has three.</summary>
    private const ulong ShortKey = 0xffff_ffff_ffff;

    /// <summary>Words in the sets of bits (32 and 4 kilobytes), and places in the table behind them, as powers of two.</summary>
    private const int SetBits = 12, ShortSetBits = 9, BucketBits = 14;

    private readonly ulong[] set = new ulong[1 << SetBits], shortSet = new ulong[1 << ShortSetBits];
    private readonly bool hasShort;

    /// <summary>Where the entries of each bucket begin; they end where those of the next begin.</summary>
    private readonly ushort[] starts = new ushort[(1 << BucketBits) + 1];

    private readonly Probe[] probes;
    private readonly Entry[] entries;

    /// <param name="Key">As in the line; of three characters with nothing in the upper bits.</param>
    /// <param name="At">Where in the text the key stands.</param>
    /// <param name="Readers">The numbers of those who wait for it.</param>
    /// <param name="Codes">The same, or the codes by which they know the text.</param>
    private sealed record Entry(ulong Key, string Sign, int At, int[] Readers, int[] Codes);

    /// <summary>The part of an entry that rejects it, kept in the same cache line as the others of its bucket.</summary>
    private readonly record struct Probe(ulong Key, char First, char Last, ushort At, ushort Length);

    /// <param name="signs">Texts of at least four characters, each with the number of the reader that waits for it.</param>
    public SignTable(IEnumerable<(int Reader, string Sign)> signs)
        : this(signs.Select(s => (s.Reader, s.Reader, s.Sign)))
    {
    }

    /// <summary>
    /// Texts, who waits for them, and what <see cref="ReadersOf(ReadOnlySpan{char}, List{int})"/> lists where a line holds the text: a
    /// number that means something to them, or -1.
    /// </summary>
    public SignTable(IEnumerable<(int Reader, int Code, string Sign)> signs)
    {
        var made = new List<Entry>();
        foreach (var text in signs.GroupBy(s => s.Sign, StringComparer.Ordinal))
        {
            int[] all = [.. text.Select(s => s.Code).Where(c => c >= 0).Distinct()];
            int[] readers = [.. text.Select(s => s.Reader).Distinct()];
            int at = RarestPair(text.Key);
            made.Add(new(KeyAt(text.Key, at), text.Key, at, readers, all));
            bool whole = at + 1 + Key <= text.Key.Length;
            made.Add(new(whole ? KeyAt(text.Key, at + 1) : KeyAt(text.Key, at) >> 16, text.Key, at + 1, readers, all));
            hasShort |= !whole;
        }
        entries = [.. made.OrderBy(e => Bucket(e.Key))];
        probes = Array.ConvertAll(entries, e =>
            new Probe(e.Key, e.Sign[0], e.Sign[^1], checked((ushort)e.At), checked((ushort)e.Sign.Length)));
        foreach (Entry entry in entries)
        {
            starts[Bucket(entry.Key) + 1]++;
            ulong hash = HashOf(entry.Key);
            if (entry.Key <= ShortKey)
                shortSet[hash >> (64 - ShortSetBits)] |= BitsOf(hash);
            else
                set[hash >> (64 - SetBits)] |= BitsOf(hash);
        }
        for (int i = 1; i < starts.Length; i++)
            starts[i] += starts[i - 1];
    }

    /// <summary>One bit for each of the first 64 readers that has a text in the line.</summary>
    public ulong ReadersOf(ReadOnlySpan<char> line)
    {
        ulong readers = 0;
        Scan(line, new Span<ulong>(ref readers), null);
        return readers;
    }

    /// <summary>The codes of the texts that the line holds, each once, in order.</summary>
    public void ReadersOf(ReadOnlySpan<char> line, List<int> codes) => ReadersOf(line, [], codes);

    /// <summary>The same, and a bit is set for each reader: 64 of them in a word, and as many of them as there are words.</summary>
    public void ReadersOf(ReadOnlySpan<char> line, Span<ulong> readers, List<int> codes)
    {
        codes.Clear();
        Scan(line, readers, codes);
    }

    private void Scan(ReadOnlySpan<char> line, Span<ulong> readers, List<int>? codes)
    {
        // A log of a gigabyte spends its time here: no bounds or overflow checks inside, four characters are read at each position.
        unchecked
        {
            ref byte start = ref Unsafe.As<char, byte>(ref MemoryMarshal.GetReference(line));
            ref ulong known = ref MemoryMarshal.GetArrayDataReference(set);
            ref ulong knownShort = ref MemoryMarshal.GetArrayDataReference(shortSet);
            nint end = 2 * ((nint)line.Length - Key);
            for (nint i = 0; i <= end; i += 4)
            {
                ulong chars = Unsafe.ReadUnaligned<ulong>(ref Unsafe.AddByteOffset(ref start, i));
                ulong hash = HashOf(chars), bits = BitsOf(hash);
                if ((Unsafe.Add(ref known, (nint)(hash >> (64 - SetBits))) & bits) == bits)
                    Take(line, (int)(i >> 1), chars, readers, codes);
                if (!hasShort)
                    continue;
                hash = HashOf(chars & ShortKey);
                bits = BitsOf(hash);
                if ((Unsafe.Add(ref knownShort, (nint)(hash >> (64 - ShortSetBits))) & bits) == bits)
                    Take(line, (int)(i >> 1), chars & ShortKey, readers, codes);
            }
        }
        // The last short key may begin behind the last position with four characters.
        if (hasShort && line.Length >= Key && (line.Length & 1) != 0)
            Take(line, line.Length - Key + 1, KeyAt(line, line.Length - Key) >> 16, readers, codes);
    }

    /// <summary>Notes whose texts stand where this key was found.</summary>
    private void Take(ReadOnlySpan<char> line, int i, ulong key, Span<ulong> readers, List<int>? codes)
    {
        int bucket = Bucket(key);
        for (int e = starts[bucket], end = starts[bucket + 1]; e < end; e++)
        {
            ref readonly Probe probe = ref probes[e];
            if (probe.Key != key)
                continue;
            int from = i - probe.At, last = from + probe.Length - 1;
            // Nearly all texts that share only the key differ in their first or last character.
            if (from < 0 || last >= line.Length || line[from] != probe.First || line[last] != probe.Last)
                continue;
            Entry entry = entries[e];
            if (!line[from..].StartsWith(entry.Sign, StringComparison.Ordinal))
                continue;
            foreach (int reader in entry.Readers)
            {
                int word = reader / Word;
                if (word < readers.Length)
                    readers[word] |= 1UL << (reader % Word);
            }
            if (codes is null)
                continue;
            foreach (int code in entry.Codes)
                Insert(codes, code);
        }
    }

    /// <summary>Keeps the list in order, each code once: it is nearly always short.</summary>
    private static void Insert(List<int> codes, int code)
    {
        int at = codes.Count;
        while (at > 0 && codes[at - 1] > code)
            at--;
        if (at == 0 || codes[at - 1] != code)
            codes.Insert(at, code);
    }

    private static ulong KeyAt(ReadOnlySpan<char> text, int at) => FrequentText.KeyOf(text.Slice(at, Key));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong HashOf(ulong key) => unchecked(key * 0x9E3779B97F4A7C15);

    /// <summary>Two bits of a word, chosen by parts of the hash that do not choose the word.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong BitsOf(ulong hash) => unchecked((1UL << (int)(hash >> 46)) | (1UL << (int)(hash >> 40)));

    private static int Bucket(ulong key) => unchecked((int)(HashOf(key) >> (64 - BucketBits)));

    private static int RarestPair(string sign)
    {
        int best = 0, most = int.MinValue;
        for (int i = 0; i + Key + 1 <= sign.Length; i++)
        {
            // The more frequent of the two keys counts.
            int rarity = Math.Min(FrequentText.Rarity(sign.AsSpan(i, Key)), FrequentText.Rarity(sign.AsSpan(i + 1, Key)));
            if (rarity > most)
                (best, most) = (i, rarity);
        }
        return best;
    }
}
