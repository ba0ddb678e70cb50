namespace Kdump.Formats.Bytes;

/// <summary>
/// A region of a source read in fixed blocks that stay in memory up to a bound. A block never changes once it is published, and a slot is
/// one reference, so readers need no lock. If two threads miss the same block at once, both read it and one of the two copies is kept.
/// </summary>
internal sealed class BlockCache
{
    private readonly IByteSource source;
    private readonly long start;
    private readonly long length;
    private readonly Block?[] slots;

    /// <param name="most">Maximum number of blocks in memory.</param>
    public BlockCache(IByteSource source, long start, long length, int blockSize, int most)
    {
        this.source = source;
        this.start = start;
        this.length = length;
        BlockSize = blockSize;
        this.slots = new Block?[(int)Math.Clamp((length + blockSize - 1) / blockSize, 1, most)];
    }

    public int BlockSize { get; }

    /// <summary>The bytes of a block; fewer than <see cref="BlockSize"/> at the end of the region, or where the source is cut.</summary>
    public ReadOnlySpan<byte> this[long index]
    {
        get
        {
            int slot = (int)((ulong)index % (uint)slots.Length);
            Block? block = Volatile.Read(ref slots[slot]);
            if (block is null || block.Index != index)
            {
                long offset = index * BlockSize;
                block = new Block(index, source.ReadUpTo(start + offset, (int)Math.Clamp(length - offset, 0, BlockSize)));
                Volatile.Write(ref slots[slot], block);
            }
            return block.Bytes;
        }
    }

    private sealed record Block(long Index, byte[] Bytes);
}
