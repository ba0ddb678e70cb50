using System.Buffers.Binary;
using Kdump.Formats.Bytes;

namespace Kdump.Formats.Archives;

/// <summary>A range of a compressed file and the cluster that contains it.</summary>
/// <param name="Algorithm">The compression algorithm; -1 if the bytes are in the packed inode.</param>
/// <param name="Partial">True if the cluster contains more than these bytes.</param>
internal readonly record struct ErofsExtent(long Logical, long Length, long Physical, long Stored, int Algorithm, bool Partial);

/// <summary>
/// Which cluster contains which bytes of a compressed inode (fs/erofs/zmap.c): one index per logical block. Full indexes have eight bytes
/// each; compact ones are packed, two in 8 bytes or sixteen in 32 bytes. The whole map is decoded at once.
/// </summary>
internal sealed class ErofsMap
{
    private const int Compact2B = 1, Big1 = 2, Big2 = 4, InlineTail = 8, InterlacedPlain = 0x10, FragmentTail = 0x20;
    private const int Plain = 0, Head1 = 1, NonHead = 2, BlockCount = 1 << 11;

    private readonly Erofs owner;
    private readonly ErofsInode inode;
    private readonly int bits;
    private readonly int advise;
    private readonly int[] algorithms;
    private readonly int tailSize;
    private readonly long baseOffset;
    private Index[] table = [];
    private long tailOffset;

    private struct Index
    {
        public int Type;
        public int Offset;
        public int Blocks;
        public uint Address;
        public bool Partial;
    }

    private ErofsMap(Erofs owner, in ErofsInode inode)
    {
        this.owner = owner;
        this.inode = inode;
        long at = (inode.End + 7) & ~7L;
        Span<byte> head = stackalloc byte[8];
        var c = new Cursor(head[..owner.Source.Read(at, head)], owner.Source.Name, at);
        ulong all = BinaryPrimitives.ReadUInt64LittleEndian(head);
        uint fragment = c.U32("h_fragmentoff");
        tailSize = (int)(fragment >> 16);
        advise = c.U16("h_advise");
        int kinds = c.U8("h_algorithmtype");
        int cluster = c.U8("h_clusterbits");
        algorithms = [kinds & 15, kinds >> 4];
        FragmentOffset = fragment;
        baseOffset = at + 8;
        if ((cluster & 0x80) != 0)
        {
            WholeInPacked = true;
            FragmentOffset = (long)(all & 0x7fff_ffff_ffff_ffff);
            return;
        }
        if ((advise & ~0x3f) != 0)
            throw c.Bad("h_advise", $"bits 0x{advise & ~0x3f:x} are not read by this version");
        bits = owner.BlockBits + (cluster & 7);
        if (bits > 16)
            throw c.Bad("h_clusterbits", $"logical clusters of 2^{bits} bytes");
        if (inode.Layout == ErofsLayout.CompressedFull)
            ReadFull();
        else
            ReadCompact();
    }

    public bool WholeInPacked { get; }

    /// <summary>Offset in the packed inode of the file's tail, or of the whole file.</summary>
    public long FragmentOffset { get; private set; }

    public static ErofsMap Read(Erofs owner, in ErofsInode inode) => new(owner, inode);

    public IEnumerable<ErofsExtent> Extents()
    {
        int last = LastHead();
        for (int i = 0; i < table.Length;)
        {
            Index head = table[i];
            if (head.Type == NonHead)
                throw Bad("lcluster", $"the extent at block {i} has no head");
            int next = i + 1;
            while (next < table.Length && table[next].Type == NonHead)
                next++;
            long from = ((long)i << bits) | (uint)head.Offset;
            long to = next < table.Length ? ((long)next << bits) | (uint)table[next].Offset : inode.Size;
            to = Math.Min(to, inode.Size);
            if (to < from)
                throw Bad("lcluster", $"the extent at block {i} ends before it begins");
            bool tail = i == last;
            if (tail && (advise & FragmentTail) != 0)
                yield return new(from, to - from, FragmentOffset, to - from, -1, true);
            else
            {
                bool big = head.Type == Head1 ? (advise & Big1) != 0 : head.Type != Plain && (advise & Big2) != 0;
                int blocks = big && i + 1 < table.Length && table[i + 1] is { Type: NonHead, Blocks: > 0 and var n } ? n
                    : 1 << (bits - owner.BlockBits);
                bool inline = tail && (advise & InlineTail) != 0;
                int algorithm = head.Type switch
                {
                    Plain => (advise & InterlacedPlain) != 0 ? ErofsAlgorithms.Interlaced : ErofsAlgorithms.Shifted,
                    Head1 => algorithms[0],
                    _ => algorithms[1],
                };
                yield return new(from, to - from, inline ? tailOffset : (long)head.Address << owner.BlockBits,
                    inline ? tailSize : (long)blocks << owner.BlockBits, algorithm, head.Partial);
            }
            i = next;
        }
    }

    private int LastHead()
    {
        for (int i = table.Length - 1; i >= 0; i--)
        {
            // A head whose data begins after the end of the file covers no byte: the extent before it is the last one.
            if (table[i].Type != NonHead && (((long)i << bits) | (uint)table[i].Offset) < inode.Size)
                return i;
        }
        return -1;
    }

    private int Count()
    {
        long count = (inode.Size + (1L << bits) - 1) >> bits;
        if (count > owner.Source.Length || count > int.MaxValue / 64)
            throw Bad("i_size", $"{inode.Size} bytes need an index larger than the file system");
        return (int)count;
    }

    private void ReadFull()
    {
        int count = Count();
        long at = ((inode.End + 7) & ~7L) + 8 + 8;
        byte[] raw = Bytes(at, count * 8L);
        table = new Index[count];
        var c = new Cursor(raw, owner.Source.Name, at);
        for (int i = 0; i < count; i++)
        {
            int di = c.U16("di_advise");
            int offset = c.U16("di_clusterofs");
            uint u = c.U32("di_u");
            table[i] = new Index { Type = di & 3, Offset = offset, Address = u, Partial = (di & 0x8000) != 0 };
            if (table[i].Type == NonHead)
                table[i].Blocks = (u & BlockCount) != 0 ? (int)(u & 0xffff) & ~BlockCount : 0;
            else if (offset >= 1 << bits)
                throw c.Bad("di_clusterofs", $"{offset} is outside a cluster");
        }
        tailOffset = at + count * 8L;
        int last = LastHead();
        if ((advise & FragmentTail) != 0 && last >= 0)
            FragmentOffset |= (long)table[last].Address << 32;
    }

    private void ReadCompact()
    {
        int count = Count();
        table = new Index[count];
        int initial = (int)((32 - baseOffset % 32) / 4) % 8;
        int two = (advise & Compact2B) != 0 && initial < count ? (count - initial) / 16 * 16 : 0;
        long at = baseOffset;
        int i = 0;
        i = Packs(ref at, i, Math.Min(initial, count), 2, 8);
        if (two > 0)
            i = Packs(ref at, i, i + two, 16, 32);
        Packs(ref at, i, count, 2, 8);
        tailOffset = at;
    }

    /// <summary>
    /// Decodes packs of <paramref name="each"/> indexes in <paramref name="size"/> bytes up to index <paramref name="end"/>.
    /// </summary>
    private int Packs(ref long at, int i, int end, int each, int size)
    {
        int width = (size - 4) * 8 / each;
        if (end > i && ((each == 2 && bits > 14) || (each == 16 && bits != 12)))
            throw Bad("h_clusterbits", $"compact indexes for clusters of 2^{bits} bytes");
        while (i < end)
        {
            byte[] pack = Bytes(at, size);
            uint address = BinaryPrimitives.ReadUInt32LittleEndian(pack.AsSpan(size - 4));
            int here = Math.Min(each, end - i);
            for (int k = 0; k < here; k++)
            {
                (int type, int low) = Decode(pack, width, k);
                ref Index index = ref table[i + k];
                index.Type = type;
                if (type == NonHead)
                    index.Blocks = (low & BlockCount) != 0 ? low & ~BlockCount : 0;
                else
                {
                    index.Offset = low;
                    index.Address = unchecked(address + (uint)BlocksBefore(pack, width, k));
                }
            }
            i += here;
            at += size;
        }
        return i;
    }

    private (int Type, int Low) Decode(byte[] pack, int width, int k)
    {
        int bit = width * k;
        uint word = 0;
        for (int b = 3; b >= 0; b--)
            word = (word << 8) | (bit / 8 + b < pack.Length ? pack[bit / 8 + b] : 0u);
        uint v = word >> (bit & 7);
        int lowBits = Math.Max(bits, 12);
        return ((int)(v >> lowBits) & 3, (int)(v & ((1u << lowBits) - 1)));
    }

    /// <summary>
    /// Blocks between the pack's address and the cluster of index <paramref name="k"/>: the address is that of the pack's first head, and
    /// each head before this one adds its blocks.
    /// </summary>
    private int BlocksBefore(byte[] pack, int width, int k)
    {
        bool big = (advise & Big1) != 0;
        int blocks = big ? 0 : 1;
        while (k > 0)
        {
            (int type, int low) = Decode(pack, width, --k);
            if (!big)
            {
                if (type == NonHead)
                    k -= low;
                if (k >= 0)
                    blocks++;
                continue;
            }
            if (type != NonHead)
                blocks++;
            else if ((low & BlockCount) != 0)
            {
                k--;
                blocks += low & ~BlockCount;
            }
            else if (low <= 1)
                throw Bad("lcluster", "a distance of one without a block count");
            else
                k -= low - 2;
        }
        return blocks;
    }

    private byte[] Bytes(long at, long count)
    {
        if (count > owner.Source.Length)
            throw Bad("lcluster", $"{count} bytes of index are outside the file system");
        var bytes = new byte[count];
        if (owner.Source.Read(at, bytes) < count)
        {
            // The last pack may be cut by the end of the file system.
            if (at >= owner.Source.Length)
                throw Bad("lcluster", $"the index at 0x{at:x} is outside the file system");
        }
        return bytes;
    }

    private InputException Bad(string field, string reason) => new(owner.Source.Name, field, inode.End, reason);
}
