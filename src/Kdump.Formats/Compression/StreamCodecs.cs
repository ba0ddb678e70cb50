namespace Kdump.Formats.Compression;

/// <summary>
/// Every compression of an initramfs segment: the table of lib/decompress.c, and the LZ4 frame formats, which tools write but no kernel
/// reads. The kernel compares only the first two bytes of a magic; here all bytes are compared, except for LZMA, whose first bytes
/// contain parameters.
/// </summary>
public static class StreamCodecs
{
    /// <summary>Number of bytes from the start of a segment that <see cref="Of"/> needs.</summary>
    public const int MagicBytes = 9;

    private static readonly byte[] ZstdMagic = [0x28, 0xb5, 0x2f, 0xfd];

    public static readonly StreamCodec[] All =
    [
        new("gzip", new byte[] { 0x1f, 0x8b }, "CONFIG_RD_GZIP", Decoders.Gzip),
        new("bzip2", new byte[] { 0x42, 0x5a, 0x68 }, "CONFIG_RD_BZIP2", Decoders.Bzip2),
        new("lzma", new byte[] { 0x5d, 0x00 }, "CONFIG_RD_LZMA", Decoders.Lzma),
        new("xz", new byte[] { 0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00 }, "CONFIG_RD_XZ", Decoders.Xz),
        new("lzo", new byte[] { 0x89, 0x4c, 0x5a, 0x4f, 0x00, 0x0d, 0x0a, 0x1a, 0x0a }, "CONFIG_RD_LZO", () => new LzopDecoder()),
        new("lz4", new byte[] { 0x02, 0x21, 0x4c, 0x18 }, "CONFIG_RD_LZ4", () => new Lz4LegacyDecoder()),
        new("lz4 frame", new byte[] { 0x04, 0x22, 0x4d, 0x18 }, null, Decoders.Lz4Frame),
        new("zstd", ZstdMagic, "CONFIG_RD_ZSTD", Decoders.Zstd),
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

    /// <summary>
    /// The compression of any file: one of an initramfs, or zstd data after skippable frames (RFC 8878, 3.1.2), which pzstd and the
    /// seekable format write.
    /// </summary>
    public static StreamCodec? OfFile(ReadOnlySpan<byte> head) => Of(head) ?? (IsSkippable(head) ? Of(ZstdMagic) : null);

    /// <summary>
    /// True for the magic of a skippable frame, which contains no data for the decoder; four bytes with its length follow.
    /// </summary>
    internal static bool IsSkippable(ReadOnlySpan<byte> head) =>
        head.Length >= 4 && head[0] >> 4 == 5 && head[1..4].SequenceEqual<byte>([0x2a, 0x4d, 0x18]);
}
