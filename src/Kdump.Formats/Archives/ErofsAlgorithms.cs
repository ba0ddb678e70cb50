using Kdump.Formats.Bytes;
using Kdump.Formats.Compression;

namespace Kdump.Formats.Archives;

/// <summary>Decodes one physical cluster of erofs: fs/erofs/decompressor*.c.</summary>
internal sealed class ErofsAlgorithms(Erofs owner)
{
    public const int Lz4 = 0, Lzma = 1, Deflate = 2, Zstd = 3, Shifted = 4, Interlaced = 5;

    /// <summary>
    /// Z_EROFS_LZMA_MAX_DICT_SIZE, in bytes. The image may specify a smaller dictionary after the super block, but the largest decodes
    /// every cluster.
    /// </summary>
    private const uint Dictionary = 8 << 20;

    /// <param name="logical">Offset in the file of the first byte of <paramref name="output"/>.</param>
    /// <param name="exact">True if the cluster unpacks to exactly these bytes; false if it may unpack to more.</param>
    public void Decode(int algorithm, ReadOnlySpan<byte> input, Span<byte> output, long logical, bool exact, long at)
    {
        try
        {
            int n = algorithm switch
            {
                Lz4 => BlockDecoder.Lz4Part((owner.Features & Erofs.ZeroPadding) != 0 ? Trim(input) : input, output),
                Lzma => BlockDecoder.Run(Decoders.MicroLzma(Trim(input).Length, output.Length, exact, Dictionary), Trim(input), output),
                Deflate => BlockDecoder.Run(Decoders.Deflate(), Trim(input), output),
                Zstd => BlockDecoder.Run(Decoders.Zstd(), Trim(input), output),
                Shifted => Plain(input, output),
                Interlaced => Rotated(input, output, (int)(logical & (owner.BlockSize - 1))),
                _ => throw new StreamBrokenException($"algorithm {algorithm} is unknown"),
            };
            if (n < output.Length)
                throw new StreamBrokenException($"{n} bytes instead of {output.Length}");
        }
        catch (StreamBrokenException e)
        {
            throw new InputException(owner.Source.Name, "cluster", at, e.Message, e);
        }
    }

    /// <summary>Removes the zeros before compressed data: the data is aligned to the end of its cluster.</summary>
    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> input) =>
        input.IndexOfAnyExcept((byte)0) is > 0 and var n ? input[n..] : input;

    private static int Plain(ReadOnlySpan<byte> input, Span<byte> output)
    {
        int n = Math.Min(input.Length, output.Length);
        input[..n].CopyTo(output);
        return n;
    }

    /// <summary>
    /// Copies an interlaced cluster: each byte is stored at the offset in the block that it has in memory, wrapping around from the
    /// block's end to its start.
    /// </summary>
    private int Rotated(ReadOnlySpan<byte> input, Span<byte> output, int offset)
    {
        int first = Math.Min(Math.Min(owner.BlockSize, input.Length) - offset, output.Length);
        if (first < 0)
            return 0;
        input.Slice(offset, first).CopyTo(output);
        int rest = Math.Min(output.Length - first, input.Length);
        input[..rest].CopyTo(output[first..]);
        return first + rest;
    }
}
