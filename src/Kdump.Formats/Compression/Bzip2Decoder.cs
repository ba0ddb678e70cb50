using System.Runtime.InteropServices;

namespace Kdump.Formats.Compression;

/// <summary>bzip2 by libbz2.</summary>
public sealed unsafe partial class Bzip2Decoder : StepDecoder
{
    internal const string Library = "libbz2.so.1.0";
    private const int Ok = 0, StreamEnd = 4;

    private readonly BzStream* stream;

    public Bzip2Decoder()
    {
        stream = (BzStream*)NativeMemory.AllocZeroed((nuint)sizeof(BzStream));
        if (BZ2_bzDecompressInit(stream, 0, 0) != Ok)
            throw new StreamBrokenException("libbz2 could not start");
    }

    protected override StreamStep Step(ReadOnlySpan<byte> input, bool last, Span<byte> output)
    {
        fixed (byte* from = input)
        fixed (byte* to = output)
        {
            stream->NextIn = from;
            stream->AvailIn = (uint)input.Length;
            stream->NextOut = to;
            stream->AvailOut = (uint)output.Length;
            int result = BZ2_bzDecompress(stream);
            return new(input.Length - (int)stream->AvailIn, output.Length - (int)stream->AvailOut, result == StreamEnd,
                result switch { >= 0 => null, -4 or -5 => "bzip2 data is corrupt", _ => $"libbz2 error {result}" });
        }
    }

    protected override void Dispose(bool disposing)
    {
        _ = BZ2_bzDecompressEnd(stream);
        NativeMemory.Free(stream);
    }

    /// <summary>bz_stream of bzlib.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct BzStream
    {
        public byte* NextIn;
        public uint AvailIn;
        public uint TotalInLow;
        public uint TotalInHigh;
        public byte* NextOut;
        public uint AvailOut;
        public uint TotalOutLow;
        public uint TotalOutHigh;
        public void* State;
        public void* Alloc;
        public void* Free;
        public void* Opaque;
    }

    [LibraryImport(Library)]
    private static partial int BZ2_bzDecompressInit(BzStream* stream, int verbosity, int small);

    [LibraryImport(Library)]
    private static partial int BZ2_bzDecompress(BzStream* stream);

    [LibraryImport(Library)]
    private static partial int BZ2_bzDecompressEnd(BzStream* stream);
}
