namespace Kdump.Formats.Compression;

/// <summary>Whole blocks at once, as the compressed file systems keep them: both sizes are known before.</summary>
internal static class BlockDecoder
{
    /// <summary>Decodes with a stream decoder until it ends or the output is full; returns the bytes written.</summary>
    public static int Run(StreamDecoder decoder, ReadOnlySpan<byte> input, Span<byte> output)
    {
        int written = 0;
        for (;;)
        {
            StreamStep step = decoder.Step(input, last: true, output[written..]);
            input = input[step.Consumed..];
            written += step.Written;
            if (step.Ended || written == output.Length)
                return written;
            if (step.Consumed == 0 && step.Written == 0)
                throw new StreamBrokenException("the block is cut short");
        }
    }

    public static int Lz4(ReadOnlySpan<byte> input, Span<byte> output) =>
        Lz4LegacyDecoder.DecodeBlock(input, output) is >= 0 and var n ? n : throw new StreamBrokenException("LZ4 block does not decode");

    public static int Lz4Part(ReadOnlySpan<byte> input, Span<byte> output) =>
        Lz4LegacyDecoder.DecodeBlockPart(input, output) is >= 0 and var n ? n
            : throw new StreamBrokenException("LZ4 block does not decode");

    public static int Lzo(ReadOnlySpan<byte> input, Span<byte> output) =>
        LzopDecoder.DecodeBlock(input, output) is >= 0 and var n ? n : throw new StreamBrokenException("LZO block does not decode");
}
