using System.Buffers.Binary;
using Kdump.Formats.Bytes;
using Kdump.Formats.Compression;

namespace Kdump.Formats.Archives;

/// <summary>
/// A squashfs 4.0 file system (Documentation/filesystems/squashfs.rst, fs/squashfs/squashfs_fs.h) read where it stands: little endian,
/// data in blocks of one size, tails of files together in fragments, inodes and folders in compressed blocks of 8 KiB.
/// </summary>
internal sealed class Squashfs
{
    private const uint NoFragment = uint.MaxValue;
    private const int MetadataSize = 8192;

    /// <summary>SQUASHFS_FILE_MAX_SIZE.</summary>
    private const int MaxBlock = 1 << 20;

    private readonly IByteSource source;
    private readonly int blockSize;
    private readonly int compression;
    private readonly long inodeTable;
    private readonly long directoryTable;
    private readonly uint[] ids;
    private readonly (long Offset, uint Size)[] fragments;
    private readonly Dictionary<long, (byte[] Bytes, long Next)> metadata = [];
    private readonly HashSet<long> open = [];
    private int entries;
    private (long Offset, byte[] Bytes) lastBlock = (-1, []);
    private (long Offset, byte[] Bytes) lastFragment = (-1, []);

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
            throw c.Bad("block_size", $"{size} is no power of two up to 1 MiB");
        blockSize = (int)size;
        uint fragmentCount = c.U32("fragments");
        compression = c.U16("compression");
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
        // What lies within the file can be added to without overflow. A table that is not there is -1.
        if (Math.Max(Math.Max(idTable, fragmentTable), Math.Max(inodeTable, directoryTable)) > source.Length)
            throw c.Bad("fragment_table_start", "a table lies outside the file system");
        ids = ReadIds(idTable, idCount);
        fragments = ReadFragments(fragmentTable, fragmentCount);
        Inode top = ReadInode(root);
        Fill(Layer.Root, top);
        Walk(Layer.Root, top, root);
    }

    public ImageLayer Layer { get; }

    public static Squashfs Open(IByteSource source, string name) => new(source, name);

    /// <summary>Folders are walked with a list, not by recursion: depth comes from the input.</summary>
    private void Walk(ImageNode top, Inode topInode, long topReference)
    {
        var work = new Stack<(ImageNode Node, Inode Inode, long Reference)>();
        work.Push((top, topInode, topReference));
        open.Add(topReference);
        while (work.TryPop(out (ImageNode Node, Inode Inode, long Reference) folder))
        {
            try
            {
                foreach ((string name, long reference) in ReadFolder(folder.Inode))
                {
                    if (++entries > ImageLimits.MaxEntries)
                        throw new InputException(source.Name, "directory", -1, $"more than {ImageLimits.MaxEntries} entries");
                    try
                    {
                        Inode inode = ReadInode(reference);
                        if (inode.IsFolder && !open.Add(reference))
                            throw new InputException(source.Name, "directory entry", -1, $"the folder {name} stands in two places");
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

    private void Fill(ImageNode node, Inode inode)
    {
        uint type = inode.Kind switch { 1 => FileType.Directory, 2 => FileType.Regular, 3 => FileType.Link, 4 => FileType.Block, 5 => FileType.Character, 6 => FileType.Fifo, _ => FileType.Socket };
        node.Mode = type | inode.Permissions;
        node.Uid = inode.Uid < ids.Length ? ids[inode.Uid] : uint.MaxValue;
        node.Gid = inode.Gid < ids.Length ? ids[inode.Gid] : uint.MaxValue;
        node.Modified = inode.Modified;
        node.Links = inode.Links;
        node.Target = inode.Target;
        node.SpecialMajor = (inode.Device >> 8) & 0xfff;
        node.SpecialMinor = (inode.Device & 0xff) | ((inode.Device >> 12) & 0xfff00);
        if (type == FileType.Regular && inode.Size > 0)
            node.Content = new SquashContent(this, inode);
    }

    private Inode ReadInode(long reference)
    {
        var m = new Metadata(this, inodeTable + (reference >> 16), (int)(reference & 0xffff));
        int type = m.U16("inode_type");
        if (type is < 1 or > 14)
            throw m.Bad("inode_type", $"{type} is unknown");
        bool big = type > 7;
        var inode = new Inode { Kind = big ? type - 7 : type, Permissions = m.U16("mode") & 0xfffu, Uid = m.U16("uid"), Gid = m.U16("guid"), Modified = m.U32("mtime"), Links = 1 };
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

    private List<(string Name, long Reference)> ReadFolder(Inode inode)
    {
        // "." and ".." are counted in the size and not written.
        long left = inode.Size - 3;
        if (left <= 0)
            return [];
        var list = new List<(string, long)>();
        var m = new Metadata(this, directoryTable + inode.Start, (int)inode.Offset);
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
                    throw m.Bad("name", "is no name of a file");
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
        for (int i = 0; i < count; i += MetadataSize / 4)
        {
            var m = new Metadata(this, Pointer(table, i / (MetadataSize / 4), "id table"), 0);
            for (int k = i; k < Math.Min(count, i + MetadataSize / 4); k++)
                values[k] = m.U32("id");
        }
        return values;
    }

    private (long Offset, uint Size)[] ReadFragments(long table, uint count)
    {
        if (count == 0 || table < 0)
            return [];
        // Sixteen bytes each, packed a few times at best: a count far beyond the file is a lie.
        if (count > source.Length)
            throw new InputException(source.Name, "fragments", 16, $"{count} fragments in {source.Length} bytes");
        var list = new List<(long, uint)>();
        const int Each = MetadataSize / 16;
        for (uint i = 0; i < count; i += Each)
        {
            var m = new Metadata(this, Pointer(table, i / Each, "fragment table"), 0);
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

    private long Pointer(long table, long index, string field)
    {
        Span<byte> raw = stackalloc byte[8];
        if (table < 0 || source.Read(table + index * 8, raw) < 8)
            throw new InputException(source.Name, field, table, "is outside the file system");
        return BinaryPrimitives.ReadInt64LittleEndian(raw);
    }

    private (byte[] Bytes, long Next) Block(long at)
    {
        if (metadata.TryGetValue(at, out (byte[], long) known))
            return known;
        Span<byte> head = stackalloc byte[2];
        if (at < 0 || source.Read(at, head) < 2)
            throw new InputException(source.Name, "metadata block", at, "is outside the file system");
        int raw = BinaryPrimitives.ReadUInt16LittleEndian(head), size = raw & 0x7fff;
        if (size is 0 or > MetadataSize)
            throw new InputException(source.Name, "metadata block", at, $"a size of {size}");
        var stored = new byte[size];
        if (source.Read(at + 2, stored) < size)
            throw new InputException(source.Name, "metadata block", at, "is cut short");
        byte[] bytes = stored;
        if ((raw & 0x8000) == 0)
        {
            bytes = new byte[MetadataSize];
            int n = Decode(stored, bytes, at);
            if (n < MetadataSize)
                Array.Resize(ref bytes, n);
        }
        // 8 KiB each: 64 MiB at most before old ones are dropped.
        if (metadata.Count >= 8192)
            metadata.Clear();
        return metadata[at] = (bytes, at + 2 + size);
    }

    private int Decode(ReadOnlySpan<byte> input, Span<byte> output, long at)
    {
        try
        {
            switch (compression)
            {
                case 1:
                    using (ZlibDecoder zlib = ZlibDecoder.Zlib())
                        return BlockDecoder.Run(zlib, input, output);
                case 2:
                    using (LzmaDecoder lzma = LzmaDecoder.Alone())
                        return BlockDecoder.Run(lzma, input, output);
                case 3:
                    return BlockDecoder.Lzo(input, output);
                case 4:
                    using (LzmaDecoder xz = LzmaDecoder.Xz())
                        return BlockDecoder.Run(xz, input, output);
                case 5:
                    return BlockDecoder.Lz4(input, output);
                default:
                    using (var zstd = new ZstdDecoder())
                        return BlockDecoder.Run(zstd, input, output);
            }
        }
        catch (StreamBrokenException e)
        {
            throw new InputException(source.Name, "block", at, e.Message, e);
        }
        catch (DllNotFoundException e)
        {
            throw new InputException(source.Name, "compression", 20, $"the system has no library to decode it: {e.Message}", e);
        }
    }

    /// <summary>One data block or fragment: bit 24 of the size says that it is stored as it is.</summary>
    private byte[] DataBlock(long at, uint word)
    {
        if (lastBlock.Offset == at)
            return lastBlock.Bytes;
        uint size = word & 0xffffff;
        if (size > blockSize || at < 0 || at > source.Length - size)
            throw new InputException(source.Name, "data block", at, $"{size} bytes are outside the file system or larger than a block ({blockSize})");
        var stored = new byte[size];
        if (source.Read(at, stored) < (int)size)
            throw new InputException(source.Name, "data block", at, "is cut short");
        byte[] bytes = stored;
        if ((word & 0x1000000) == 0)
        {
            bytes = new byte[blockSize];
            int n = Decode(stored, bytes, at);
            if (n < blockSize)
                Array.Resize(ref bytes, n);
        }
        lastBlock = (at, bytes);
        return bytes;
    }

    /// <summary>Many small files share one; reading them in order decodes it once.</summary>
    private byte[] Fragment(long at, uint word)
    {
        if (lastFragment.Offset != at)
            lastFragment = (at, DataBlock(at, word));
        return lastFragment.Bytes;
    }

    private void Copy(Inode inode, ContentSink sink)
    {
        bool tail = inode.Fragment != NoFragment;
        long whole = tail ? inode.Size / blockSize : (inode.Size + blockSize - 1) / blockSize, left = inode.Size, at = inode.Start;
        var m = new Metadata(this, inode.Blocks.Block, inode.Blocks.Offset);
        byte[]? zeros = null;
        for (long i = 0; i < whole; i++)
        {
            uint word = m.U32("block_list");
            int want = (int)Math.Min(blockSize, left);
            ReadOnlySpan<byte> piece;
            if (word == 0)
                piece = (zeros ??= new byte[blockSize]).AsSpan(0, want);
            else
            {
                byte[] bytes = DataBlock(at, word);
                if (bytes.Length < want)
                    throw new InputException(source.Name, "data block", at, $"has {bytes.Length} bytes instead of {want}");
                piece = bytes.AsSpan(0, want);
                at += word & 0xffffff;
            }
            left -= want;
            if (!sink(piece))
                return;
        }
        if (left <= 0)
            return;
        if (!tail || inode.Fragment >= fragments.Length)
            throw new InputException(source.Name, "fragment", -1, $"{inode.Fragment} is not in the table of {fragments.Length}");
        (long start, uint size) = fragments[inode.Fragment];
        byte[] shared = Fragment(start, size);
        if (inode.Offset > shared.Length || left > shared.Length - inode.Offset)
            throw new InputException(source.Name, "fragment", start, $"holds {shared.Length} bytes, {left} are wanted at {inode.Offset}");
        sink(shared.AsSpan((int)inode.Offset, (int)left));
    }

    private struct Inode
    {
        public int Kind;
        public uint Permissions, Uid, Gid, Links, Device;
        public long Modified, Size, Start, Offset;
        public uint Fragment;
        public string? Target;
        public (long Block, int Offset) Blocks;

        public readonly bool IsFolder => Kind == 1;
    }

    private sealed class SquashContent(Squashfs owner, Inode inode) : NodeContent
    {
        private ContentKind? kind;

        public override long Length => inode.Size;

        public override ContentKind Kind => kind ??= Look();

        public override (int Segment, long Offset) Order => inode.Size >= owner.blockSize || inode.Fragment == NoFragment ? (0, inode.Start) : (1, inode.Fragment);

        public override void CopyTo(ContentSink sink)
        {
            if (inode.Size > ImageLimits.MaxUnpacked)
                throw new InputException(owner.source.Name, "file_size", -1, $"{inode.Size} is more than {ImageLimits.MaxUnpacked >> 30} GiB");
            owner.Copy(inode, sink);
        }

        private ContentKind Look()
        {
            try
            {
                return Kinds.Of(Read(Kinds.Head));
            }
            catch (InputException)
            {
                return ContentKind.Other;
            }
        }
    }

    /// <summary>A place in the stream of metadata blocks, which goes on from block to block.</summary>
    private sealed class Metadata(Squashfs owner, long block, int offset)
    {
        private readonly byte[] scratch = new byte[8];

        public (long Block, int Offset) Position => (block, offset);

        public ushort U16(string field) => BinaryPrimitives.ReadUInt16LittleEndian(Take(scratch.AsSpan(0, 2), field));

        public uint U32(string field) => BinaryPrimitives.ReadUInt32LittleEndian(Take(scratch.AsSpan(0, 4), field));

        public ulong U64(string field) => BinaryPrimitives.ReadUInt64LittleEndian(Take(scratch.AsSpan(0, 8), field));

        public void Skip(int count)
        {
            for (; count > 0; count -= Math.Min(count, 8))
                Take(scratch.AsSpan(0, Math.Min(count, 8)), "padding");
        }

        public byte[] Bytes(int count)
        {
            var bytes = new byte[count];
            Take(bytes, "bytes");
            return bytes;
        }

        public InputException Bad(string field, string reason) => new(owner.source.Name, field, block, $"{reason} (byte {offset} of this metadata block)");

        private Span<byte> Take(Span<byte> target, string field)
        {
            for (int done = 0; done < target.Length;)
            {
                (byte[] bytes, long next) = owner.Block(block);
                if (offset >= bytes.Length)
                {
                    if (offset > bytes.Length)
                        throw Bad(field, "lies behind the end");
                    block = next;
                    offset = 0;
                    continue;
                }
                int n = Math.Min(target.Length - done, bytes.Length - offset);
                bytes.AsSpan(offset, n).CopyTo(target[done..]);
                done += n;
                offset += n;
            }
            return target;
        }
    }
}
