namespace Kdump.Formats.Compression;

/// <summary>
/// Every compression of an initramfs segment: the table of lib/decompress.c, and the LZ4 frame formats that tools write and no kernel
/// reads. Magics are told apart by their first two bytes there; here by all of them, except LZMA, whose first byte holds its parameters.
/// </summary>
public static class StreamCodecs
{
    /// <summary>Bytes of a segment that <see cref="Of"/> wants to see.</summary>
    public const int MagicBytes = 9;

    public static readonly StreamCodec[] All =
    [
        new("gzip", new byte[] { 0x1f, 0x8b }, ZlibDecoder.Library, "CONFIG_RD_GZIP", ZlibDecoder.Gzip),
        new("bzip2", new byte[] { 0x42, 0x5a, 0x68 }, Bzip2Decoder.Library, "CONFIG_RD_BZIP2", () => new Bzip2Decoder()),
        new("lzma", new byte[] { 0x5d, 0x00 }, LzmaDecoder.Library, "CONFIG_RD_LZMA", LzmaDecoder.Alone),
        new("xz", new byte[] { 0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00 }, LzmaDecoder.Library, "CONFIG_RD_XZ", LzmaDecoder.Xz),
        new("lzo", new byte[] { 0x89, 0x4c, 0x5a, 0x4f, 0x00, 0x0d, 0x0a, 0x1a, 0x0a }, LzopDecoder.Library, "CONFIG_RD_LZO",
            () => new LzopDecoder()),
        new("lz4", new byte[] { 0x02, 0x21, 0x4c, 0x18 }, Lz4LegacyDecoder.Library, "CONFIG_RD_LZ4", () => new Lz4LegacyDecoder()),
        new("lz4 frame", new byte[] { 0x04, 0x22, 0x4d, 0x18 }, Lz4LegacyDecoder.Library, null, () => new Lz4FrameDecoder()),
        new("zstd", new byte[] { 0x28, 0xb5, 0x2f, 0xfd }, ZstdDecoder.Library, "CONFIG_RD_ZSTD", () => new ZstdDecoder()),
    ];

    /// <summary>The compression that begins with these bytes, or null.</summary>
    public static StreamCodec? Of(ReadOnlySpan<byte> head)
    {
        foreach (StreamCodec codec in All)
        {
            if (codec.Recognizes(head))
                return codec;
        }
        return null;
    }
}
