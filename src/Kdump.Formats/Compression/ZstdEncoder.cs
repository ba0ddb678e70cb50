using System.Runtime.InteropServices;

namespace Kdump.Formats.Compression;

/// <summary>Writes one Zstandard frame with a checksum by libzstd; closing this stream also closes the underlying stream.</summary>
public sealed unsafe partial class ZstdEncoder : Stream
{
    public const string Library = ZstdDecoder.Library;

    /// <summary>ZSTD_cParameter and ZSTD_EndDirective of zstd.h.</summary>
    private const int CompressionLevel = 100, ChecksumFlag = 201, Continue = 0, End = 2;

    private readonly Stream inner;
    private readonly byte[] packed = new byte[128 << 10];
    private void* context;

    public ZstdEncoder(Stream inner, int level = 9)
    {
        this.inner = inner;
        context = ZSTD_createCCtx();
        if (context == null)
            throw new IOException("libzstd could not start");
        _ = ZSTD_CCtx_setParameter(context, CompressionLevel, level);
        _ = ZSTD_CCtx_setParameter(context, ChecksumFlag, 1);
    }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer) => Pack(buffer, Continue);

    public override void Flush() { }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (context != null)
        {
            try
            {
                if (disposing)
                    Pack([], End);
            }
            finally
            {
                _ = ZSTD_freeCCtx(context);
                context = null;
                if (disposing)
                    inner.Dispose();
            }
        }
        base.Dispose(disposing);
    }

    private void Pack(ReadOnlySpan<byte> data, int directive)
    {
        fixed (byte* from = data)
        fixed (byte* to = packed)
        {
            var source = new Span { Data = from, Size = (nuint)data.Length };
            for (;;)
            {
                var target = new Span { Data = to, Size = (nuint)packed.Length };
                nuint left = ZSTD_compressStream2(context, &target, &source, directive);
                if (ZSTD_isError(left) != 0)
                    throw new IOException("zstd: " + Marshal.PtrToStringUTF8(ZSTD_getErrorName(left)));
                inner.Write(packed, 0, (int)target.Position);
                if (directive == End ? left == 0 : source.Position == source.Size)
                    return;
            }
        }
    }

    /// <summary>ZSTD_inBuffer and ZSTD_outBuffer of zstd.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Span
    {
        public void* Data;
        public nuint Size;
        public nuint Position;
    }

    [LibraryImport(Library)]
    private static partial void* ZSTD_createCCtx();

    [LibraryImport(Library)]
    private static partial nuint ZSTD_freeCCtx(void* context);

    [LibraryImport(Library)]
    private static partial nuint ZSTD_CCtx_setParameter(void* context, int parameter, int value);

    [LibraryImport(Library)]
    private static partial nuint ZSTD_compressStream2(void* context, Span* output, Span* input, int directive);

    [LibraryImport(Library)]
    private static partial uint ZSTD_isError(nuint code);

    [LibraryImport(Library)]
    private static partial nint ZSTD_getErrorName(nuint code);
}
