using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;

namespace Kdump.Kernel.Symbols;

/// <summary>
/// The kernel's own symbol table, scripts/kallsyms.c and kernel/kallsyms.c: names compressed with 256 tokens, addresses in one of four forms.
/// Linux commit 73bbb94466fd ("kallsyms: support "big" kernel symbols") (v6.1) made lengths of 128 and more two bytes long; whether a table
/// has them is told by which reading ends where the names end. Names are decoded only when asked for.
/// </summary>
public sealed class Kallsyms
{
    /// <summary>No kernel comes near: the largest have 300,000 symbols. Bounds what a broken count makes us allocate.</summary>
    public const uint MaxSymbols = 4_000_000;

    /// <summary>KSYM_NAME_LEN is 512 since 6.1.</summary>
    private const int MaxName = 1024;

    private const uint HashBase = 1000003;

    private readonly byte[] names;
    private readonly int[] nameOffsets;
    private readonly byte[] tokens;
    private readonly ushort[] tokenIndex;
    private readonly ulong[] addresses;
    private readonly int[] order;
    private int[]? buckets;
    private int[]? chain;

    private Kallsyms(byte[] names, int[] nameOffsets, byte[] tokens, ushort[] tokenIndex)
    {
        this.names = names;
        this.nameOffsets = nameOffsets;
        this.tokens = tokens;
        this.tokenIndex = tokenIndex;
        addresses = new ulong[nameOffsets.Length];
        order = new int[nameOffsets.Length];
    }

    public int Count => nameOffsets.Length;

    /// <summary>How the addresses are written: <c>absolute</c>, <c>base-relative</c>, <c>base-relative, per-CPU absolute</c>, <c>place-relative</c>.</summary>
    public string Encoding { get; private set; } = "";

    /// <summary>Names of 128 and more token bytes are possible.</summary>
    public bool LongNames { get; private set; }

    /// <param name="known">Symbols whose addresses are known from elsewhere: they tell which form the addresses have.</param>
    public static Kallsyms Load(KernelMemory memory, KallsymsTables at, IReadOnlyDictionary<string, VirtualAddress> known)
    {
        if (at.Count is 0 or > MaxSymbols)
            throw Bad(memory, "kallsyms_num_syms", $"{at.Count} is no number of symbols");
        ushort[] index = ReadIndex(memory, at.TokenIndex);
        // Tokens are short strings; their table ends where its index begins in every version.
        long tableBytes = unchecked((long)(at.TokenIndex.Value - at.TokenTable.Value));
        byte[] tokens = new byte[tableBytes is > 0 and <= 65536 ? tableBytes : 16384];
        memory.Read(at.TokenTable, tokens, "kallsyms_token_table");
        foreach (ushort start in index)
            if (start >= tokens.Length)
                throw Bad(memory, "kallsyms_token_index", $"token at {start} lies past the table ({tokens.Length} bytes)");

        // The names lie before their markers and the token table in every version; else take what such a count may need.
        long room = unchecked((long)(at.TokenTable.Value - at.Names.Value));
        if (room <= 0 || room > at.Count * 200L)
            room = at.Count * 40L;
        MemoryBlock block = memory.ReadBlock(at.Names, (int)Math.Min(room, 256 << 20));
        if (!block.Whole && block.State(0, 1) != MemoryState.Present)
            throw Bad(memory, "kallsyms_names", $"address {at.Names} {block.State(0, 1).Words()}");
        byte[] names = block.Bytes.ToArray();
        int[]? offsets = Walk(names, at.Count, tokens, index, longNames: false, out int end) is { } plain && MarkersFollow(names, plain, end) ? plain : null;
        bool longNames = false;
        if (offsets is null)
        {
            offsets = Walk(names, at.Count, tokens, index, longNames: true, out _);
            longNames = true;
        }
        offsets ??= Walk(names, at.Count, tokens, index, longNames: longNames = false, out _)
            ?? throw Bad(memory, "kallsyms_names", $"do not decode to {at.Count} symbols");
        Kallsyms table = new(names, offsets, tokens, index) { LongNames = longNames };
        table.ReadAddresses(memory, at, known);
        return table;
    }

    public VirtualAddress Address(int i) => new(addresses[i]);

    public string Name(int i)
    {
        Span<byte> buffer = stackalloc byte[MaxName];
        int n = Decode(i, buffer);
        return n > 1 ? System.Text.Encoding.UTF8.GetString(buffer[1..n]) : "";
    }

    public char Type(int i) => (char)tokens[tokenIndex[Compressed(i)[0]]];

    public VirtualAddress? Find(string name)
    {
        if (buckets is null)
            BuildIndex();
        Span<byte> wanted = stackalloc byte[MaxName];
        if (!System.Text.Encoding.UTF8.TryGetBytes(name, wanted, out int length))
            return null;
        wanted = wanted[..length];
        Span<byte> buffer = stackalloc byte[MaxName];
        for (int i = buckets![Slot(Hash(wanted), buckets.Length)] - 1; i >= 0; i = chain![i] - 1)
        {
            int n = Decode(i, buffer);
            if (n == length + 1 && buffer[1..n].SequenceEqual(wanted))
                return new VirtualAddress(addresses[i]);
        }
        return null;
    }

    /// <summary>The symbol at or below an address: the first of several at one address, as the kernel prints it.</summary>
    public Symbol? At(VirtualAddress address)
    {
        int low = 0, high = order.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (addresses[order[middle]] <= address.Value)
                low = middle + 1;
            else
                high = middle;
        }
        if (low == 0)
            return null;
        ulong next = low < order.Length ? addresses[order[low]] : ulong.MaxValue;
        int first = low - 1;
        while (first > 0 && addresses[order[first - 1]] == addresses[order[first]])
            first--;
        int i = order[first];
        return new Symbol(Name(i), new VirtualAddress(addresses[i]), next - addresses[i], Type(i));
    }

    private static ushort[] ReadIndex(KernelMemory memory, VirtualAddress at)
    {
        Span<byte> raw = stackalloc byte[512];
        memory.Read(at, raw, "kallsyms_token_index");
        ushort[] index = new ushort[256];
        for (int i = 0; i < index.Length; i++)
            index[i] = BinaryPrimitives.ReadUInt16LittleEndian(raw[(2 * i)..]);
        return index;
    }

    /// <summary>Offsets of all names; null where the bytes run out or a name begins with no nm letter.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int[]? Walk(byte[] names, uint count, byte[] tokens, ushort[] index, bool longNames, out int end)
    {
        end = 0;
        int[] offsets = new int[count];
        Span<bool> letter = stackalloc bool[256];
        for (int t = 0; t < 256; t++)
            letter[t] = char.IsAsciiLetter((char)tokens[index[t]]) || tokens[index[t]] == (byte)'?';
        int at = 0;
        for (int i = 0; i < offsets.Length; i++)
        {
            if (at >= names.Length - 2)
                return null;
            offsets[i] = at;
            int n = names[at++];
            if (longNames && (n & 0x80) != 0)
                n = (n & 0x7F) | (names[at++] << 7);
            if (n == 0 || n > MaxName || n > names.Length - at || !letter[names[at]])
                return null;
            at += n;
        }
        end = at;
        return offsets;
    }

    /// <summary>kallsyms_markers: the offset of every 256th name, in u32 (unsigned long before 4.20), right after the names.</summary>
    private static bool MarkersFollow(byte[] names, int[] offsets, int end)
    {
        for (int at = (end + 3) & ~3; at <= end + 16; at += 4)
        {
            if (at + 12 > names.Length)
                return offsets.Length <= 256;
            uint first = BinaryPrimitives.ReadUInt32LittleEndian(names.AsSpan(at));
            uint second = BinaryPrimitives.ReadUInt32LittleEndian(names.AsSpan(at + 4));
            uint third = BinaryPrimitives.ReadUInt32LittleEndian(names.AsSpan(at + 8));
            if (first == 0 && (offsets.Length <= 256 || second == offsets[256] || (second == 0 && third == offsets[256])))
                return true;
        }
        return false;
    }

    private void ReadAddresses(KernelMemory memory, KallsymsTables at, IReadOnlyDictionary<string, VirtualAddress> known)
    {
        BuildIndex();
        List<(int Index, ulong Address)> probes = [];
        foreach ((string name, VirtualAddress address) in known)
            foreach (int i in All(name))
                probes.Add((i, address.Value));
        if (probes.Count == 0)
            throw Bad(memory, "kallsyms_names", $"hold none of the symbols that VMCOREINFO names ({string.Join(", ", known.Keys.Take(3))})");

        List<(string Name, Func<ulong[]> Addresses)> forms = [];
        if (at.Addresses is { } absolute)
        {
            byte[] raw = ReadTable(memory, absolute, 8, "kallsyms_addresses");
            forms.Add(("absolute", () => MemoryMarshal.Cast<byte, ulong>(raw).ToArray()));
        }
        else
        {
            byte[] raw = ReadTable(memory, at.Offsets, 4, "kallsyms_offsets");
            if (at.RelativeBase is { } where && memory.TryU64(where, out ulong relative))
            {
                forms.Add(("base-relative, per-CPU absolute", () => Expand(raw, (_, offset) => offset >= 0 ? (ulong)offset : unchecked(relative - 1 - (ulong)(long)offset))));
                forms.Add(("base-relative", () => Expand(raw, (_, offset) => unchecked(relative + (uint)offset))));
            }
            forms.Add(("place-relative", () => Expand(raw, (i, offset) => unchecked(at.Offsets.Value + 4 * (ulong)i + (ulong)(long)offset))));
        }
        int wanted = probes.Select(p => p.Address).Distinct().Count();
        foreach ((string name, Func<ulong[]> form) in forms)
        {
            ulong[] candidate = form();
            // A name may be there more than once (static ones): one right answer for each known address is what counts.
            if (probes.Where(p => candidate[p.Index] == p.Address).Select(p => p.Address).Distinct().Count() < wanted)
                continue;
            Encoding = name;
            candidate.CopyTo(addresses, 0);
            for (int i = 0; i < order.Length; i++)
                order[i] = i;
            if (!IsSorted(addresses))
                Array.Sort(order, (a, b) => addresses[a] != addresses[b] ? addresses[a].CompareTo(addresses[b]) : a.CompareTo(b));
            return;
        }
        throw Bad(memory, at.Addresses is null ? "kallsyms_offsets" : "kallsyms_addresses",
            "no known form of addresses gives the ones that VMCOREINFO states");
    }

    private static ulong[] Expand(byte[] raw, Func<int, int, ulong> address)
    {
        ReadOnlySpan<int> offsets = MemoryMarshal.Cast<byte, int>(raw);
        ulong[] all = new ulong[offsets.Length];
        for (int i = 0; i < all.Length; i++)
            all[i] = address(i, offsets[i]);
        return all;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool IsSorted(ulong[] values)
    {
        for (int i = 1; i < values.Length; i++)
            if (values[i - 1] > values[i])
                return false;
        return true;
    }

    private byte[] ReadTable(KernelMemory memory, VirtualAddress at, int width, string field)
    {
        byte[] raw = new byte[Count * width];
        memory.Read(at, raw, field);
        return raw;
    }

    private IEnumerable<int> All(string name)
    {
        byte[] wanted = System.Text.Encoding.UTF8.GetBytes(name);
        byte[] buffer = new byte[MaxName];
        for (int i = buckets![Slot(Hash(wanted), buckets.Length)] - 1; i >= 0; i = chain![i] - 1)
        {
            int n = Decode(i, buffer);
            if (n == wanted.Length + 1 && buffer.AsSpan(1, n - 1).SequenceEqual(wanted))
                yield return i;
        }
    }

    /// <summary>Type letter and name of symbol i; a name that is too long is cut.</summary>
    private int Decode(int i, Span<byte> buffer)
    {
        int length = 0;
        foreach (byte token in Compressed(i))
        {
            for (int t = tokenIndex[token]; t < tokens.Length && tokens[t] != 0; t++)
            {
                if (length == buffer.Length)
                    return length;
                buffer[length++] = tokens[t];
            }
        }
        return length;
    }

    /// <summary>The tokens of name i; Walk has proved that they are there.</summary>
    private ReadOnlySpan<byte> Compressed(int i)
    {
        int at = nameOffsets[i];
        int n = names[at++];
        if (LongNames && (n & 0x80) != 0)
            n = (n & 0x7F) | (names[at++] << 7);
        return names.AsSpan(at, n);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void BuildIndex()
    {
        if (buckets is not null)
            return;
        // Each token's hash and factor, whole and without its first character: the first of a name is its type, which does not count.
        Span<uint> hashes = stackalloc uint[256], factors = stackalloc uint[256], tails = stackalloc uint[256];
        for (int t = 0; t < 256; t++)
        {
            ReadOnlySpan<byte> token = tokens.AsSpan(tokenIndex[t]);
            int end = token.IndexOf((byte)0);
            token = end < 0 ? token : token[..end];
            hashes[t] = Hash(token);
            tails[t] = token.Length > 0 ? Hash(token[1..]) : 0;
            factors[t] = 1;
            for (int i = 0; i < token.Length; i++)
                factors[t] = unchecked(factors[t] * HashBase);
        }
        int[] heads = new int[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, Count))];
        int[] next = new int[Count];
        // Backwards, so that the first of several symbols of one name is found first.
        for (int i = Count - 1; i >= 0; i--)
        {
            ReadOnlySpan<byte> name = Compressed(i);
            uint hash = tails[name[0]];
            for (int k = 1; k < name.Length; k++)
                hash = unchecked(hash * factors[name[k]] + hashes[name[k]]);
            ref int head = ref heads[Slot(hash, heads.Length)];
            next[i] = head;
            head = i + 1;
        }
        chain = next;
        buckets = heads;
    }

    /// <summary>A polynomial, so that the hash of a name can be put together from the hashes of its tokens.</summary>
    private static uint Hash(ReadOnlySpan<byte> name)
    {
        uint hash = 0;
        foreach (byte b in name)
            hash = unchecked(hash * HashBase + b);
        return hash;
    }

    private static int Slot(uint hash, int slots) => (int)(unchecked(hash * 0x9E3779B9) >> 32 - System.Numerics.BitOperations.Log2((uint)slots));

    private static InputException Bad(KernelMemory memory, string field, string reason) => new(memory.Name, field, -1, reason);
}
