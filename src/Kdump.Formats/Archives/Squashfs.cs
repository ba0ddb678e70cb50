using Kdump.Formats.Bytes;

namespace Kdump.Formats.Archives;

/// <summary>
/// A squashfs 4.0 file system (Documentation/filesystems/squashfs.rst, fs/squashfs/squashfs_fs.h) read in place: little endian; file data
/// in blocks of a fixed size; tails of several files together in a fragment; inodes and folders in compressed metadata blocks of 8 KiB.
/// </summary>
internal sealed class Squashfs
{
    /// <summary>SQUASHFS_FILE_MAX_SIZE, in bytes.</summary>
    private const int MaxBlock = 1 << 20;

    private readonly IByteSource source;
    private readonly SquashfsBlocks blocks;
    private readonly long inodeTable;
    private readonly long directoryTable;
    private readonly uint[] ids;
    private readonly (long Offset, uint Size)[] fragments;
    private readonly HashSet<long> open = [];
    private int entries;

    private Squashfs(IByteSource source, string name)
    {
        this.source = source;
        Layer = new ImageLayer(name, "squashfs") { BecomesRoot = name.Contains("root.img", StringComparison.Ordinal) };
        var head = new byte[96];
        var c = new Cursor(head.AsSpan(0, source.Read(0, head)), source.Name);
        if (c.U32("s_magic") != 0x73717368)
            throw c.Bad("s_magic", "is not hsqs");
        c.Skip(4 + 4, "inodes");
        uint size = c.U32("block_size");
        if (size is 0 or > MaxBlock || (size & (size - 1)) != 0)
            throw c.Bad("block_size", $"{size} is not a power of two up to 1 MiB");
        uint fragmentCount = c.U32("fragments");
        int compression = c.U16("compression");
        if (compression is < 1 or > 6)
            throw c.Bad("compression", $"{compression} is unknown");
        c.Skip(4, "block_log");
        int idCount = c.U16("no_ids"), major = c.U16("s_major"), minor = c.U16("s_minor");
        if (major != 4)
            throw c.Bad("s_major", $"version {major}.{minor} is not 4.0");
        long root = c.Offset64("root_inode");
        c.Skip(8, "bytes_used");
        long idTable = c.Offset64("id_table_start");
        c.Skip(8, "xattr_id_table_start");
        inodeTable = c.Offset64("inode_table_start");
        directoryTable = c.Offset64("directory_table_start");
        long fragmentTable = c.S64("fragment_table_start");
        // Offsets within the file can be added to without overflow. The offset of a missing table is -1.
        if (Math.Max(Math.Max(idTable, fragmentTable), Math.Max(inodeTable, directoryTable)) > source.Length)
            throw c.Bad("fragment_table_start", "a table lies outside the file system");
        // squashfs_fs.h: ZLIB_COMPRESSION 1 to ZSTD_COMPRESSION 6
        Layer.Compression = new[] { "", "zlib", "lzma", "lzo", "xz", "lz4", "zstd" }[compression];
        blocks = new SquashfsBlocks(source, (int)size, compression);
        ids = ReadIds(idTable, idCount);
        fragments = ReadFragments(fragmentTable, fragmentCount);
        SquashfsInode top = SquashfsInode.Read(blocks, inodeTable, root);
        Fill(Layer.Root, top);
        Walk(Layer.Root, top, root);
    }

    public ImageLayer Layer { get; }

    public static Squashfs Open(IByteSource source, string name) => new(source, name);

    /// <summary>Reads all folders, with a work list instead of recursion because the depth is controlled by the input.</summary>
    private void Walk(ImageNode top, SquashfsInode topInode, long topReference)
    {
        var work = new Stack<(ImageNode Node, SquashfsInode Inode, long Reference)>();
        work.Push((top, topInode, topReference));
        open.Add(topReference);
        while (work.TryPop(out (ImageNode Node, SquashfsInode Inode, long Reference) folder))
        {
            try
            {
                foreach ((string name, long reference) in ReadFolder(folder.Inode))
                {
                    if (++entries > ImageLimits.MaxEntries)
                        throw new InputException(source.Name, "directory", -1, $"more than {ImageLimits.MaxEntries} entries");
                    try
                    {
                        SquashfsInode inode = SquashfsInode.Read(blocks, inodeTable, reference);
                        if (inode.IsFolder && !open.Add(reference))
                            throw new InputException(source.Name, "directory entry", -1, $"the folder {name} occurs in two places");
                        if (inode.IsFolder && folder.Node.Depth >= ImageLimits.MaxDepth)
                            throw new InputException(source.Name, "directory entry", -1,
                                $"folders are more than {ImageLimits.MaxDepth} deep");
                        ImageNode node = folder.Node.Put(name);
                        Fill(node, inode);
                        if (inode.IsFolder)
                            work.Push((node, inode, reference));
                    }
                    catch (InputException e)
                    {
                        Note(e);
                    }
                }
            }
            catch (InputException e)
            {
                Note(e);
            }
        }
    }

    private void Note(InputException e)
    {
        if (Layer.Damages.Count < 100)
            Layer.Damages.Add(Damage.From(e));
    }

    private void Fill(ImageNode node, SquashfsInode inode)
    {
        uint type = inode.Kind switch { 1 => FileType.Directory, 2 => FileType.Regular, 3 => FileType.Link, 4 => FileType.Block,
            5 => FileType.Character, 6 => FileType.Fifo, _ => FileType.Socket };
        node.Mode = type | inode.Permissions;
        node.Uid = inode.Uid < ids.Length ? ids[inode.Uid] : uint.MaxValue;
        node.Gid = inode.Gid < ids.Length ? ids[inode.Gid] : uint.MaxValue;
        node.Modified = inode.Modified;
        node.Links = inode.Links;
        node.Target = inode.Target;
        node.SpecialMajor = (inode.Device >> 8) & 0xfff;
        node.SpecialMinor = (inode.Device & 0xff) | ((inode.Device >> 12) & 0xfff00);
        if (type == FileType.Regular && inode.Size > 0)
            node.Content = new SquashfsContent(blocks, fragments, inode);
    }

    private List<(string Name, long Reference)> ReadFolder(SquashfsInode inode)
    {
        // "." and ".." are included in the size but not stored.
        long left = inode.Size - 3;
        if (left <= 0)
            return [];
        var list = new List<(string, long)>();
        var m = new SquashfsMetadata(blocks, directoryTable + inode.Start, (int)inode.Offset);
        while (left > 0)
        {
            uint count = m.U32("count");
            uint start = m.U32("start_block");
            m.Skip(4);
            left -= 12;
            if (count > 255)
                throw m.Bad("count", $"{count + 1L} is more than 256");
            for (uint i = 0; i <= count; i++)
            {
                int offset = m.U16("offset");
                m.Skip(4);
                int size = m.U16("size") + 1;
                if (size > 256)
                    throw m.Bad("size", $"a name of {size} bytes is longer than 256");
                string name = CpioReader.Text(m.Bytes(size));
                left -= 8 + size;
                if (name is "." or ".." || name.Contains('/') || name.Contains('\0'))
                    throw m.Bad("name", "is not a valid file name");
                list.Add((name, ((long)start << 16) | (uint)offset));
                if (list.Count > ImageLimits.MaxEntries)
                    throw m.Bad("count", $"more than {ImageLimits.MaxEntries} entries");
            }
        }
        return list;
    }

    private uint[] ReadIds(long table, int count)
    {
        var values = new uint[count];
        for (int i = 0; i < count; i += SquashfsBlocks.MetadataSize / 4)
        {
            var m = new SquashfsMetadata(blocks, blocks.Pointer(table, i / (SquashfsBlocks.MetadataSize / 4), "id table"), 0);
            for (int k = i; k < Math.Min(count, i + SquashfsBlocks.MetadataSize / 4); k++)
                values[k] = m.U32("id");
        }
        return values;
    }

    private (long Offset, uint Size)[] ReadFragments(long table, uint count)
    {
        if (count == 0 || table < 0)
            return [];
        // Entries have 16 bytes and hardly compress, so a count far beyond the file size is invalid.
        if (count > source.Length)
            throw new InputException(source.Name, "fragments", 16, $"{count} fragments in {source.Length} bytes");
        var list = new List<(long, uint)>();
        const int Each = SquashfsBlocks.MetadataSize / 16;
        for (uint i = 0; i < count; i += Each)
        {
            var m = new SquashfsMetadata(blocks, blocks.Pointer(table, i / Each, "fragment table"), 0);
            for (uint k = i; k < Math.Min((ulong)count, (ulong)i + Each); k++)
            {
                long start = unchecked((long)m.U64("start_block"));
                uint size = m.U32("size");
                m.Skip(4);
                list.Add((start, size));
            }
        }
        return [.. list];
    }
}
