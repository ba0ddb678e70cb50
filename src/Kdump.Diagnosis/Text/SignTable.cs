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
    private readonly List<string> texts = [];

    /// <summary>For each text the last use of it; for each use who waits, by which code, and the use before it, or -1.</summary>
    private readonly List<int> lastUses = [];
    private readonly List<Use> uses = [];

    /// <summary>What rejects a key's text is kept in the cache line of the others of its bucket.</summary>
    /// <param name="Key">As in the line; of three characters with nothing in the upper bits.</param>
    /// <param name="At">Where in the text the key stands.</param>
    /// <param name="Text">Its place in <see cref="texts"/>.</param>
    private readonly record struct Probe(ulong Key, char First, char Last, ushort At, ushort Length, int Text);

    /// <param name="Code">What the reader knows the text by; -1 for nothing.</param>
    private readonly record struct Use(int Reader, int Code, int Before);

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
        // Thousands of texts at every start of the program: no groups, no sort, no lists for each.
        var places = new Dictionary<string, int>(1 << 13, StringComparer.Ordinal);
        foreach ((int reader, int code, string sign) in signs)
        {
            ref int place = ref CollectionsMarshal.GetValueRefOrAddDefault(places, sign, out bool known);
            if (!known)
            {
                place = texts.Count;
                texts.Add(sign);
                lastUses.Add(-1);
            }
            uses.Add(new(reader, code, lastUses[place]));
            lastUses[place] = uses.Count - 1;
        }
        var made = new Probe[texts.Count * 2];
        for (int i = 0; i < texts.Count; i++)
        {
            string sign = texts[i];
            int at = RarestPair(sign);
            bool whole = at + 1 + Key <= sign.Length;
            ulong first = KeyAt(sign, at), second = whole ? KeyAt(sign, at + 1) : first >> 16;
            ushort length = checked((ushort)sign.Length);
            made[2 * i] = new(first, sign[0], sign[^1], checked((ushort)at), length, i);
            made[(2 * i) + 1] = new(second, sign[0], sign[^1], checked((ushort)(at + 1)), length, i);
            hasShort |= !whole;
        }
        probes = new Probe[made.Length];
        foreach (Probe probe in made)
        {
            starts[Bucket(probe.Key) + 1]++;
            ulong hash = HashOf(probe.Key);
            if (probe.Key <= ShortKey)
                shortSet[hash >> (64 - ShortSetBits)] |= BitsOf(hash);
            else
                set[hash >> (64 - SetBits)] |= BitsOf(hash);
        }
        for (int i = 1; i < starts.Length; i++)
            starts[i] += starts[i - 1];
        ushort[] next = [.. starts];
        foreach (Probe probe in made)
            probes[next[Bucket(probe.Key)]++] = probe;
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
            if (!line[from..].StartsWith(texts[probe.Text], StringComparison.Ordinal))
                continue;
            for (int u = lastUses[probe.Text]; u >= 0; u = uses[u].Before)
            {
                Use use = uses[u];
                int word = use.Reader / Word;
                if (word < readers.Length)
                    readers[word] |= 1UL << (use.Reader % Word);
                if (codes is not null && use.Code >= 0)
                    Insert(codes, use.Code);
            }
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
        int here = FrequentText.Rarity(sign.AsSpan(0, Key));
        for (int i = 0; i + Key + 1 <= sign.Length; i++)
        {
            int next = FrequentText.Rarity(sign.AsSpan(i + 1, Key));
            // The more frequent of the two keys counts.
            int rarity = Math.Min(here, next);
            if (rarity > most)
                (best, most) = (i, rarity);
            here = next;
        }
        return best;
    }
}
