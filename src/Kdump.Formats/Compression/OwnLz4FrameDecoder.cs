using System.Buffers.Binary;

namespace Kdump.Formats.Compression;

/// <summary>The LZ4 frame format (doc/lz4_Frame_format.md of LZ4) decoded without liblz4; used if liblz4 is not installed.</summary>
internal sealed class OwnLz4FrameDecoder : ChunkedDecoder
{
    private const int Window = 64 << 10;
    private const int Magic = 4;
    private const int Independent = 0x20, BlockChecksum = 0x10, ContentSize = 8, ContentChecksum = 4, DictionaryId = 1;
    private const uint Stored = 1u << 31;

    private readonly XxHash32 content = new();
    private byte[] window = [];
    private int history;
    private int flags;
    private int blockSize;
    private bool headerRead;

    protected override Demand Next(ReadOnlySpan<byte> held, bool last, ref byte[] decoded)
    {
        if (!headerRead)
            return Header(held);
        if (held.Length < 4)
            return Demand.For(4);
        uint word = BinaryPrimitives.ReadUInt32LittleEndian(held);
        if (word == 0)
            return End(held);
        int size = (int)(word & ~Stored), whole = 4 + size + ((flags & BlockChecksum) != 0 ? 4 : 0);
        if (size > blockSize)
            throw new StreamBrokenException($"LZ4 frame: a block of {size} bytes, and the frame allows {blockSize}");
        if (held.Length < whole)
            return Demand.For(whole);
        ReadOnlySpan<byte> block = held.Slice(4, size);
        if ((flags & BlockChecksum) != 0 && Hash(block) != BinaryPrimitives.ReadUInt32LittleEndian(held[(4 + size)..]))
            throw new StreamBrokenException("LZ4 frame: a block's checksum is wrong");
        return Demand.Did(whole, Decode(block, (word & Stored) != 0, ref decoded));
    }

    private int Decode(ReadOnlySpan<byte> block, bool stored, ref byte[] decoded)
    {
        // Blocks may refer to the last 64 KiB of the previous blocks.
        if ((flags & Independent) != 0)
            history = 0;
        int n;
        if (stored)
        {
            block.CopyTo(window.AsSpan(history));
            n = block.Length;
        }
        else
        {
            n = Lz4Block.Decode(block, window.AsSpan(0, history + blockSize), history, part: false);
            if (n < 0)
                throw new StreamBrokenException("LZ4 frame: a block does not decode");
        }
        ReadOnlySpan<byte> written = window.AsSpan(history, n);
        content.Add(written);
        if (decoded.Length < blockSize)
            decoded = new byte[blockSize];
        written.CopyTo(decoded);
        int end = history + n, kept = Math.Min(end, Window);
        window.AsSpan(end - kept, kept).CopyTo(window);
        history = kept;
        return n;
    }

    private Demand Header(ReadOnlySpan<byte> held)
    {
        if (held.Length < Magic + 3)
            return Demand.For(Magic + 3);
        flags = held[Magic];
        int length = 2 + ((flags & ContentSize) != 0 ? 8 : 0) + ((flags & DictionaryId) != 0 ? 4 : 0);
        if (held.Length < Magic + length + 1)
            return Demand.For(Magic + length + 1);
        int kind = held[Magic + 1] >> 4 & 7;
        if (flags >> 6 != 1 || kind < 4)
            throw new StreamBrokenException("LZ4 frame: a version or block size that is not known");
        if ((Hash(held.Slice(Magic, length)) >> 8 & 0xff) != held[Magic + length])
            throw new StreamBrokenException("LZ4 frame: the header's checksum is wrong");
        if ((flags & DictionaryId) != 0)
            throw new StreamBrokenException("LZ4 frame: it needs a dictionary");
        blockSize = 1 << (8 + 2 * kind);
        window = new byte[Window + blockSize];
        headerRead = true;
        return Demand.Did(Magic + length + 1);
    }

    private Demand End(ReadOnlySpan<byte> held)
    {
        if ((flags & ContentChecksum) == 0)
            return Demand.End(4);
        if (held.Length < 8)
            return Demand.For(8);
        if (content.Value() != BinaryPrimitives.ReadUInt32LittleEndian(held[4..]))
            throw new StreamBrokenException("LZ4 frame: the content's checksum is wrong");
        return Demand.End(8);
    }

    private static uint Hash(ReadOnlySpan<byte> bytes)
    {
        var hash = new XxHash32();
        hash.Add(bytes);
        return hash.Value();
    }
}
