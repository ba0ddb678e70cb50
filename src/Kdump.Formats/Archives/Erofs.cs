using Kdump.Formats.Bytes;

namespace Kdump.Formats.Archives;

/// <summary>
/// An erofs file system (fs/erofs/erofs_fs.h) read in place. Supported: plain, inline and chunked files; compressed files with both kinds
/// of index, clusters of several blocks, inline tails, fragments in the packed inode and shared extents; LZ4, LZMA, DEFLATE, Zstandard.
/// Not supported, but reported: multiple devices, the 48-bit layout and extent maps of Linux 6.15.
/// </summary>
internal sealed class Erofs
{
    public const uint Magic = 0xe0f5e1e2;

    public const uint ZeroPadding = 1;
    private const uint ChunkedFile = 4, DeviceTable = 8, Fragments = 0x20;

    /// <summary>The feature bits that are known: all up to EROFS_FEATURE_INCOMPAT_XATTR_PREFIXES.</summary>
    private const uint KnownFeatures = 0x7f;

    private readonly long metadata;
    private readonly long buildTime;
    private readonly HashSet<long> seen = [];
    private readonly List<ErofsInode> packed = [];
    private int entries;

    private Erofs(IByteSource source, string name)
    {
        Source = source;
        Layer = new ImageLayer(name, "erofs") { BecomesRoot = name.Contains("root.img", StringComparison.Ordinal) };
        var head = new byte[128];
        var c = new Cursor(head.AsSpan(0, source.Read(1024, head)), source.Name, 1024);
        if (c.U32("magic") != Magic)
            throw c.Bad("magic", "is not erofs");
        c.Skip(8, "checksum");
        BlockBits = c.U8("blkszbits");
        if (BlockBits is < 9 or > 16)
            throw c.Bad("blkszbits", $"blocks of 2^{BlockBits} bytes");
        c.U8("sb_extslots");
        long root = c.U16("root_nid");
        c.Skip(8, "inos");
        buildTime = c.S64("build_time");
        c.Skip(4 + 4, "build_time_nsec");
        metadata = (long)c.U32("meta_blkaddr") << BlockBits;
        c.Skip(4 + 16 + 16, "xattr_blkaddr");
        Features = c.U32("feature_incompat");
        if ((Features & ~KnownFeatures) != 0)
            throw c.Bad("feature_incompat", $"feature bits 0x{Features & ~KnownFeatures:x} are not read by this version");
        c.Skip(2, "u1");
        if (c.U16("extra_devices") != 0)
            throw c.Bad("extra_devices", "data on other devices is not in the image");
        c.Skip(2, "devt_slotoff");
        int folderBits = c.U8("dirblkbits");
        if (folderBits != 0)
            throw c.Bad("dirblkbits", $"folder blocks of 2^{folderBits} blocks are not read by this version");
        c.Skip(1 + 4, "xattr_prefix_count");
        PackedNid = c.S64("packed_nid");
        Algorithms = new ErofsAlgorithms(this);
        ErofsInode top = Inode(root);
        Fill(Layer.Root, top);
        Walk(top, root);
    }

    public IByteSource Source { get; }

    public ImageLayer Layer { get; }

    public int BlockBits { get; }

    public int BlockSize => 1 << BlockBits;

    public uint Features { get; }

    public long PackedNid { get; }

    public ErofsAlgorithms Algorithms { get; }

    /// <summary>Decoded clusters of the packed inode: one cluster contains many small files.</summary>
    public ErofsPackedCache PackedCache { get; } = new();

    /// <summary>The packed inode: its data are the tails of other files, or whole small files.</summary>
    public ErofsInode Packed
    {
        get
        {
            if ((Features & Fragments) == 0 || PackedNid <= 0)
                throw new InputException(Source.Name, "packed_nid", 1024 + 96, "a fragment is used, but there is no packed inode");
            if (packed.Count == 0)
                packed.Add(Inode(PackedNid));
            return packed[0];
        }
    }

    public static Erofs Open(IByteSource source, string name) => new(source, name);

    public ErofsInode Inode(long nid)
    {
        if (nid < 0 || nid > Source.Length / 32)
            throw new InputException(Source.Name, "nid", -1, $"{nid} is outside the file system");
        return ErofsInode.Read(Source, metadata + nid * 32, buildTime);
    }

    private void Walk(ErofsInode top, long rootNid)
    {
        var work = new Stack<(ImageNode Node, ErofsInode Inode)>();
        work.Push((Layer.Root, top));
        seen.Add(rootNid);
        while (work.TryPop(out (ImageNode Node, ErofsInode Inode) folder))
        {
            try
            {
                foreach ((string name, long nid) in ReadFolder(folder.Inode))
                    Enter(folder.Node, name, nid, work);
            }
            catch (InputException e)
            {
                Note(e);
            }
        }
    }

    private void Enter(ImageNode parent, string name, long nid, Stack<(ImageNode, ErofsInode)> work)
    {
        if (++entries > ImageLimits.MaxEntries)
            throw new InputException(Source.Name, "dirent", -1, $"more than {ImageLimits.MaxEntries} entries");
        try
        {
            ErofsInode inode = Inode(nid);
            bool folder = (inode.Mode & FileType.Mask) == FileType.Directory;
            if (folder && !seen.Add(nid))
                throw new InputException(Source.Name, "dirent", -1, $"the folder {name} occurs in two places");
            if (folder && parent.Depth >= ImageLimits.MaxDepth)
                throw new InputException(Source.Name, "dirent", -1, $"folders are more than {ImageLimits.MaxDepth} deep");
            ImageNode node = parent.Put(name);
            Fill(node, inode);
            if (folder)
                work.Push((node, inode));
        }
        catch (InputException e)
        {
            Note(e);
        }
    }

    private void Note(InputException e)
    {
        if (Layer.Damages.Count < 100)
            Layer.Damages.Add(Damage.From(e));
    }

    private void Fill(ImageNode node, in ErofsInode inode)
    {
        node.Mode = inode.Mode;
        node.Uid = inode.Uid;
        node.Gid = inode.Gid;
        node.Links = inode.Links;
        node.Modified = inode.Modified;
        uint type = inode.Mode & FileType.Mask;
        if (type is FileType.Block or FileType.Character)
        {
            node.SpecialMajor = (inode.Raw >> 8) & 0xfff;
            node.SpecialMinor = (inode.Raw & 0xff) | ((inode.Raw >> 12) & 0xfff00);
        }
        else if (type == FileType.Link)
            node.Target = CpioReader.Text(Whole(inode, ImageLimits.MaxPath, "symlink"));
        else if (type == FileType.Regular && inode.Size > 0)
            node.Content = new ErofsContent(this, inode);
    }

    private byte[] Whole(in ErofsInode inode, long max, string what)
    {
        if (inode.Size > max)
            throw new InputException(Source.Name, what, inode.End, $"{inode.Size} bytes are more than {max}");
        return new ErofsContent(this, inode).Read((int)inode.Size);
    }

    /// <summary>Reads a folder: blocks, each with a table of dirents followed by their names.</summary>
    private List<(string Name, long Nid)> ReadFolder(in ErofsInode inode)
    {
        byte[] data = Whole(inode, 256 << 20, "directory");
        var list = new List<(string, long)>();
        for (int at = 0; at < data.Length; at += BlockSize)
        {
            ReadOnlySpan<byte> block = data.AsSpan(at, Math.Min(BlockSize, data.Length - at));
            var c = new Cursor(block, Source.Name + " directory", at);
            c.Skip(8, "nid");
            int table = c.U16("nameoff");
            if (table < 12 || table % 12 != 0 || table > block.Length)
                throw c.Bad("nameoff", $"{table} is not a valid length of a table");
            c = new Cursor(block, Source.Name + " directory", at);
            int count = table / 12;
            var rows = new (long Nid, int Name)[count];
            for (int i = 0; i < count; i++)
            {
                rows[i] = (c.S64("nid"), c.U16("nameoff"));
                if (rows[i].Name > block.Length || (i > 0 && rows[i].Name < rows[i - 1].Name))
                    throw c.Bad("nameoff", $"{rows[i].Name} is out of order");
                c.Skip(2, "file_type");
            }
            for (int i = 0; i < count; i++)
            {
                ReadOnlySpan<byte> name = block[rows[i].Name..(i + 1 < count ? rows[i + 1].Name : block.Length)];
                int nul = name.IndexOf((byte)0);
                string text = CpioReader.Text(nul < 0 ? name : name[..nul]);
                if (text is "." or "..")
                    continue;
                if (text.Length == 0 || text.Contains('/'))
                    throw c.Bad("name", "is not a valid file name");
                list.Add((text, rows[i].Nid));
            }
        }
        return list;
    }
}
