using System.Runtime.InteropServices;

namespace Kdump.Formats.Compression;

/// <summary>The LZ4 frame format of plain <c>lz4</c>, which no kernel unpacks.</summary>
public sealed unsafe partial class Lz4FrameDecoder : StreamDecoder
{
    private const int Version = 100;

    private readonly void* context;
    private bool ended;

    public Lz4FrameDecoder()
    {
        void* made = null;
        if (LZ4F_isError(LZ4F_createDecompressionContext(&made, Version)) != 0)
            throw new StreamBrokenException("liblz4 could not start");
        context = made;
    }

    public override StreamStep Step(ReadOnlySpan<byte> input, bool last, Span<byte> output)
    {
        if (ended)
            return new(0, 0, true);
        fixed (byte* from = input)
        fixed (byte* to = output)
        {
            nuint consumed = (nuint)input.Length, written = (nuint)output.Length;
            nuint result = LZ4F_decompress(context, to, &written, from, &consumed, null);
            if (LZ4F_isError(result) != 0)
                throw new StreamBrokenException("LZ4 frame: " + Marshal.PtrToStringUTF8(LZ4F_getErrorName(result)));
            ended = result == 0;
            return new((int)consumed, (int)written, ended);
        }
    }

    protected override void Dispose(bool disposing) => LZ4F_freeDecompressionContext(context);

    [LibraryImport(Lz4LegacyDecoder.Library)]
    private static partial nuint LZ4F_createDecompressionContext(void** context, uint version);

    [LibraryImport(Lz4LegacyDecoder.Library)]
    private static partial nuint LZ4F_freeDecompressionContext(void* context);

    [LibraryImport(Lz4LegacyDecoder.Library)]
    private static partial nuint LZ4F_decompress(void* context, byte* target, nuint* targetSize, byte* source, nuint* sourceSize,
        void* options);

    [LibraryImport(Lz4LegacyDecoder.Library)]
    private static partial uint LZ4F_isError(nuint code);

    [LibraryImport(Lz4LegacyDecoder.Library)]
    private static partial nint LZ4F_getErrorName(nuint code);
}
