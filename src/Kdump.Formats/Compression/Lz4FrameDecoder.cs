using System.Runtime.InteropServices;

namespace Kdump.Formats.Compression;

/// <summary>The LZ4 frame format, which <c>lz4</c> writes by default; no kernel unpacks it.</summary>
public sealed unsafe partial class Lz4FrameDecoder : StepDecoder
{
    private const int Version = 100;

    /// <summary>
    /// Size in bytes of the smallest frame header, with the magic: LZ4F_MIN_SIZE_TO_KNOW_HEADER_LENGTH and the bytes after it.
    /// </summary>
    private const int FrameHead = 7;

    private readonly void* context;
    private nuint wanted = FrameHead;

    public Lz4FrameDecoder()
    {
        void* made = null;
        if (LZ4F_isError(LZ4F_createDecompressionContext(&made, Version)) != 0)
            throw new StreamBrokenException("liblz4 could not start");
        context = made;
    }

    protected override StreamStep Step(ReadOnlySpan<byte> input, bool last, Span<byte> output)
    {
        fixed (byte* from = input)
        fixed (byte* to = output)
        {
            // Decode one block per call: a failing call does not report the blocks that it wrote before.
            nuint consumed = Math.Min((nuint)input.Length, wanted), written = (nuint)output.Length;
            nuint result = LZ4F_decompress(context, to, &written, from, &consumed, null);
            if (LZ4F_isError(result) != 0)
                return new(0, 0, false, "LZ4 frame: " + Marshal.PtrToStringUTF8(LZ4F_getErrorName(result)));
            wanted = result;
            return new((int)consumed, (int)written, result == 0);
        }
    }

    protected override void Dispose(bool disposing) => LZ4F_freeDecompressionContext(context);

    [LibraryImport(Lz4Block.Library)]
    private static partial nuint LZ4F_createDecompressionContext(void** context, uint version);

    [LibraryImport(Lz4Block.Library)]
    private static partial nuint LZ4F_freeDecompressionContext(void* context);

    [LibraryImport(Lz4Block.Library)]
    private static partial nuint LZ4F_decompress(void* context, byte* target, nuint* targetSize, byte* source, nuint* sourceSize,
        void* options);

    [LibraryImport(Lz4Block.Library)]
    private static partial uint LZ4F_isError(nuint code);

    [LibraryImport(Lz4Block.Library)]
    private static partial nint LZ4F_getErrorName(nuint code);
}
