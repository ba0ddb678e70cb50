using System.Buffers.Binary;

namespace Kdump.Formats.Compression;

/// <summary>The lzop file format (header, then blocks with sizes and checksums, then a zero) around LZO1X blocks.</summary>
public sealed class LzopDecoder : ChunkedDecoder
{
    /// <summary>
    /// Maximum block size in bytes. lzop's blocks have 256 KiB and the kernel refuses larger ones, but the format allows 64 MiB.
    /// </summary>
    private const uint MaxBlock = 64 << 20;

    private const uint AdlerDecoded = 1, AdlerStored = 2, ExtraField = 0x40, CrcDecoded = 0x100, CrcStored = 0x200, HasFilter = 0x800;

    private bool headerRead;
    private uint flags;

    protected override Demand Next(ReadOnlySpan<byte> held, bool last, ref byte[] decoded)
    {
        if (!headerRead)
            return Header(held);
        if (held.Length < 4)
            return Demand.For(4);
        uint size = BinaryPrimitives.ReadUInt32BigEndian(held);
        if (size == 0)
            return Demand.End(4);
        if (held.Length < 8)
            return Demand.For(8);
        uint stored = BinaryPrimitives.ReadUInt32BigEndian(held[4..]);
        if (size > MaxBlock || stored == 0 || stored > size)
            throw new StreamBrokenException($"LZO block of {stored} bytes for {size}");
        int head = 8;
        if ((flags & AdlerDecoded) != 0)
            head += 4;
        if ((flags & CrcDecoded) != 0)
            head += 4;
        if (stored < size && (flags & AdlerStored) != 0)
            head += 4;
        if (stored < size && (flags & CrcStored) != 0)
            head += 4;
        int whole = head + (int)stored;
        if (held.Length < whole)
            return Demand.For(whole);
        if (decoded.Length < size)
            decoded = new byte[size];
        ReadOnlySpan<byte> block = held[head..whole];
        if (stored == size)
            block.CopyTo(decoded);
        else if (LzoBlock.Decode(block, decoded.AsSpan(0, (int)size), out int written) != 0 || written != (int)size)
            throw new StreamBrokenException("LZO block does not decode");
        return Demand.Did(whole, (int)size);
    }

    private Demand Header(ReadOnlySpan<byte> held)
    {
        if (held.Length < 9 + 7)
            return Demand.For(9 + 7);
        int at = 9;
        int version = BinaryPrimitives.ReadUInt16BigEndian(held[at..]);
        at += 7;
        if (version >= 0x940)
            at++;
        if (held.Length < at + 4)
            return Demand.For(at + 4);
        flags = BinaryPrimitives.ReadUInt32BigEndian(held[at..]);
        at += (flags & HasFilter) != 0 ? 8 : 4;
        at += version >= 0x940 ? 12 : 8;
        if (held.Length < at + 1)
            return Demand.For(at + 1);
        at += 1 + held[at] + 4;
        if (held.Length < at)
            return Demand.For(at);
        if ((flags & ExtraField) != 0)
            throw new StreamBrokenException("lzop file with an extra field");
        headerRead = true;
        return Demand.Did(at);
    }
}
