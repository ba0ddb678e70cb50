namespace Kdump.Formats.Compression;

/// <summary>The compressions of dumped pages: DUMP_DH_COMPRESSED_* in makedumpfile's diskdump_mod.h.</summary>
public static class PageCodecs
{
    public static IReadOnlyList<PageCodec> All { get; } = [Zlib.Codec, Lzo.Codec, Snappy.Codec, Zstd.Codec];

    /// <summary>All bits that name a compression; a page without any is stored plain.</summary>
    public static uint Flags { get; } = All.Aggregate(0u, (flags, codec) => flags | codec.Flag);

    /// <summary>The codec of a page, or null when the flags name none or several.</summary>
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
