using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;

namespace Kdump.Kernel.Symbols;

/// <summary>
/// The names of kallsyms: each is a length, followed by that number of token bytes; there are 256 tokens. Linux commit 73bbb94466fd
/// ("kallsyms: support "big" kernel symbols") (v6.1) made lengths of 128 and more two bytes long; whether a table has them is determined
/// by which of the two encodings ends at the end of the names. Names are decoded on demand.
/// </summary>
internal sealed class KallsymsNames
{
    /// <summary>Maximum length of a name in characters; KSYM_NAME_LEN is 512 since 6.1.</summary>
    public const int MaxName = 1024;

    private readonly byte[] names;
    private readonly int[] offsets;
    private readonly byte[] tokens;
    private readonly ushort[] tokenIndex;

    private KallsymsNames(byte[] names, int[] offsets, byte[] tokens, ushort[] tokenIndex, bool longNames)
    {
        this.names = names;
        this.offsets = offsets;
        this.tokens = tokens;
        this.tokenIndex = tokenIndex;
        LongNames = longNames;
    }

    public int Count => offsets.Length;

    public bool LongNames { get; }

    /// <exception cref="InputException">The tables are missing, or cannot be decoded.</exception>
    public static KallsymsNames Load(KernelMemory memory, KallsymsTables at)
    {
        if (at.Count is 0 or > Kallsyms.MaxSymbols)
            throw Bad(memory, "kallsyms_num_syms", $"{at.Count} is no number of symbols");
        ushort[] index = ReadIndex(memory, at.TokenIndex);
        // Tokens are short strings; their table ends where its index begins in every version.
        long tableBytes = unchecked((long)(at.TokenIndex.Value - at.TokenTable.Value));
        byte[] tokens = new byte[tableBytes is > 0 and <= 65536 ? tableBytes : 16384];
        memory.Read(at.TokenTable, tokens, "kallsyms_token_table");
        foreach (ushort start in index)
            if (start >= tokens.Length)
                throw Bad(memory, "kallsyms_token_index", $"token at {start} lies past the table ({tokens.Length} bytes)");

        // In every version the names precede their markers and the token table; if not, use the size that this number of names may need.
        long room = unchecked((long)(at.TokenTable.Value - at.Names.Value));
        if (room <= 0 || room > at.Count * 200L)
            room = at.Count * 40L;
        MemoryBlock block = memory.ReadBlock(at.Names, (int)Math.Min(room, 256 << 20));
        if (!block.Whole && block.State(0, 1) != MemoryState.Present)
            throw Bad(memory, "kallsyms_names", $"address {at.Names} {block.State(0, 1).Words()}");
        byte[] names = block.Bytes.ToArray();
        int[]? offsets = Walk(names, at.Count, tokens, index, longNames: false, out int end) is { } plain &&
            MarkersFollow(names, plain, end) ? plain : null;
        bool longNames = false;
        if (offsets is null)
        {
            offsets = Walk(names, at.Count, tokens, index, longNames: true, out _);
            longNames = true;
        }
        offsets ??= Walk(names, at.Count, tokens, index, longNames: longNames = false, out _)
            ?? throw Bad(memory, "kallsyms_names", $"do not decode to {at.Count} symbols");
        return new KallsymsNames(names, offsets, tokens, index, longNames);
    }

    public char Type(int i) => (char)tokens[tokenIndex[Compressed(i)[0]]];

    /// <summary>
    /// Type letter and name of symbol <paramref name="i"/>; returns the number of bytes; a name that is too long is cut.
    /// </summary>
    public int Decode(int i, Span<byte> buffer)
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

    /// <summary>The token bytes of name <paramref name="i"/>; Walk has verified that they are complete.</summary>
    public ReadOnlySpan<byte> Compressed(int i)
    {
        int at = offsets[i];
        int n = names[at++];
        if (LongNames && (n & 0x80) != 0)
            n = (n & 0x7F) | (names[at++] << 7);
        return names.AsSpan(at, n);
    }

    /// <summary>The characters of a token.</summary>
    public ReadOnlySpan<byte> Token(int token)
    {
        ReadOnlySpan<byte> text = tokens.AsSpan(tokenIndex[token]);
        int end = text.IndexOf((byte)0);
        return end < 0 ? text : text[..end];
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

    /// <summary>Offsets of all names; null if the bytes are too few, or if a name does not begin with a letter of nm.</summary>
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

    private static InputException Bad(KernelMemory memory, string field, string reason) => new(memory.Name, field, -1, reason);
}
