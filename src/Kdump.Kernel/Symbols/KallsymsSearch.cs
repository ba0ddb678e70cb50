using System.Buffers.Binary;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;

namespace Kdump.Kernel.Symbols;

/// <summary>
/// Finds the kallsyms tables by their pattern, for kernels whose VMCOREINFO does not name them (before 6.0, Linux commit 5fd8fea935a1
/// ("vmcoreinfo: include kallsyms symbols")). The token table must contain the ten digits as single tokens, one after the other; its
/// index follows; markers, names and their count precede; addresses precede the count (before 6.4) or follow the index.
/// </summary>
public static class KallsymsSearch
{
    private const int Chunk = 1 << 20;
    private const int MaxTable = 32 << 20;
    private static ReadOnlySpan<byte> Digits => "0\01\02\03\04\05\06\07\08\09\0"u8;

    public static KallsymsTables? Search(KernelMemory memory, VirtualAddress start, long length)
    {
        // Windows overlap by more than a token table with its index, so that every table is completely in one window.
        const int overlap = 16384;
        int outside = 0;
        for (long at = 0; at < length && outside < ImageRoom.MaxOutside; at += Chunk)
        {
            MemoryBlock window = memory.ReadBlock(start + at, (int)Math.Min(Chunk + overlap, length - at));
            outside = window.Outside ? outside + 1 : 0;
            ReadOnlySpan<byte> bytes = window.Bytes;
            for (int from = 0; ;)
            {
                int hit = bytes[from..].IndexOf(Digits);
                if (hit < 0)
                    break;
                if (Tokens(bytes, from + hit, out int table, out int index) &&
                    Around(memory, start, start + at + table, start + at + index) is { } found)
                    return found;
                from += hit + 1;
            }
        }
        return null;
    }

    /// <summary>Finds both tables from the token "0", whose offset in the token table is in the index.</summary>
    private static bool Tokens(ReadOnlySpan<byte> bytes, int zero, out int table, out int index)
    {
        table = index = 0;
        int at = zero;
        for (int token = '0'; token < 256; token++)
        {
            int end = at < bytes.Length ? bytes[at..].IndexOf((byte)0) : -1;
            if (end is < 0 or > 256)
                return false;
            at += end + 1;
        }
        // The index is aligned to 8 bytes on 64-bit machines, but the table's own address is unknown here, so all even offsets are tried.
        for (index = at; index <= at + 8 && index + 512 <= bytes.Length; index++)
        {
            ushort digit = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(index + 2 * '0')..]);
            table = zero - digit;
            if (table < 0 || BinaryPrimitives.ReadUInt16LittleEndian(bytes[index..]) != 0)
                continue;
            bool right = true;
            for (int token = 1; token < 256 && right; token++)
            {
                int start = table + BinaryPrimitives.ReadUInt16LittleEndian(bytes[(index + 2 * token)..]);
                right = start > table && start < index && bytes[start - 1] == 0;
            }
            if (right)
                return true;
        }
        return false;
    }

    private static KallsymsTables? Around(KernelMemory memory, VirtualAddress lowest, VirtualAddress table, VirtualAddress index)
    {
        int before = (int)Math.Min(MaxTable, unchecked(table.Value - lowest.Value));
        MemoryBlock block = memory.ReadBlock(table + -before, before);
        ReadOnlySpan<byte> bytes = block.Bytes;
        if (!Markers(bytes, bytes.Length, out int markers, out int count, out uint last) &&
            !MarkersBeforeSequences(bytes, out markers, out count, out last))
            return null;
        // Between the last marker and the end of the names are at most 256 names.
        int highest = markers - (int)last;
        for (int names = highest & ~3; names > highest - 256 * 300 && names >= 16; names -= 4)
        {
            uint symbols = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(names - 8)..]);
            uint packed = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(names - 4)..]);
            uint candidate = packed != 0 ? packed : symbols;
            if (candidate == 0 || (candidate + 255UL) / 256 != (uint)count || !FirstMarkerHolds(bytes, names, markers))
                continue;
            int countAt = packed != 0 ? names - 4 : names - 8;
            return Addresses(bytes, memory.Image, table + -before, countAt, names, candidate, table, index);
        }
        return null;
    }

    /// <summary>The markers: ascending u32 from a zero up to the token table, one for every 256 names.</summary>
    private static bool Markers(ReadOnlySpan<byte> bytes, int end, out int at, out int count, out uint last)
    {
        at = end & ~3;
        count = 0;
        last = 0;
        // Skip the padding to 8 bytes.
        while (at >= 8 && end - at < 16 && U32(bytes, at - 4) == 0)
            at -= 4;
        uint next = uint.MaxValue;
        while (at >= 4)
        {
            uint marker = U32(bytes, at - 4);
            if (marker >= next)
                return false;
            if (count++ == 0)
                last = marker;
            next = marker;
            at -= 4;
            if (marker == 0)
                return count > 1 && last < MaxTable;
        }
        return false;
    }

    /// <summary>
    /// kallsyms_seqs_of_names, three bytes a symbol, was between markers and tokens in 6.2, 6.3 and stable kernels that took Linux commit
    /// 60443c88f3a8 ("kallsyms: Improve the performance of kallsyms_lookup_name()"). Its length and that of the markers must agree.
    /// </summary>
    private static bool MarkersBeforeSequences(ReadOnlySpan<byte> bytes, out int at, out int count, out uint last)
    {
        for (at = (bytes.Length & ~3) - 16; at >= 0; at -= 4)
        {
            if (U32(bytes, at) != 0)
                continue;
            count = 1;
            last = 0;
            for (int next = at + 4; next <= bytes.Length - 4; next += 4)
            {
                uint marker = U32(bytes, next);
                if (marker <= last || marker - last is < 512 or > 256 * 600)
                    break;
                last = marker;
                count++;
            }
            long sequences = bytes.Length - (at + 4L * count);
            if (count > 1 && last < MaxTable && sequences >= 3L * 256 * (count - 1) && sequences <= 3L * 256 * count + 16)
                return true;
        }
        at = count = 0;
        last = 0;
        return false;
    }

    private static bool FirstMarkerHolds(ReadOnlySpan<byte> bytes, int names, int markers)
    {
        uint wanted = U32(bytes, markers + 4);
        return Lands(bytes, names, wanted, longNames: false) || Lands(bytes, names, wanted, longNames: true);

        static bool Lands(ReadOnlySpan<byte> bytes, int names, uint wanted, bool longNames)
        {
            int at = names;
            for (int i = 0; i < 256; i++)
            {
                if (at >= bytes.Length - 2)
                    return false;
                int n = bytes[at++];
                if (longNames && (n & 0x80) != 0)
                    n = (n & 0x7F) | (bytes[at++] << 7);
                if (n == 0)
                    return false;
                at += n;
            }
            return (uint)(at - names) == wanted;
        }
    }

    private static KallsymsTables Addresses(ReadOnlySpan<byte> bytes, ImageRoom image, VirtualAddress start, int countAt, int names,
        uint symbols, VirtualAddress table, VirtualAddress index)
    {
        VirtualAddress namesAt = start + names;
        // Linux commit 404bad70fcf7 ("scripts: kallsyms: Fix build with..."): from 6.4 on the addresses follow the token index, and the
        // base follows the addresses.
        VirtualAddress after = index + 512;
        int relative = (countAt & ~7) - 8;
        ulong width = 4UL * symbols;
        if (relative >= 0 && (ulong)relative >= width &&
            image.Holds(new VirtualAddress(BinaryPrimitives.ReadUInt64LittleEndian(bytes[relative..]))))
        {
            int offsets = (int)(((ulong)relative - width) & ~7UL);
            // A table of absolute addresses also ends with an address, but there the word before is an address, too, unlike in a table of
            // offsets.
            if (BinaryPrimitives.ReadUInt64LittleEndian(bytes[(relative - 8)..]) < image.Start.Value || (symbols & 1) != 0)
                return new KallsymsTables(namesAt, symbols, table, index, start + offsets, start + relative, null);
            int absolute = (countAt & ~7) - 8 * (int)symbols;
            if (absolute >= 0)
                return new KallsymsTables(namesAt, symbols, table, index, default, null, start + absolute);
        }
        VirtualAddress baseAfter = new((after.Value + width + 7) & ~7UL);
        return new KallsymsTables(namesAt, symbols, table, index, after, baseAfter, null);
    }

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
}
