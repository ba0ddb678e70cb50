using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Kdump.Tests.Builders;

/// <summary>Compresses a page as makedumpfile does, with the libraries themselves.</summary>
public static unsafe partial class PageCompression
{
    public const uint Raw = 0, Zlib = 1, Lzo = 2, Snappy = 4, Zstd = 0x20;

    public static byte[] Compress(uint kind, ReadOnlySpan<byte> page) => kind switch
    {
        Raw => page.ToArray(),
        Zlib => CompressZlib(page),
        Lzo => CompressLzo(page),
        Snappy => CompressSnappy(page),
        Zstd => CompressZstd(page),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private static byte[] CompressZlib(ReadOnlySpan<byte> page)
    {
        using MemoryStream to = new();
        using (ZLibStream zlib = new(to, CompressionLevel.Optimal))
            zlib.Write(page);
        return to.ToArray();
    }

    private static byte[] CompressLzo(ReadOnlySpan<byte> page)
    {
        byte[] work = new byte[1 << 18], to = new byte[page.Length * 2 + 1024];
        nuint length = (nuint)to.Length;
        fixed (byte* f = page, t = to, w = work)
            _ = lzo1x_1_compress(f, (nuint)page.Length, t, &length, w);
        return to[..(int)length];
    }

    private static byte[] CompressSnappy(ReadOnlySpan<byte> page)
    {
        byte[] to = new byte[page.Length * 2 + 1024];
        nuint length = (nuint)to.Length;
        fixed (byte* f = page, t = to)
            _ = snappy_compress(f, (nuint)page.Length, t, &length);
        return to[..(int)length];
    }

    private static byte[] CompressZstd(ReadOnlySpan<byte> page)
    {
        byte[] to = new byte[page.Length * 2 + 1024];
        fixed (byte* f = page, t = to)
            return to[..(int)ZSTD_compress(t, (nuint)to.Length, f, (nuint)page.Length, 1)];
    }

    [LibraryImport("liblzo2.so.2")]
    private static partial int lzo1x_1_compress(byte* from, nuint length, byte* to, nuint* toLength, byte* work);

    [LibraryImport("libsnappy.so.1")]
    private static partial int snappy_compress(byte* from, nuint length, byte* to, nuint* toLength);

    [LibraryImport("libzstd.so.1")]
    private static partial nuint ZSTD_compress(byte* to, nuint capacity, byte* from, nuint length, int level);
}
