using System.Buffers.Binary;

namespace Kdump.Formats.Compression;

/// <summary>
/// The LZ4 format of <c>lz4 -l</c>, the only one the kernel unpacks: a magic, then chunks of 8 MiB, each with its compressed size. There
/// is no end mark: lib/decompress_unlz4.c stops at the end of the input or at a chunk size of zero, and treats any other following data
/// as a chunk. Here the stream also ends if the next four bytes cannot be a chunk size, so that the data after it can be shown.
/// </summary>
public sealed class Lz4LegacyDecoder : ChunkedDecoder
{
    private const uint Magic = 0x184c2102;
    private const uint GzipMagic = 0x00088b1f;
    private const int ChunkSize = 8 << 20;

    /// <summary>LZ4_COMPRESSBOUND of a full chunk.</summary>
    private const int ChunkBound = ChunkSize + ChunkSize / 255 + 16;

    private bool started;

    protected override Demand Next(ReadOnlySpan<byte> held, bool last, ref byte[] decoded)
    {
        if (held.Length < 4)
        {
            if (last && started)
                return Demand.End(0);
            return Demand.For(4);
        }
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(held);
        if (size == Magic)
        {
            started = true;
            return Demand.Did(4);
        }
        // gzip's is the only magic that could be a chunk size, and a gzip segment is far more likely than a chunk of exactly that size.
        if (size is 0 or > ChunkBound or GzipMagic)
            return Demand.End(0);
        if (held.Length < 4 + (int)size)
            return Demand.For(4 + (int)size);
        if (decoded.Length < ChunkSize)
            decoded = new byte[ChunkSize];
        int n = Lz4Block.Decode(held.Slice(4, (int)size), decoded);
        if (n < 0)
            throw new StreamBrokenException("LZ4 chunk does not decode");
        return Demand.Did(4 + (int)size, n);
    }
}
