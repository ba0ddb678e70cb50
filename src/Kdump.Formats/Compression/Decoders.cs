namespace Kdump.Formats.Compression;

/// <summary>A decoder for each kind of compressed data: the system library's where it is installed, else one that needs none.</summary>
internal static class Decoders
{
    public static StreamDecoder Gzip() => SystemLibrary.Has(ZlibDecoder.Library) ? ZlibDecoder.Gzip() : PulledDecoder.Gzip();

    public static StreamDecoder Zlib() => SystemLibrary.Has(ZlibDecoder.Library) ? ZlibDecoder.Zlib() : PulledDecoder.Zlib();

    public static StreamDecoder Deflate() => SystemLibrary.Has(ZlibDecoder.Library) ? ZlibDecoder.Deflate() : PulledDecoder.Deflate();

    public static StreamDecoder Bzip2() => SystemLibrary.Has(Bzip2Decoder.Library) ? new Bzip2Decoder() : PulledDecoder.Bzip2();

    public static StreamDecoder Lzma() => SystemLibrary.Has(LzmaDecoder.Library) ? LzmaDecoder.Alone() : PulledDecoder.Lzma();

    public static StreamDecoder Xz() => SystemLibrary.Has(LzmaDecoder.Library) ? LzmaDecoder.Xz() : PulledDecoder.Xz();

    /// <param name="exact">The block unpacks to this size and no more.</param>
    public static StreamDecoder MicroLzma(int compressed, int uncompressed, bool exact, uint dictionary) =>
        SystemLibrary.Has(LzmaDecoder.Library, LzmaDecoder.MicroFunction)
            ? LzmaDecoder.Micro(compressed, uncompressed, exact, dictionary) : PulledDecoder.MicroLzma(uncompressed, dictionary);

    public static StreamDecoder Lz4Frame() => SystemLibrary.Has(Lz4Block.Library) ? new Lz4FrameDecoder() : new OwnLz4FrameDecoder();

    public static StreamDecoder Zstd() => SystemLibrary.Has(ZstdDecoder.Library) ? new ZstdDecoder() : new ManagedZstdDecoder();
}
