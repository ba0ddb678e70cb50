namespace Kdump.Formats.Compression;

/// <summary>Decodes whole blocks, as compressed file systems store them: packed and unpacked sizes are known beforehand.</summary>
internal static class BlockDecoder
{
    public static int Run(StreamDecoder decoder, ReadOnlySpan<byte> input, Span<byte> output)
    {
        using (decoder)
            return decoder.Run(input, output);
    }

    public static int Lz4(ReadOnlySpan<byte> input, Span<byte> output) =>
        Lz4Block.Decode(input, output) is >= 0 and var n ? n : throw new StreamBrokenException("LZ4 block does not decode");

    public static int Lz4Part(ReadOnlySpan<byte> input, Span<byte> output) =>
        Lz4Block.DecodePart(input, output) is >= 0 and var n ? n : throw new StreamBrokenException("LZ4 block does not decode");

    public static int Lzo(ReadOnlySpan<byte> input, Span<byte> output) =>
        LzoBlock.Decode(input, output, out int n) == 0 ? n : throw new StreamBrokenException("LZO block does not decode");
}
