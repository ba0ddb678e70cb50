using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Kdump.Formats.Compression;

/// <summary>
/// zlib (RFC 1950), the compression of <c>makedumpfile -c</c>. One inflate state per thread is kept and reset, because initialising one
/// takes longer than decoding a page.
/// </summary>
public static class Zlib
{
    public static readonly PageCodec Codec = new("zlib", 1, Decode);

    [ThreadStatic]
    private static Inflate? state;

    private static string? Decode(ReadOnlySpan<byte> source, Span<byte> target, out int written)
    {
        // If libdeflate fails, decode again with zlib, which reports the reason.
        if (SystemLibrary.Has(Deflate.Library) && Deflate.TryDecode(source, target, out written))
            return null;
        if (SystemLibrary.Has(ZlibNative.Library))
            return DecodeWithZlib(source, target, out written);
        return DecodeHere(source, target, out written);
    }

    /// <summary>Decodes a page with zlib, as if libdeflate were not installed.</summary>
    public static string? DecodeWithZlib(ReadOnlySpan<byte> source, Span<byte> target, out int written)
    {
        state ??= new Inflate(windowBits: 15);
        int result = state.Run(source, target, out int used, out written);
        return result switch
        {
            ZlibNative.StreamEnd => null,
            ZlibNative.Ok or ZlibNative.BufferError when used == source.Length && written < target.Length => "the zlib data is cut short",
            ZlibNative.Ok or ZlibNative.BufferError => $"the zlib data is larger than {target.Length} bytes",
            _ => $"the zlib data is broken ({ZlibNative.Describe(result)})",
        };
    }

    /// <summary>Decodes a page with .NET's decoder; used if neither library is installed.</summary>
    private static unsafe string? DecodeHere(ReadOnlySpan<byte> source, Span<byte> target, out int written)
    {
        written = 0;
        if (source.IsEmpty)
            return "the zlib data is cut short";
        fixed (byte* from = source)
        {
            using var packed = new UnmanagedMemoryStream(from, source.Length);
            using var zlib = new ZLibStream(packed, CompressionMode.Decompress);
            try
            {
                written = zlib.ReadAtLeast(target, target.Length, throwOnEndOfStream: false);
                if (written == target.Length && zlib.ReadByte() >= 0)
                    return $"the zlib data is larger than {target.Length} bytes";
                // .NET accepts data that ends within its checksum as complete.
                return source.Length >= 6 && Adler(target[..written]) == BinaryPrimitives.ReadUInt32BigEndian(source[^4..]) ? null
                    : "the zlib data is cut short";
            }
            catch (Exception e) when (e is InvalidDataException or IOException)
            {
                return "the zlib data is broken (data error)";
            }
        }
    }

    /// <summary>Adler-32 checksum (RFC 1950, 8.2).</summary>
    private static uint Adler(ReadOnlySpan<byte> bytes)
    {
        uint low = 1, high = 0;
        foreach (byte b in bytes)
        {
            low = (low + b) % 65521;
            high = (high + low) % 65521;
        }
        return high << 16 | low;
    }

    /// <summary>One inflate state, reset before each block.</summary>
    private sealed unsafe class Inflate
    {
        private readonly ZlibNative.Stream* stream;

        public Inflate(int windowBits)
        {
            // zlib keeps a pointer from its state back to the stream, so the stream must not move.
            stream = (ZlibNative.Stream*)NativeMemory.AllocZeroed((nuint)sizeof(ZlibNative.Stream));
            ZlibNative.Initialize(stream, windowBits);
        }

        ~Inflate()
        {
            _ = ZlibNative.InflateEnd(stream);
            NativeMemory.Free(stream);
        }

        public int Run(ReadOnlySpan<byte> source, Span<byte> target, out int used, out int written)
        {
            _ = ZlibNative.InflateReset(stream);
            fixed (byte* from = source, to = target)
            {
                stream->NextIn = from;
                stream->AvailIn = (uint)source.Length;
                stream->NextOut = to;
                stream->AvailOut = (uint)target.Length;
                int result = ZlibNative.InflateStep(stream, ZlibNative.Finish);
                used = source.Length - (int)stream->AvailIn;
                written = target.Length - (int)stream->AvailOut;
                return result;
            }
        }
    }
}
