using SharpCompress.Compressors.ZStandard.Unsafe;

namespace Kdump.Formats.Compression;

/// <summary>One Zstandard frame (RFC 8878) decoded by SharpCompress's translation of libzstd; used if libzstd is not installed.</summary>
internal sealed unsafe class ManagedZstdDecoder : StepDecoder
{
    private readonly ZSTD_DCtx_s* stream = Methods.ZSTD_createDStream();
    private nuint wanted = ZstdDecoder.FrameHead;

    protected override StreamStep Step(ReadOnlySpan<byte> input, bool last, Span<byte> output)
    {
        fixed (byte* from = input)
        fixed (byte* to = output)
        {
            var source = new ZSTD_inBuffer_s { src = from, size = Math.Min((nuint)input.Length, wanted) };
            var target = new ZSTD_outBuffer_s { dst = to, size = (nuint)output.Length };
            nuint result = Methods.ZSTD_decompressStream(stream, &target, &source);
            if (Methods.ZSTD_isError(result))
                return new(0, 0, false, "zstd: " + Methods.ZSTD_getErrorName(result));
            wanted = result;
            return new((int)source.pos, (int)target.pos, result == 0);
        }
    }

    protected override void Dispose(bool disposing) => Methods.ZSTD_freeDStream(stream);
}
