using Kdump.Formats.Bytes;
using Kdump.Formats.Compression;
using SharpCompress.Compressors.Deflate64;
using SharpCompress.Compressors.LZMA;
using SharpCompress.Compressors.PPMd;

namespace Kdump.Formats.Archives;

/// <summary>The compression methods of zip archives (APPNOTE 4.4.5): all that zip, 7-Zip and WinZip write.</summary>
internal static class ZipMethods
{
    /// <summary>Maximum memory of a decoder in bytes: the size of an LZMA dictionary is controlled by the input.</summary>
    private const uint MaxDictionary = 256 << 20;

    /// <param name="size">Unpacked size in bytes, which the data itself does not contain.</param>
    /// <returns>Null for an unsupported method.</returns>
    public static Stream? Open(int method, Stream packed, long size) => method switch
    {
        0 => packed,
        8 => new Unpacked(packed, Decoders.Deflate()),
        9 => new Deflate64Stream(packed, SharpCompress.Compressors.CompressionMode.Decompress),
        12 => new Unpacked(packed, Decoders.Bzip2()),
        14 => Lzma(packed, size),
        20 or 93 => new Unpacked(packed, Decoders.Zstd()),
        95 => new Unpacked(packed, Decoders.Xz()),
        98 => Ppmd(packed),
        _ => null,
    };

    /// <summary>LZMA (5.8.8): version, length of the properties, properties, then LZMA data without a header.</summary>
    private static LzmaStream Lzma(Stream packed, long size)
    {
        var head = new byte[9];
        packed.ReadExactly(head);
        if (head[2] != 5 || head[3] != 0)
            throw new InvalidDataException("the properties of LZMA have another length than LZMA's");
        if (BitConverter.ToUInt32(head, 5) > MaxDictionary)
            throw new InvalidDataException($"LZMA dictionary needs more than {MaxDictionary >> 20} MiB");
        return LzmaStream.Create(head[4..], packed, -1, size, leaveOpen: true);
    }

    /// <summary>PPMd (5.10): two bytes that contain order, memory and method.</summary>
    private static PpmdStream Ppmd(Stream packed)
    {
        var head = new byte[2];
        packed.ReadExactly(head);
        return PpmdStream.Create(new PpmdProperties(head), packed, false);
    }

    private sealed class Unpacked(Stream packed, StreamDecoder decoder) : ForwardStream
    {
        private readonly PackedInput input = new(packed.Read, new byte[16 << 10]);
        private bool ended;

        public override int Read(Span<byte> buffer)
        {
            // Do not call a decoder again after its end.
            int n = ended || buffer.IsEmpty ? 0 : decoder.Read(input, buffer);
            ended |= n == 0 && !buffer.IsEmpty;
            return n;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                decoder.Dispose();
            base.Dispose(disposing);
        }
    }
}
