using System.Buffers.Binary;
using Kdump.Formats.Bytes;

namespace Kdump.Formats.Archives;

/// <summary>The content of an erofs inode.</summary>
internal sealed class ErofsContent(Erofs owner, ErofsInode inode, bool isPacked = false) : NodeContent
{
    /// <summary>Z_EROFS_PCLUSTER_MAX_DSIZE: maximum number of bytes that a cluster unpacks to.</summary>
    private const long MaxDecoded = 12 << 20;

    private ContentKind? kind;

    public override long Length => inode.Size;

    public override ContentKind Kind => kind ??= Look();

    public override (int Segment, long Offset) Order =>
        (0, inode.Layout is ErofsLayout.FlatPlain or ErofsLayout.FlatInline ? (long)inode.Raw << owner.BlockBits : inode.End);

    public override void CopyTo(ContentSink sink)
    {
        if (inode.Size > ImageLimits.MaxUnpacked)
            throw new InputException(owner.Source.Name, "i_size", inode.End,
                $"{inode.Size} is more than {ImageLimits.MaxUnpacked >> 30} GiB");
        CopyRange(0, inode.Size, sink);
    }

    private bool CopyRange(long from, long length, ContentSink sink)
    {
        long to = from + length;
        if (to > inode.Size)
            throw new InputException(owner.Source.Name, "fragment", inode.End, $"bytes {from} to {to} of {inode.Size} are wanted");
        return inode.Layout switch
        {
            ErofsLayout.FlatPlain => Raw((long)inode.Raw << owner.BlockBits, from, length, sink),
            ErofsLayout.FlatInline => Inline(from, to, sink),
            ErofsLayout.ChunkBased => Chunks(from, to, sink),
            _ => Compressed(from, to, sink),
        };
    }

    private bool Raw(long start, long from, long length, ContentSink sink)
    {
        var buffer = new byte[(int)Math.Min(length, 128 * 1024)];
        for (long done = 0; done < length;)
        {
            int n = (int)Math.Min(buffer.Length, length - done);
            if (owner.Source.Read(start + from + done, buffer.AsSpan(0, n)) < n)
                throw new InputException(owner.Source.Name, "data", start + from + done, "is outside the file system");
            done += n;
            if (!sink(buffer.AsSpan(0, n)))
                return false;
        }
        return true;
    }

    /// <summary>Copies a file with inline data: whole blocks are stored elsewhere, the tail follows the inode.</summary>
    private bool Inline(long from, long to, ContentSink sink)
    {
        long blocks = inode.Size & -owner.BlockSize;
        if (from < blocks && !Raw((long)inode.Raw << owner.BlockBits, from, Math.Min(to, blocks) - from, sink))
            return false;
        return to <= blocks || Raw(inode.End - blocks, Math.Max(from, blocks), to - Math.Max(from, blocks), sink);
    }

    private bool Chunks(long from, long to, ContentSink sink)
    {
        int chunkBits = (int)(inode.Raw & 0x1f) + owner.BlockBits;
        bool indexes = (inode.Raw & 0x20) != 0;
        if (chunkBits > 40 || (inode.Raw & 0xffc0) != 0)
            throw new InputException(owner.Source.Name, "chunk format", inode.End, $"0x{inode.Raw & 0xffff:x} is not read by this version");
        int each = indexes ? 8 : 4;
        long table = (inode.End + each - 1) & -each;
        Span<byte> raw = stackalloc byte[8];
        byte[]? zeros = null;
        while (from < to)
        {
            long chunk = from >> chunkBits, end = Math.Min(to, (chunk + 1) << chunkBits);
            if (owner.Source.Read(table + chunk * each, raw[..each]) < each)
                throw new InputException(owner.Source.Name, "chunk index", table + chunk * each, "is outside the file system");
            uint block = BinaryPrimitives.ReadUInt32LittleEndian(raw[(each - 4)..]);
            if (block == uint.MaxValue)
            {
                zeros ??= new byte[64 * 1024];
                for (; from < end; from += Math.Min(zeros.Length, end - from))
                {
                    if (!sink(zeros.AsSpan(0, (int)Math.Min(zeros.Length, end - from))))
                        return false;
                }
                continue;
            }
            if (!Raw((long)block << owner.BlockBits, from - (chunk << chunkBits), end - from, sink))
                return false;
            from = end;
        }
        return true;
    }

    private bool Compressed(long from, long to, ContentSink sink)
    {
        ErofsPackedCache? cache = isPacked ? owner.PackedCache : null;
        ErofsMap map = cache?.Map ?? ErofsMap.Read(owner, inode);
        if (map.WholeInPacked)
            return Packed(unchecked(map.FragmentOffset + from), to - from, sink);
        if (cache is not null)
            (cache.Map, cache.Extents) = (map, cache.Extents ?? map.Extents().ToArray());
        byte[] decoded = [], stored = [];
        foreach (ErofsExtent extent in cache is null ? map.Extents() : cache.Extents!.Skip(cache.FirstAt(from)))
        {
            long end = extent.Logical + extent.Length;
            if (end <= from || extent.Length == 0)
                continue;
            if (extent.Logical >= to)
                return true;
            long first = Math.Max(from, extent.Logical), stop = Math.Min(to, end);
            if (extent.Algorithm < 0)
            {
                if (!Packed(unchecked(extent.Physical + (first - extent.Logical)), stop - first, sink))
                    return false;
                continue;
            }
            if (cache?.Find(extent.Logical) is not { } bytes)
            {
                bytes = Decode(extent, ref decoded, ref stored, reuse: cache is null);
                cache?.Keep(extent.Logical, bytes);
            }
            if (!sink(bytes.AsSpan((int)(first - extent.Logical), (int)(stop - first))))
                return false;
        }
        return true;
    }

    private byte[] Decode(in ErofsExtent extent, ref byte[] decoded, ref byte[] stored, bool reuse)
    {
        if (extent.Length > MaxDecoded || extent.Stored > 1 << 20)
            throw new InputException(owner.Source.Name, "cluster", extent.Physical,
                $"{extent.Stored} bytes for {extent.Length} are more than the format allows");
        if (!reuse || decoded.Length < extent.Length)
            decoded = new byte[extent.Length];
        if (stored.Length < extent.Stored)
            stored = new byte[extent.Stored];
        int have = owner.Source.Read(extent.Physical, stored.AsSpan(0, (int)extent.Stored));
        owner.Algorithms.Decode(extent.Algorithm, stored.AsSpan(0, have), decoded.AsSpan(0, (int)extent.Length), extent.Logical,
            !extent.Partial, extent.Physical);
        return decoded;
    }

    private bool Packed(long offset, long length, ContentSink sink)
    {
        ErofsInode packed = owner.Packed;
        // The packed inode must not store its own tail in itself.
        if (offset < 0 || offset > packed.Size)
            throw new InputException(owner.Source.Name, "h_fragmentoff", inode.End, $"{offset} is outside the packed inode");
        if (packed.End == inode.End)
            throw new InputException(owner.Source.Name, "fragment", inode.End, "the packed inode refers to itself");
        return new ErofsContent(owner, packed, isPacked: true).CopyRange(offset, length, sink);
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
