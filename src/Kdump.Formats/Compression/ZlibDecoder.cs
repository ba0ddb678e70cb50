using System.Runtime.InteropServices;

namespace Kdump.Formats.Compression;

/// <summary>DEFLATE in its three formats, decoded by zlib: gzip (RFC 1952), zlib (RFC 1950) and raw (RFC 1951).</summary>
public sealed unsafe partial class ZlibDecoder : StepDecoder
{
    internal const string Library = "libz.so.1";
    private const int StreamEnd = 1, NeedsDictionary = 2, BufferError = -5;

    private readonly ZStream* stream;

    private ZlibDecoder(int windowBits)
    {
        stream = (ZStream*)NativeMemory.AllocZeroed((nuint)sizeof(ZStream));
        fixed (byte* version = "1.2.11\0"u8)
        {
            if (inflateInit2_(stream, windowBits, version, sizeof(ZStream)) != 0)
                throw new StreamBrokenException("zlib could not start");
        }
    }

    public static ZlibDecoder Gzip() => new(15 + 16);

    public static ZlibDecoder Zlib() => new(15);

    public static ZlibDecoder Deflate() => new(-15);

    protected override StreamStep Step(ReadOnlySpan<byte> input, bool last, Span<byte> output)
    {
        fixed (byte* from = input)
        fixed (byte* to = output)
        {
            stream->NextIn = from;
            stream->AvailIn = (uint)input.Length;
            stream->NextOut = to;
            stream->AvailOut = (uint)output.Length;
            int result = inflate(stream, 0);
            bool broken = result < 0 && result != BufferError || result == NeedsDictionary;
            string? trouble;
            if (!broken)
                trouble = null;
            else if (stream->Message == null)
                trouble = $"zlib error {result}";
            else
                trouble = Marshal.PtrToStringUTF8((nint)stream->Message);
            return new(input.Length - (int)stream->AvailIn, output.Length - (int)stream->AvailOut, result == StreamEnd,
                trouble);
        }
    }

    protected override void Dispose(bool disposing)
    {
        _ = inflateEnd(stream);
        NativeMemory.Free(stream);
    }

    /// <summary>z_stream of zlib.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct ZStream
    {
        public byte* NextIn;
        public uint AvailIn;
        public nuint TotalIn;
        public byte* NextOut;
        public uint AvailOut;
        public nuint TotalOut;
        public byte* Message;
        public void* State;
        public void* Alloc;
        public void* Free;
        public void* Opaque;
        public int DataType;
        public nuint Adler;
        public nuint Reserved;
    }

    [LibraryImport(Library)]
    private static partial int inflateInit2_(ZStream* stream, int windowBits, byte* version, int size);

    [LibraryImport(Library)]
    private static partial int inflate(ZStream* stream, int flush);

    [LibraryImport(Library)]
    private static partial int inflateEnd(ZStream* stream);
}
