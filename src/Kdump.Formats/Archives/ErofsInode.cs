using Kdump.Formats.Bytes;

namespace Kdump.Formats.Archives;

/// <summary>How an inode stores its data: fs/erofs/erofs_fs.h.</summary>
internal enum ErofsLayout
{
    FlatPlain,
    CompressedFull,
    FlatInline,
    CompressedCompact,
    ChunkBased,
}

/// <summary>An inode of erofs: 32 bytes (compact) or 64 (extended), then its extended attributes.</summary>
/// <param name="Raw">i_u: block address, number of compressed blocks, device number or chunk format, depending on layout and
/// type.</param>
/// <param name="End">Offset of the first byte after the inode and its attributes, where inline data or the compression map
/// begins.</param>
internal readonly record struct ErofsInode(ErofsLayout Layout, uint Mode, long Size, uint Raw, uint Uid, uint Gid, uint Links,
    long Modified, long End)
{
    /// <summary>Maximum file size in bytes: larger than any file of an image, and small enough that sums do not overflow.</summary>
    private const long MaxSize = 1L << 48;

    public static ErofsInode Read(IByteSource source, long at, long buildTime)
    {
        Span<byte> raw = stackalloc byte[64];
        var c = new Cursor(raw[..source.Read(at, raw)], source.Name, at);
        int format = c.U16("i_format");
        int layout = (format >> 1) & 7;
        if (layout > (int)ErofsLayout.ChunkBased)
            throw c.Bad("i_format", $"data layout {layout} is unknown");
        int attributes = c.U16("i_xattr_icount");
        long extra = attributes == 0 ? 0 : 12 + (attributes - 1) * 4L;
        uint mode = c.U16("i_mode");
        if ((format & 1) == 0)
        {
            uint links = c.U16("i_nlink");
            uint size = c.U32("i_size");
            c.Skip(4, "i_reserved");
            uint u = c.U32("i_u");
            c.Skip(4, "i_ino");
            return new((ErofsLayout)layout, mode, size, u, c.U16("i_uid"), c.U16("i_gid"), links, buildTime, at + 32 + extra);
        }
        c.Skip(2, "i_reserved");
        long length = c.Offset64("i_size");
        if (length > MaxSize)
            throw c.Bad("i_size", $"{length} bytes are more than the file system can contain");
        uint place = c.U32("i_u");
        c.Skip(4, "i_ino");
        uint uid = c.U32("i_uid"), gid = c.U32("i_gid");
        long modified = c.S64("i_mtime");
        c.Skip(4, "i_mtime_nsec");
        return new((ErofsLayout)layout, mode, length, place, uid, gid, c.U32("i_nlink"), modified, at + 64 + extra);
    }
}
