using System.Buffers.Binary;
using Kdump.Formats.Bytes;
using Kdump.Formats.Compression;

namespace Kdump.Formats.Archives;

/// <summary>
/// Unpacks the blocks of a squashfs: metadata blocks of 8 KiB and data blocks of a fixed size. Both have a flag for blocks that are
/// stored uncompressed.
/// </summary>
internal sealed class SquashfsBlocks(IByteSource source, int blockSize, int compression)
{
    public const int MetadataSize = 8192;

    private readonly Dictionary<long, (byte[] Bytes, long Next)> metadata = [];
    private (long Offset, byte[] Bytes) lastBlock = (-1, []);
    private (long Offset, byte[] Bytes) lastFragment = (-1, []);

    public IByteSource Source => source;

    public int BlockSize => blockSize;

    /// <summary>Reads a 64-bit entry of a table of offsets.</summary>
    public long Pointer(long table, long index, string field)
    {
        Span<byte> raw = stackalloc byte[8];
        if (table < 0 || source.Read(table + index * 8, raw) < 8)
            throw new InputException(source.Name, field, table, "is outside the file system");
        return BinaryPrimitives.ReadInt64LittleEndian(raw);
    }

    /// <summary>Reads a metadata block; returns its bytes and the offset of the next block.</summary>
    public (byte[] Bytes, long Next) Block(long at)
    {
        if (metadata.TryGetValue(at, out (byte[], long) known))
            return known;
        Span<byte> head = stackalloc byte[2];
        if (at < 0 || source.Read(at, head) < 2)
            throw new InputException(source.Name, "metadata block", at, "is outside the file system");
        int raw = BinaryPrimitives.ReadUInt16LittleEndian(head), size = raw & 0x7fff;
        if (size is 0 or > MetadataSize)
            throw new InputException(source.Name, "metadata block", at, $"a size of {size}");
        var stored = new byte[size];
        if (source.Read(at + 2, stored) < size)
            throw new InputException(source.Name, "metadata block", at, "is cut short");
        byte[] bytes = stored;
        if ((raw & 0x8000) == 0)
        {
            bytes = new byte[MetadataSize];
            int n = Decode(stored, bytes, at);
            if (n < MetadataSize)
                Array.Resize(ref bytes, n);
        }
        // Each block has 8 KiB: at most 64 MiB are kept.
        if (metadata.Count >= 8192)
            metadata.Clear();
        return metadata[at] = (bytes, at + 2 + size);
    }

    /// <summary>Reads one data block or fragment. Bit 24 of the size means that the block is stored uncompressed.</summary>
    public byte[] Data(long at, uint word)
    {
        if (lastBlock.Offset == at)
            return lastBlock.Bytes;
        uint size = word & 0xffffff;
        if (size > blockSize || at < 0 || at > source.Length - size)
            throw new InputException(source.Name, "data block", at,
                $"{size} bytes are outside the file system or larger than a block ({blockSize})");
        var stored = new byte[size];
        if (source.Read(at, stored) < (int)size)
            throw new InputException(source.Name, "data block", at, "is cut short");
        byte[] bytes = stored;
        if ((word & 0x1000000) == 0)
        {
            bytes = new byte[blockSize];
            int n = Decode(stored, bytes, at);
            if (n < blockSize)
                Array.Resize(ref bytes, n);
        }
        lastBlock = (at, bytes);
        return bytes;
    }

    /// <summary>Reads a fragment. Many small files share one; if they are read in order, it is decoded once.</summary>
    public byte[] Fragment(long at, uint word)
    {
        if (lastFragment.Offset != at)
            lastFragment = (at, Data(at, word));
        return lastFragment.Bytes;
    }

    private int Decode(ReadOnlySpan<byte> input, Span<byte> output, long at)
    {
        try
        {
            return compression switch
            {
                1 => BlockDecoder.Run(Decoders.Zlib(), input, output),
                2 => BlockDecoder.Run(Decoders.Lzma(), input, output),
                3 => BlockDecoder.Lzo(input, output),
                4 => BlockDecoder.Run(Decoders.Xz(), input, output),
                5 => BlockDecoder.Lz4(input, output),
                _ => BlockDecoder.Run(Decoders.Zstd(), input, output),
            };
        }
        catch (StreamBrokenException e)
        {
            throw new InputException(source.Name, "block", at, e.Message, e);
        }
    }
}
