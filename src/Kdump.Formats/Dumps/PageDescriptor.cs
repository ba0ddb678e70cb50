using Kdump.Formats.Bytes;
using Kdump.Formats.Compression;

namespace Kdump.Formats.Dumps;

/// <summary>One page of a kdump-compressed file: page_desc_t in makedumpfile's diskdump_mod.h.</summary>
public readonly record struct PageDescriptor(long Offset, int Size, uint Flags)
{
    public const int Length = 24;

    /// <summary>True if the page is stored uncompressed.</summary>
    public bool Plain => (Flags & PageCodecs.Flags) == 0;

    public static PageDescriptor Read(ref Cursor c, int blockSize)
    {
        long offset = c.Offset64("page_desc.offset");
        uint size = c.U32("page_desc.size");
        // A page is stored compressed only if that makes it smaller.
        if (size > (uint)blockSize)
            throw c.Bad("page_desc.size", $"{size} is larger than a block ({blockSize})");
        PageDescriptor descriptor = new(offset, (int)size, c.U32("page_desc.flags"));
        c.Skip(8, "page_desc.page_flags");
        return descriptor;
    }
}
