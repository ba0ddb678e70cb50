namespace Kdump.Formats.Compression;

/// <summary>
/// Creates the decoder for each kind of compressed data: one that uses the system's library if it is installed, otherwise a managed one.
/// </summary>
internal static class Decoders
{
    public static StreamDecoder Gzip() => SystemLibrary.Has(ZlibDecoder.Library) ? ZlibDecoder.Gzip() : PulledDecoder.Gzip();

    public static StreamDecoder Zlib() => SystemLibrary.Has(ZlibDecoder.Library) ? ZlibDecoder.Zlib() : PulledDecoder.Zlib();

    public static StreamDecoder Deflate() => SystemLibrary.Has(ZlibDecoder.Library) ? ZlibDecoder.Deflate() : PulledDecoder.Deflate();

    public static StreamDecoder Bzip2() => SystemLibrary.Has(Bzip2Decoder.Library) ? new Bzip2Decoder() : PulledDecoder.Bzip2();

    public static StreamDecoder Lzma() => SystemLibrary.Has(LzmaDecoder.Library) ? LzmaDecoder.Alone() : PulledDecoder.Lzma();

    public static StreamDecoder Xz() => SystemLibrary.Has(LzmaDecoder.Library) ? LzmaDecoder.Xz() : PulledDecoder.Xz();

    /// <param name="exact">True if the block unpacks to exactly <paramref name="uncompressed"/> bytes; false if it may unpack to
    /// more.</param>
    public static StreamDecoder MicroLzma(int compressed, int uncompressed, bool exact, uint dictionary) =>
        SystemLibrary.Has(LzmaDecoder.Library, LzmaDecoder.MicroFunction)
            ? LzmaDecoder.Micro(compressed, uncompressed, exact, dictionary) : PulledDecoder.MicroLzma(uncompressed, dictionary);

    public static StreamDecoder Lz4Frame() => SystemLibrary.Has(Lz4Block.Library) ? new Lz4FrameDecoder() : new OwnLz4FrameDecoder();

    public static StreamDecoder Zstd() => SystemLibrary.Has(ZstdDecoder.Library) ? new ZstdDecoder() : new ManagedZstdDecoder();
}
