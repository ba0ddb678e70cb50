using Kdump.Formats.Bytes;

namespace Kdump.Formats.Dumps;

/// <summary>
/// One file of a kdump-compressed dump, either a whole dump or a part of a split set: its bitmaps and its page descriptors. Every part of
/// a set has the bitmaps of the whole dump, but descriptors only for its own range of frames.
/// </summary>
internal sealed class DiskDumpPart : IDisposable
{
    /// <summary>
    /// Maximum number of bits in a bitmap: 1 PiB in 4-KiB pages. Linux on x86 can address 4 PiB, but no machine has that much RAM.
    /// </summary>
    private const long MaxBits = 1L << 38;

    private const int DescriptorsPerBlock = 256;

    /// <summary>Number of cached blocks of descriptors: 6 MiB, for 1 GiB of dumped pages.</summary>
    private const int DescriptorSlots = 1024;

    private readonly BlockCache descriptors;

    public DiskDumpPart(IByteSource source, ICollection<Damage> damages)
    {
        Source = source;
        if (source is FlattenedSource flattened)
        {
            foreach (Damage damage in flattened.Damages)
                damages.Add(damage);
        }
        Header = DiskDumpHeader.Read(source, damages);
        long half = Header.BitmapBlocks / 2L * Header.BlockSize, whole = (long)Header.BitmapBlocks * Header.BlockSize;
        ulong mapnr = Header.MaxMapnr;
        // Dumps of the first diskdump had only one bitmap, that of the pages in the file.
        bool one = mapnr > (ulong)half * 8 && mapnr <= (ulong)whole * 8;
        long capacity = Math.Min((one ? whole : half) * 8, MaxBits);
        if (mapnr == 0 || mapnr > (ulong)capacity)
            damages.Add(new Damage(source.Name, "max_mapnr", -1, $"{mapnr} frames do not fit the bitmaps, which have room for {capacity}"));
        long bits = mapnr == 0 ? capacity : (long)Math.Min(mapnr, (ulong)capacity);
        Ram = one ? null : new PageBitmap(source, Header.BitmapOffset, bits);
        Dumped = new PageBitmap(source, Header.BitmapOffset + (one ? 0 : half), bits);
        First = Header.Split ? (long)Math.Min(Header.StartPfn, (ulong)bits) : 0;
        Last = Header.Split ? (long)Math.Min(Header.EndPfn, (ulong)bits) : bits;
        if (First > Last)
            throw new InputException(source.Name, "start_pfn", Header.BlockSize,
                $"0x{Header.StartPfn:x} is past end_pfn 0x{Header.EndPfn:x}");
        long descriptorBytes = Math.Clamp(source.Length - Header.DescriptorOffset, 0, bits * PageDescriptor.Length);
        descriptors = new BlockCache(source, Header.DescriptorOffset, descriptorBytes, DescriptorsPerBlock * PageDescriptor.Length,
            DescriptorSlots);
    }

    public IByteSource Source { get; }

    public DiskDumpHeader Header { get; }

    /// <summary>The first bitmap: frames that are RAM. Null if the dump has only one bitmap.</summary>
    public PageBitmap? Ram { get; }

    /// <summary>The second bitmap: frames that the dump contains.</summary>
    public PageBitmap Dumped { get; }

    /// <summary>First frame of the range [First, Last) whose descriptors are in this file.</summary>
    public long First { get; }

    public long Last { get; }

    public PageState State(long pfn) => Dumped.Test(pfn) switch
    {
        null => PageState.Damaged,
        true => PageState.Present,
        false => Ram is null ? PageState.Absent : Ram.Test(pfn) switch
        {
            null => PageState.Damaged,
            true => PageState.Excluded,
            false => PageState.Absent,
        },
    };

    /// <summary>
    /// The descriptor of a frame whose bit is set in <see cref="Dumped"/>; null with <paramref name="damage"/> if it cannot be read.
    /// </summary>
    public PageDescriptor? Descriptor(long pfn, out Damage? damage)
    {
        if (IndexOf(pfn) is { } index)
            return DescriptorAt(index, out damage);
        damage = NoIndex();
        return null;
    }

    /// <summary>
    /// Index of the descriptor of a frame whose bit is set in <see cref="Dumped"/>; null if the bitmap is cut before that bit.
    /// </summary>
    public long? IndexOf(long pfn) => Dumped.Rank(pfn) is { } rank && Dumped.Rank(First) is { } skipped ? rank - skipped : null;

    public Damage NoIndex() => new(Source.Name, "2nd bitmap", -1, "truncated before this frame, so its descriptor is not known");

    public PageDescriptor? DescriptorAt(long index, out Damage? damage)
    {
        ReadOnlySpan<byte> block = descriptors[index / DescriptorsPerBlock];
        int at = (int)(index % DescriptorsPerBlock) * PageDescriptor.Length;
        long offset = Header.DescriptorOffset + index * PageDescriptor.Length;
        if (at + PageDescriptor.Length > block.Length)
        {
            damage = new Damage(Source.Name, "page_desc", offset, $"past the end of the input (0x{Source.Length:x})");
            return null;
        }
        try
        {
            Cursor c = new(block.Slice(at, PageDescriptor.Length), Source.Name, offset, Header.BigEndian);
            PageDescriptor descriptor = PageDescriptor.Read(ref c, Header.BlockSize);
            if (descriptor.Offset == 0)
                damage = new Damage(Source.Name, "page_desc.offset", offset,
                    "empty: the page was lost when the dump ran out of space or time");
            else if (descriptor.Offset < Header.DescriptorOffset)
                damage = new Damage(Source.Name, "page_desc.offset", offset, $"0x{descriptor.Offset:x} lies inside the headers");
            else if (descriptor.Offset > Source.Length - descriptor.Size)
                damage = new Damage(Source.Name, "page_desc.offset", offset,
                    $"{descriptor.Size} bytes at 0x{descriptor.Offset:x} end past the end of the input (0x{Source.Length:x})");
            else
                damage = null;
            return damage is null ? descriptor : null;
        }
        catch (InputException e)
        {
            damage = Damage.From(e);
            return null;
        }
    }

    public void Dispose() => Source.Dispose();
}
