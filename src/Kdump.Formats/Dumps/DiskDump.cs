using System.Globalization;
using Kdump.Formats.Bytes;
using Kdump.Formats.Compression;

namespace Kdump.Formats.Dumps;

/// <summary>
/// The kdump-compressed format: makedumpfile's -c, -l, -p, -z and plain output, QEMU's kdump formats, and the older diskdump format
/// (makedumpfile's IMPLEMENTATION and diskdump_mod.h). Of two bitmaps, the first marks the frames that are RAM, the second the frames
/// that are in the file. The n-th set bit of the second bitmap belongs to the n-th page descriptor. <c>makedumpfile --split</c> spreads
/// the descriptors over several such files.
/// </summary>
public sealed class DiskDump : Dump
{
    private readonly DiskDumpPart[] parts;
    private readonly PageCache cache;
    private readonly long bits;

    [ThreadStatic]
    private static byte[]? compressed;

    [ThreadStatic]
    private static Starts? starts;

    private DiskDump(DiskDumpPart[] parts, IEnumerable<Damage> damages)
    {
        this.parts = parts;
        foreach (Damage damage in damages)
            Lost(damage);
        bits = parts.Max(p => p.Dumped.Bits);
        PageSize = parts[0].Header.BlockSize;
        cache = new PageCache(PageSize, bits);
        Notes = DiskDumpNotes.Notes(parts[0], Lost);
        Info = ReadInfo();
    }

    public override string Name => string.Join(", ", parts.Select(p => p.Source.Name));

    public override string Format
    {
        get
        {
            DiskDumpHeader header = parts[0].Header;
            string flattened = parts.Any(p => p.Source is FlattenedSource) ? "flattened " : "";
            string split = parts.Length > 1 || header.Split ? $", split ({parts.Length} {(parts.Length == 1 ? "part" : "parts")})" : "";
            return $"{flattened}{(header.IsDiskDump ? "diskdump" : "kdump-compressed")} v{header.Version}{split}";
        }
    }

    public override DumpInfo Info { get; }

    public override int PageSize { get; }

    public override Pfn MaxPfn => new((ulong)bits);

    public override bool Incomplete => parts.Any(p => p.Header.Incomplete);

    public override ReadOnlyMemory<byte> Notes { get; }

    /// <summary>
    /// Opens a dump; several sources are the parts of a split dump, in any order. On success the dump owns the sources.
    /// </summary>
    /// <exception cref="InputException">A header cannot be read, or the files are not parts of one dump.</exception>
    public static DiskDump Open(IReadOnlyList<IByteSource> sources)
    {
        List<Damage> damages = [];
        DiskDumpPart[] parts = new DiskDumpPart[sources.Count];
        for (int i = 0; i < parts.Length; i++)
            parts[i] = new DiskDumpPart(sources[i], damages);
        Array.Sort(parts, static (a, b) => a.First.CompareTo(b.First));
        for (int i = 1; i < parts.Length; i++)
        {
            SplitSet.RequireSameDump(parts[0], parts[i]);
            SplitSet.RequireAnother(parts[i - 1], parts[i]);
            if (parts[i].First < parts[i - 1].Last)
                damages.Add(new Damage(parts[i].Source.Name, "start_pfn", parts[i].Header.BlockSize,
                    $"0x{parts[i].First:x} lies inside the range of {parts[i - 1].Source.Name}; the earlier file is read there"));
        }
        SplitSet.ReportGaps(parts, damages);
        return new DiskDump(parts, damages);
    }

    public override PageState State(Pfn pfn)
    {
        if (pfn >= MaxPfn)
            return PageState.Absent;
        long frame = (long)pfn.Value;
        if (PartOf(frame) is { } part)
            return parts[part].State(frame);
        // The bitmaps of every part show what the missing part would contain.
        return parts[0].State(frame) is PageState.Present ? PageState.Damaged : parts[0].State(frame);
    }

    /// <summary>
    /// Reads one whole page. The page is not added to the cache, because a caller that reads many pages rarely reads one of them twice.
    /// </summary>
    public override PageState ReadPage(Pfn pfn, Span<byte> page)
    {
        PageState state = Locate(pfn, out int part, out PageDescriptor descriptor);
        if (state != PageState.Present)
            return state;
        page = page[..PageSize];
        if (cache.Find(part, descriptor.Offset) is not { } known)
            return Read(part, descriptor, page);
        known.CopyTo(page);
        return PageState.Present;
    }

    /// <summary>
    /// Reads the first bytes of a page. Writers store one page of zeros, to which the descriptors of all such frames point, so a page
    /// that was decoded twice in a row is kept and not decoded again.
    /// </summary>
    public override PageState ReadStart(Pfn pfn, Span<byte> start)
    {
        PageState state = Locate(pfn, out int part, out PageDescriptor descriptor);
        if (state != PageState.Present)
            return state;
        if (starts?.Of != this)
            starts = new Starts(this, new byte[PageSize], new byte[PageSize]);
        if (starts.Shared == (part, descriptor.Offset))
        {
            starts.SharedPage.AsSpan(0, start.Length).CopyTo(start);
            return PageState.Present;
        }
        bool again = starts.Last == (part, descriptor.Offset);
        if (!again && Read(part, descriptor, starts.LastPage) != PageState.Present)
        {
            starts.Last = (-1, -1);
            return PageState.Damaged;
        }
        starts.Last = (part, descriptor.Offset);
        starts.LastPage.AsSpan(0, start.Length).CopyTo(start);
        if (again)
        {
            starts.Shared = starts.Last;
            starts.LastPage.CopyTo(starts.SharedPage, 0);
        }
        return PageState.Present;
    }

    public override PageState Page(Pfn pfn, out byte[] page)
    {
        page = [];
        PageState state = Locate(pfn, out int part, out PageDescriptor descriptor);
        if (state != PageState.Present)
            return state;
        if (cache.Find(part, descriptor.Offset) is { } known)
        {
            page = known;
            return PageState.Present;
        }
        byte[] read = GC.AllocateUninitializedArray<byte>(PageSize);
        if (Read(part, descriptor, read) != PageState.Present)
            return PageState.Damaged;
        cache.Add(part, descriptor.Offset, read);
        page = read;
        return PageState.Present;
    }

    public override Damage? DamageOf(Pfn pfn)
    {
        new DiskDumpReader(this, PageSize).Read(pfn, new byte[PageSize], out Damage? damage);
        return damage;
    }

    public override PageCounts Count()
    {
        (long present, long excluded, long damaged) = PageBitmap.Compare(parts[0].Dumped, parts[0].Ram);
        long absent = bits - present - excluded - damaged;
        // Frames whose descriptors are in a missing part are set in the bitmap but cannot be read.
        long at = 0, held = 0;
        foreach (DiskDumpPart part in parts)
        {
            long from = Math.Max(at, part.First), to = Math.Max(from, part.Last);
            held += (part.Dumped.Rank(to) ?? 0) - (part.Dumped.Rank(from) ?? 0);
            at = to;
        }
        long gone = parts.Length == 1 && !parts[0].Header.Split ? 0 : Math.Max(present - held, 0);
        return new(present - gone, excluded, absent, damaged + gone);
    }

    public override PageRun? NextRun(Pfn pfn)
    {
        if (pfn >= MaxPfn)
            return null;
        if (parts[0].Dumped.NextRun((long)pfn.Value) is not { } run)
            return null;
        long end = run.End;
        foreach (DiskDumpPart part in parts)
        {
            end = run.First < part.First ? Math.Min(end, part.First) : end;
            end = run.First < part.Last ? Math.Min(end, part.Last) : end;
        }
        PageState state = run.Known && PartOf(run.First) is not null ? PageState.Present : PageState.Damaged;
        return new PageRun(new Pfn((ulong)run.First), new Pfn((ulong)end), state);
    }

    internal override PageReader NewReader() => new DiskDumpReader(this, DiskDumpReader.Ahead);

    protected override bool BigEndian => parts[0].Header.BigEndian;

    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        foreach (DiskDumpPart part in parts)
            part.Dispose();
    }

    internal DiskDumpPart Part(int index) => parts[index];

    /// <summary>
    /// Index of the part that contains the descriptor of a frame; null if none does. A linear search, because sets are small.
    /// </summary>
    internal int? PartOf(long pfn)
    {
        for (int i = 0; i < parts.Length; i++)
        {
            if (pfn >= parts[i].First && pfn < parts[i].Last)
                return i;
        }
        return null;
    }

    /// <summary>Decodes the stored bytes of a page. Returns null, or the reason why they cannot be decoded.</summary>
    internal string? Decode(PageDescriptor descriptor, ReadOnlySpan<byte> stored, Span<byte> page)
    {
        if (stored.Length < descriptor.Size)
            return $"only {stored.Length} of {descriptor.Size} bytes at 0x{descriptor.Offset:x} can be read";
        if (descriptor.Plain)
        {
            if (stored.Length != PageSize)
                return $"{stored.Length} bytes stored plain are not a page of {PageSize}";
            stored.CopyTo(page);
            return null;
        }
        if (PageCodecs.Of(descriptor.Flags) is not { } codec)
            return $"page_desc.flags 0x{descriptor.Flags:x} name more than one compression";
        return codec.Decode(stored, page, out int written)
            ?? (written == PageSize ? null : $"the {codec.Name} data gives {written} bytes, not a page of {PageSize}");
    }

    private PageState Locate(Pfn pfn, out int part, out PageDescriptor descriptor)
    {
        descriptor = default;
        part = 0;
        if (pfn >= MaxPfn || PartOf((long)pfn.Value) is not { } holder)
            return State(pfn);
        part = holder;
        PageState state = parts[part].State((long)pfn.Value);
        if (state != PageState.Present)
            return state;
        if (parts[part].Descriptor((long)pfn.Value, out _) is not { } found)
            return PageState.Damaged;
        descriptor = found;
        return PageState.Present;
    }

    private PageState Read(int part, PageDescriptor descriptor, Span<byte> page)
    {
        byte[] bytes = compressed is { } mine && mine.Length >= descriptor.Size ? mine : compressed = new byte[PageSize];
        int got = parts[part].Source.Read(descriptor.Offset, bytes.AsSpan(0, descriptor.Size));
        return Decode(descriptor, bytes.AsSpan(0, got), page) is null ? PageState.Present : PageState.Damaged;
    }

    private DumpInfo ReadInfo()
    {
        DiskDumpHeader h = parts[0].Header;
        string erased = DiskDumpNotes.EraseInfo(parts[0], Lost);
        List<string> compression = [.. PageCodecs.All.Where(c => !h.IsDiskDump && (h.Status & c.Flag) != 0).Select(c => c.Name)];
        return new DumpInfo
        {
            Machine = h.Uts[4], Is64Bit = h.Is64, BigEndian = h.BigEndian,
            SystemName = Said(h.Uts[0]), NodeName = Said(h.Uts[1]), Release = Said(h.Uts[2]) ?? VmcoreInfo?.OsRelease,
                Version = Said(h.Uts[3]),
            DomainName = Said(h.Uts[5]),
            Timestamp = h.Timestamp == 0 ? null : h.Timestamp,
            DumpLevel = h.Version >= 1 ? h.DumpLevel : null,
            Cpus = h.Cpus > 0 ? h.Cpus : null,
            PhysBase = h.SubHeaderBlocks > 0 ? h.PhysBase : null,
            Compression = compression,
            UnusedVmemmapExcluded = !h.IsDiskDump && (h.Status & 0x10) != 0,
            EraseInfo = erased.Length > 0 ? erased : DiskDumpHeader.EraseText(ElfNotes),
            Parts = h.Split ? [.. parts.Select(
                p => string.Create(CultureInfo.InvariantCulture, $"{p.Source.Name}: frames 0x{p.First:x} to 0x{p.Last:x}"))] : [],
        };
    }

    private static string? Said(string text) => text.Length == 0 ? null : text;

    /// <summary>The pages whose first bytes a thread read last.</summary>
    private sealed record Starts(DiskDump Of, byte[] LastPage, byte[] SharedPage)
    {
        public (int Part, long Offset) Last { get; set; } = (-1, -1);

        public (int Part, long Offset) Shared { get; set; } = (-1, -1);
    }
}
