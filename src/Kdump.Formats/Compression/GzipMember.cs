using System.Buffers.Binary;
using Kdump.Formats.Bytes;
using SharpCompress.Compressors;
using SharpCompress.Compressors.Deflate;

namespace Kdump.Formats.Compression;

/// <summary>
/// One member of a gzip file (RFC 1952) decoded by SharpCompress's inflate, which reports how many bytes of its input it did not use.
/// </summary>
internal sealed class GzipMember(PackedStream packed) : ForwardStream
{
    private const int Deflated = 8, HeaderCrc = 2, Extra = 4, Name = 8, Comment = 16;

    private DeflateStream? inflate;
    private long start;
    private Crc32 crc;
    private uint length;
    private bool ended;

    public override int Read(Span<byte> buffer)
    {
        if (ended)
            return 0;
        if (inflate is null)
            Header();
        var piece = new byte[buffer.Length];
        int n = inflate!.Read(piece, 0, piece.Length);
        piece.AsSpan(0, n).CopyTo(buffer);
        crc.Add(buffer[..n]);
        length = unchecked(length + (uint)n);
        if (n == 0 && buffer.Length > 0)
            Trailer();
        return n;
    }

    private void Header()
    {
        var head = new byte[10];
        packed.ReadExactly(head);
        if (head[2] != Deflated)
            throw new StreamBrokenException($"gzip with the compression {head[2]}");
        int flags = head[3];
        if ((flags & Extra) != 0)
        {
            for (int left = packed.ReadByte() | packed.ReadByte() << 8; left > 0; left--)
                packed.ReadByte();
        }
        foreach (int text in new[] { Name, Comment })
        {
            while ((flags & text) != 0 && packed.ReadByte() != 0) { }
        }
        if ((flags & HeaderCrc) != 0)
            packed.ReadExactly(new byte[2]);
        start = packed.Position;
        inflate = new DeflateStream(new Some(packed), CompressionMode.Decompress);
    }

    private void Trailer()
    {
        ended = true;
        packed.GiveBack((int)(packed.Position - start - inflate!.TotalIn));
        var tail = new byte[8];
        packed.ReadExactly(tail);
        if (BinaryPrimitives.ReadUInt32LittleEndian(tail) != crc.Value)
            throw new StreamBrokenException("incorrect data check");
        if (BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(4)) != length)
            throw new StreamBrokenException("incorrect length check");
    }

    /// <summary>A stream whose last read can be given back in part.</summary>
    private sealed class Some(PackedStream packed) : ForwardStream
    {
        public override int Read(Span<byte> buffer) => packed.ReadSome(buffer);
    }
}
