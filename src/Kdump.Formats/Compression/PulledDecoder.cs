using System.Buffers.Binary;
using System.IO.Compression;
using SharpCompress.Common;
using SharpCompress.Compressors.BZip2;
using SharpCompress.Compressors.LZMA;
using SharpCompress.Compressors.Xz;

namespace Kdump.Formats.Compression;

/// <summary>
/// gzip, bzip2, xz and LZMA by SharpCompress, used if the system's libraries are not installed. SharpCompress's decoders read their input
/// themselves, read no byte after the end of the stream, and report errors by many types of exceptions.
/// </summary>
internal sealed class PulledDecoder(string name, Func<PackedStream, Stream> open) : StreamDecoder
{
    /// <summary>Number of bytes to decode per call: no more than these are lost before a damaged place.</summary>
    private const int Piece = 512;

    /// <summary>Maximum memory of a decoder in bytes: the size of the dictionary is controlled by the input.</summary>
    private const uint MaxDictionary = 256 << 20;

    private PackedStream? packed;
    private Stream? decoder;
    private bool ended;

    public static PulledDecoder Bzip2() =>
        new("bzip2", s => BZip2Stream.Create(s, SharpCompress.Compressors.CompressionMode.Decompress, decompressConcatenated: false,
            leaveOpen: true));

    public static PulledDecoder Gzip() => new("gzip", s => new GzipMember(s));

    /// <summary>A zlib block. The end of its input is not determined.</summary>
    public static PulledDecoder Zlib() =>
        new("zlib", s => new ZLibStream(s, CompressionMode.Decompress, leaveOpen: true));

    /// <summary>A raw DEFLATE block.</summary>
    public static PulledDecoder Deflate() =>
        new("deflate", s => new DeflateStream(s, CompressionMode.Decompress, leaveOpen: true));

    public static PulledDecoder Xz() => new("XZ", s => new XZStream(s));

    /// <summary>LZMA_Alone: properties, dictionary size, and unpacked size, which is -1 for a stream that ends with a mark.</summary>
    public static PulledDecoder Lzma() => new("LZMA", s =>
    {
        var head = new byte[13];
        s.ReadExactly(head);
        Allow(BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(1)));
        return LzmaStream.Create(head[..5], s, -1, BinaryPrimitives.ReadInt64LittleEndian(head.AsSpan(5)), leaveOpen: true);
    });

    /// <summary>MicroLZMA of erofs: no header. The first byte is the complement of the properties; in LZMA it is zero.</summary>
    public static PulledDecoder MicroLzma(int uncompressed, uint dictionary) => new("LZMA", s =>
    {
        var properties = new byte[5];
        properties[0] = (byte)~s.ReadByte();
        BinaryPrimitives.WriteUInt32LittleEndian(properties.AsSpan(1), dictionary);
        return LzmaStream.Create(properties, new Prefixed(s), -1, uncompressed, leaveOpen: true);
    });

    public override int Read(PackedInput input, Span<byte> output)
    {
        if (ended)
            return 0;
        try
        {
            decoder ??= open(packed ??= new PackedStream(input));
            var piece = new byte[Math.Min(output.Length, Piece)];
            int n = decoder.Read(piece, 0, piece.Length);
            piece.AsSpan(0, n).CopyTo(output);
            ended = n == 0;
            return n;
        }
        catch (Exception e) when (e is not StreamBrokenException && packed is not { Failed: true })
        {
            if (e is EndOfStreamException or IncompleteArchiveException)
                throw new StreamBrokenException("the data is cut short", cut: true, e);
            throw new StreamBrokenException(e is NotImplementedException or NotSupportedException
                ? $"{name} options that are not read without the system's library" : $"{name}-compressed data is corrupt", inner: e);
        }
    }

    protected override void Dispose(bool disposing) => decoder?.Dispose();

    private static void Allow(uint dictionary)
    {
        if (dictionary > MaxDictionary)
            throw new StreamBrokenException($"LZMA dictionary needs more than {MaxDictionary >> 20} MiB");
    }

    /// <summary>A stream that begins with a zero byte, followed by another stream.</summary>
    private sealed class Prefixed(Stream rest) : Stream
    {
        private bool given;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => rest.Position; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            if (given || count == 0)
                return rest.Read(buffer, offset, count);
            given = true;
            buffer[offset] = 0;
            return 1;
        }

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
