namespace Kdump.Formats.Compression;

/// <summary>The compressions of dumped pages: DUMP_DH_COMPRESSED_* in makedumpfile's diskdump_mod.h.</summary>
public static class PageCodecs
{
    public static IReadOnlyList<PageCodec> All { get; } = [Zlib.Codec, Lzo.Codec, Snappy.Codec, Zstd.Codec];

    /// <summary>All flags that mean a compression; a page with none of them is stored uncompressed.</summary>
    public static uint Flags { get; } = All.Aggregate(0u, (flags, codec) => flags | codec.Flag);

    /// <summary>The codec for a page's flags; null if the flags contain no compression or several.</summary>
    public static PageCodec? Of(uint flags)
    {
        foreach (PageCodec codec in All)
        {
            if ((flags & Flags) == codec.Flag)
                return codec;
        }
        return null;
    }
}
