using Kdump.Formats.Bytes;
using Kdump.Formats.Compression;

namespace Kdump.Formats.Archives;

/// <summary>Checks for compressed data that user-space libraries accept but the kernel's decompressors refuse.</summary>
internal static class CompressionLint
{
    /// <summary>The largest window, in bytes, that lib/decompress_unzstd.c allocates.</summary>
    private const long MaxZstdWindow = 128L << 20;

    /// <summary>
    /// Above this window size, in bytes, the decompressor needs a considerable part of a crash kernel's memory (a few hundred megabytes).
    /// </summary>
    private const long CostlyWindow = 32L << 20;

    public static void Check(Initramfs image, long at, StreamCodec codec)
    {
        int segment = image.SegmentList.Count;
        Span<byte> head = stackalloc byte[32];
        head = head[..image.Source.Read(at, head)];
        var c = new Cursor(head, image.Name, at);
        try
        {
            if (codec.Kernel is null)
                image.ObjectionList.Add(new(ObjectionKind.Refused, segment, at,
                    $"{codec.Name}: the kernel unpacks the legacy LZ4 format only (lz4 -l)",
                    "invalid magic at start of compressed archive"));
            else if (codec.Name == "xz")
                CheckXz(image, segment, at, ref c);
            else if (codec.Name == "zstd")
                CheckZstd(image, segment, at, ref c);
            else if (codec.Name == "lzma")
                CheckLzma(image, segment, at, ref c);
        }
        catch (InputException)
        {
            // A truncated header: the decoder reports it.
        }
    }

    /// <summary>LZ4 legacy has no end mark, so the kernel reads the following bytes as one more chunk.</summary>
    public static void CheckNext(Initramfs image, int segment, StreamCodec codec, long end)
    {
        if (codec.Name != "lz4" || end >= image.End)
            return;
        Span<byte> next = stackalloc byte[4];
        if (image.Source.Read(end, next) == 4 && next.IndexOfAnyExcept((byte)0) >= 0)
            image.ObjectionList.Add(new(ObjectionKind.Refused, segment, end,
                "something follows an LZ4 segment, which has no end mark: the kernel reads it as LZ4 and fails", "Decoding failed"));
    }

    /// <summary>Stream flags of the xz file format, section 2.1.1.2: lib/xz/xz_dec_stream.c supports only CRC32 or no check.</summary>
    private static void CheckXz(Initramfs image, int segment, long at, ref Cursor c)
    {
        c.Skip(7, "magic");
        int check = c.U8("stream flags") & 15;
        if (check > 1)
        {
            string name = check switch { 4 => "CRC64", 10 => "SHA-256", _ => $"number {check}" };
            image.ObjectionList.Add(new(ObjectionKind.Refused, segment, at,
                $"xz with the check {name}: the kernel knows CRC32 only (xz --check=crc32)",
                "Input was encoded with settings that are not supported by this XZ decoder"));
        }
        c.Skip(4, "CRC32");
        // Block header: size, flags, then filters; the LZMA2 filter (0x21) has one byte for the dictionary.
        c.U8("block header size");
        int flags = c.U8("block flags");
        if ((flags & 0xc3) == 0 && c.U8("filter id") == 0x21 && c.U8("properties size") == 1)
        {
            int bits = c.U8("dictionary size") & 0x3f;
            if (bits <= 40)
                Window(image, segment, at, "xz dictionary", bits == 40 ? uint.MaxValue : (2L | (bits & 1)) << (bits / 2 + 11),
                    long.MaxValue);
        }
    }

    /// <summary>Checks the window size in the frame header (RFC 8878, section 3.1.1.1).</summary>
    private static void CheckZstd(Initramfs image, int segment, long at, ref Cursor c)
    {
        c.Skip(4, "magic");
        int descriptor = c.U8("frame header descriptor");
        long window;
        if ((descriptor & 0x20) != 0)
        {
            c.Skip((descriptor & 3) switch { 0 => 0, 1 => 1, 2 => 2, _ => 4 }, "dictionary id");
            window = (descriptor >> 6) switch
            {
                0 => c.U8("frame content size"),
                1 => c.U16("frame content size") + 256,
                2 => c.U32("frame content size"),
                _ => c.Offset64("frame content size"),
            };
        }
        else
        {
            int b = c.U8("window descriptor");
            long step = 1L << (10 + (b >> 3));
            window = step + step / 8 * (b & 7);
        }
        Window(image, segment, at, "zstd window", window, MaxZstdWindow);
    }

    private static void CheckLzma(Initramfs image, int segment, long at, ref Cursor c)
    {
        c.U8("properties");
        Window(image, segment, at, "lzma dictionary", c.U32("dictionary size"), long.MaxValue);
    }

    private static void Window(Initramfs image, int segment, long at, string what, long size, long limit)
    {
        if (size > limit)
            image.ObjectionList.Add(new(ObjectionKind.Refused, segment, at,
                $"{what} of {size >> 20} MiB: the kernel allows {limit >> 20} MiB", "ZSTD-compressed data has too large a window size"));
        else if (size > CostlyWindow)
            image.ObjectionList.Add(new(ObjectionKind.Costly, segment, at,
                $"{what} of {size >> 20} MiB, which the kernel needs on top while it unpacks"));
    }
}
