using System.Runtime.InteropServices;

namespace Kdump.Formats.Compression;

/// <summary>One Zstandard frame (RFC 8878) by libzstd.</summary>
public sealed unsafe partial class ZstdDecoder : StepDecoder
{
    internal const string Library = "libzstd.so.1";

    /// <summary>ZSTD_FRAMEHEADERSIZE_MIN: number of bytes that the decoder needs first.</summary>
    internal const int FrameHead = 5;

    private readonly void* stream;
    private nuint wanted = FrameHead;

    public ZstdDecoder()
    {
        stream = ZSTD_createDStream();
        if (stream == null)
            throw new StreamBrokenException("libzstd could not start");
    }

    protected override StreamStep Step(ReadOnlySpan<byte> input, bool last, Span<byte> output)
    {
        fixed (byte* from = input)
        fixed (byte* to = output)
        {
            // A call with more input than requested may write one block, fail at the next, and report neither the block nor its size.
            var source = new Buffer { Data = from, Size = Math.Min((nuint)input.Length, wanted) };
            var target = new Buffer { Data = to, Size = (nuint)output.Length };
            nuint result = ZSTD_decompressStream(stream, &target, &source);
            if (ZSTD_isError(result) != 0)
                return new(0, 0, false, "zstd: " + Marshal.PtrToStringUTF8(ZSTD_getErrorName(result)));
            wanted = result;
            return new((int)source.Position, (int)target.Position, result == 0);
        }
    }

    protected override void Dispose(bool disposing) => ZSTD_freeDStream(stream);

    /// <summary>ZSTD_inBuffer and ZSTD_outBuffer of zstd.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Buffer
    {
        public void* Data;
        public nuint Size;
        public nuint Position;
    }

    [LibraryImport(Library)]
    private static partial void* ZSTD_createDStream();

    [LibraryImport(Library)]
    private static partial nuint ZSTD_freeDStream(void* stream);

    [LibraryImport(Library)]
    private static partial nuint ZSTD_decompressStream(void* stream, Buffer* output, Buffer* input);

    [LibraryImport(Library)]
    private static partial uint ZSTD_isError(nuint code);

    [LibraryImport(Library)]
    private static partial nint ZSTD_getErrorName(nuint code);
}
