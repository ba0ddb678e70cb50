namespace Kdump.Formats.Compression;

/// <summary>Every compression we know, in the order in which a stream's first bytes are tried.</summary>
public static class Codecs
{
    public static IReadOnlyList<Codec> All { get; } =
    [
        Zlib.Codec,
        Lzo.Codec,
        Snappy.Codec,
        Zstd.Codec,
    ];

    /// <summary>The codec whose stream begins so, or null.</summary>
    public static Codec? Of(ReadOnlySpan<byte> head)
    {
        foreach (Codec codec in All)
        {
            if (codec.Recognizes(head))
                return codec;
        }
        return null;
    }
}
