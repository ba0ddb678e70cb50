namespace Kdump.Formats.Compression;

/// <summary>LZO1X, the compression of <c>makedumpfile -l</c>: raw blocks without header or checksum.</summary>
public static class Lzo
{
    public static readonly PageCodec Codec = new("lzo", 2, Decode);

    private static string? Decode(ReadOnlySpan<byte> source, Span<byte> target, out int written) =>
        LzoBlock.Decode(source, target, out written) switch
        {
            0 => null,
            LzoBlock.InputOverrun => "the lzo data is cut short",
            LzoBlock.OutputOverrun => $"the lzo data is larger than {target.Length} bytes",
            LzoBlock.LookBehind => "the lzo data looks back before its start",
            LzoBlock.InputNotConsumed => "the lzo data ends before its block does",
            int error => $"the lzo data is broken (error {error})",
        };
}
