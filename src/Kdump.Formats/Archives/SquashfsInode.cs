namespace Kdump.Formats.Archives;

/// <summary>An inode of a squashfs (squashfs_fs.h). There are fourteen types: seven basic ones, and an extended form of each.</summary>
internal struct SquashfsInode
{
    public int Kind;
    public uint Permissions, Uid, Gid, Links, Device;
    public long Modified, Size, Start, Offset;
    public uint Fragment;
    public string? Target;
    public (long Block, int Offset) Blocks;

    public readonly bool IsFolder => Kind == 1;

    public static SquashfsInode Read(SquashfsBlocks blocks, long inodeTable, long reference)
    {
        var m = new SquashfsMetadata(blocks, inodeTable + (reference >> 16), (int)(reference & 0xffff));
        int type = m.U16("inode_type");
        if (type is < 1 or > 14)
            throw m.Bad("inode_type", $"{type} is unknown");
        bool big = type > 7;
        var inode = new SquashfsInode { Kind = big ? type - 7 : type, Permissions = m.U16("mode") & 0xfffu, Uid = m.U16("uid"),
            Gid = m.U16("guid"), Modified = m.U32("mtime"), Links = 1 };
        m.Skip(4);
        switch (inode.Kind)
        {
            case 1 when !big:
                inode.Start = m.U32("start_block");
                inode.Links = m.U32("nlink");
                inode.Size = m.U16("file_size");
                inode.Offset = m.U16("offset");
                break;
            case 1:
                inode.Links = m.U32("nlink");
                inode.Size = m.U32("file_size");
                inode.Start = m.U32("start_block");
                m.Skip(4 + 2);
                inode.Offset = m.U16("offset");
                break;
            case 2 when !big:
                inode.Start = m.U32("start_block");
                inode.Fragment = m.U32("fragment");
                inode.Offset = m.U32("offset");
                inode.Size = m.U32("file_size");
                inode.Blocks = m.Position;
                break;
            case 2:
                inode.Start = unchecked((long)m.U64("start_block"));
                inode.Size = (long)Math.Min(m.U64("file_size"), long.MaxValue);
                m.Skip(8);
                inode.Links = m.U32("nlink");
                inode.Fragment = m.U32("fragment");
                inode.Offset = m.U32("offset");
                m.Skip(4);
                inode.Blocks = m.Position;
                break;
            case 3:
                inode.Links = m.U32("nlink");
                uint size = m.U32("symlink_size");
                if (size > ImageLimits.MaxPath)
                    throw m.Bad("symlink_size", $"{size} is more than {ImageLimits.MaxPath}");
                inode.Target = CpioReader.Text(m.Bytes((int)size));
                break;
            case 4 or 5:
                inode.Links = m.U32("nlink");
                inode.Device = m.U32("rdev");
                break;
            default:
                inode.Links = m.U32("nlink");
                break;
        }
        return inode;
    }
}
