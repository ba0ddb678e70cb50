using System.Runtime.InteropServices;

namespace Kdump.Formats.Compression;

/// <summary>
/// zlib (RFC 1950), the compression of <c>makedumpfile -c</c>.
/// One inflate state per thread is kept and reset, because setting one up costs more than a page.
/// </summary>
public static class Zlib
{
    public static readonly PageCodec Codec = new("zlib", 1, ZlibNative.Library, ZlibNative.Packages, Decode);

    [ThreadStatic]
    private static Inflate? state;

    private static string? Decode(ReadOnlySpan<byte> source, Span<byte> target, out int written)
    {
        // What the faster library refuses goes to zlib, which can say why.
        return Deflate.Installed && Deflate.TryDecode(source, target, out written) ? null : DecodeWithZlib(source, target, out written);
    }

    /// <summary>Decodes as the codec does where libdeflate is not installed.</summary>
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
