using Kdump.Formats.Bytes;
using Kdump.Formats.Elf;

namespace Kdump.Formats.Dumps;

/// <summary>
/// An ELF core of a whole machine: a copy of /proc/vmcore (fs/proc/vmcore.c), <c>makedumpfile -E</c>, or QEMU's dump-guest-memory.
/// PT_LOAD segments map physical addresses to the file; makedumpfile excluded the tail of a segment with p_filesz &lt; p_memsz. Segments
/// may overlap (x86 maps the kernel's text a second time): bytes in the file have priority over excluded bytes, and those over bytes that
/// were cut off.
/// </summary>
public sealed class ElfDump : Dump
{
    private const long CodeExcluded = -1;
    private const long CodeCut = -2;

    /// <summary>
    /// Maximum size of the notes in bytes. Device drivers may add their own dumps (NT_VMCOREDD) of tens of megabytes each.
    /// </summary>
    private const int MaxNotes = 256 * 1024 * 1024;

    /// <summary>Bit of e_flags that makedumpfile sets when it runs out of space (DUMP_ELF_INCOMPLETE).</summary>
    private const uint FlagIncomplete = 1;

    /// <summary>Limit for physical addresses: no machine has 60 bits, and sums of smaller addresses cannot overflow.</summary>
    private const ulong MaxAddress = 1UL << 60;

    private readonly IByteSource source;
    private readonly ElfFile file;
    private readonly Extents memory;

    private ElfDump(IByteSource source, ElfFile file)
    {
        this.source = source;
        this.file = file;
        foreach (Damage damage in file.Damages)
            Lost(damage);
        Notes = ReadNotes();
        memory = Extents.Build([.. Map()]);
        PageSize = VmcoreInfo?.PageSize is { } size && size >= 512 && int.IsPow2(size) ? size : 4096;
        Info = new DumpInfo
        {
            Machine = ElfMachine.Name(file.Header),
            Is64Bit = file.Header.Is64,
            BigEndian = file.Header.BigEndian,
            Release = VmcoreInfo?.OsRelease,
            SystemName = VmcoreInfo is null ? null : "Linux",
            EraseInfo = DiskDumpHeader.EraseText(ElfNotes),
        };
    }

    public override string Name => source.Name;

    public override string Format => (source is FlattenedSource ? "flattened ELF" : "ELF") + (file.Header.Is64 ? "" : " (32-bit)");

    public override DumpInfo Info { get; }

    public override int PageSize { get; }

    public override Pfn MaxPfn => new((ulong)((memory.End + PageSize - 1) / PageSize));

    public override bool Incomplete => (file.Header.Flags & FlagIncomplete) != 0;

    public override ReadOnlyMemory<byte> Notes { get; }

    /// <summary>
    /// The program headers, unchanged: a PT_LOAD header also contains the virtual address at which the kernel mapped the range.
    /// </summary>
    public IReadOnlyList<ElfSegment> Segments => file.Segments;

    /// <summary>Opens an ELF dump. On success it owns the source.</summary>
    public static ElfDump Open(IByteSource source)
    {
        ElfFile file = ElfFile.Read(source);
        if (file.Header.Type != ElfHeader.Core)
            throw new InputException(source.Name, "e_type", 16, file.Header.Type switch
            {
                ElfHeader.Relocatable => "an ELF object file (a kernel module?), not a dump",
                ElfHeader.Executable or ElfHeader.SharedObject => "an ELF program or kernel image (vmlinux?), not a dump",
                _ => $"ELF type {file.Header.Type} is no core dump",
            });
        ElfDump dump = new(source, file);
        if (dump.memory.Count == 0)
            throw new InputException(source.Name, "e_phnum", 56,
                file.ReadSections([]).Any(s => s.Name.StartsWith(".xen_", StringComparison.Ordinal))
                ? "a Xen domain dump (xl dump-core): known, but not supported (crash reads it)"
                    : "the core has no PT_LOAD segment: no memory");
        if (dump.ElfNotes.Any(n => n is { Name: "CORE", Type: ElfNote.AuxiliaryVector }))
            throw new InputException(source.Name, "NT_AUXV", -1, "the core of a user process, not of a kernel");
        if (dump.ElfNotes.Any(n => n.Name is "Xen" or "VMCOREINFO_XEN"))
            dump.Lost(new Damage(source.Name, "Xen note", -1,
                "the memory of a Xen host: pages are by machine address, and domains' own addresses are not translated"));
        return dump;
    }

    public override PageState State(Pfn pfn)
    {
        if (pfn >= MaxPfn)
            return PageState.Absent;
        long start = (long)pfn.Value * PageSize, end = start + PageSize;
        PageState state = PageState.Absent;
        for (int i = memory.At(start); i < memory.Count && memory[i].Start < end; i++)
        {
            // A page with a missing byte is lost. Only whole pages are excluded: if a segment's bytes end in the middle of a page,
            // the rest is zero, as the ELF specification defines for p_filesz < p_memsz.
            switch (memory[i].Target)
            {
                case CodeCut:
                    return PageState.Damaged;
                case CodeExcluded:
                    state = state == PageState.Absent ? PageState.Excluded : state;
                    break;
                default:
                    state = PageState.Present;
                    break;
            }
        }
        return state;
    }

    public override PageState ReadPage(Pfn pfn, Span<byte> page)
    {
        PageState state = State(pfn);
        if (state != PageState.Present)
            return state;
        long start = (long)pfn.Value * PageSize, end = start + PageSize;
        page = page[..PageSize];
        int filled = 0;
        for (int i = memory.At(start); i < memory.Count && memory[i].Start < end; i++)
        {
            Extents.Piece piece = memory[i];
            if (piece.Target == CodeExcluded)
                continue;
            long from = Math.Max(start, piece.Start), to = Math.Min(end, piece.End);
            int at = (int)(from - start), count = (int)(to - from);
            page[filled..at].Clear();
            if (source.Read(piece.Target + (from - piece.Start), page.Slice(at, count)) != count)
                return PageState.Damaged;
            filled = at + count;
        }
        page[filled..].Clear();
        return PageState.Present;
    }

    public override PageState ReadStart(Pfn pfn, Span<byte> start)
    {
        if (pfn >= MaxPfn)
            return PageState.Absent;
        long at = (long)pfn.Value * PageSize;
        int i = memory.At(at);
        // Usually the whole page is in one piece of the file.
        if (i < memory.Count && memory[i].Target >= 0 && memory[i].Start <= at && memory[i].End >= at + PageSize)
            return source.Read(memory[i].Target + (at - memory[i].Start), start) == start.Length ? PageState.Present : PageState.Damaged;
        return base.ReadStart(pfn, start);
    }

    public override Damage? DamageOf(Pfn pfn)
    {
        byte[] page = new byte[PageSize];
        if (ReadPage(pfn, page) != PageState.Damaged)
            return null;
        return new Damage(Name, $"page {pfn}", -1, $"its bytes lie past the end of the file (0x{source.Length:x})");
    }

    public override PageCounts Count()
    {
        long present = 0, excluded = 0, damaged = 0;
        for (long pfn = 0; pfn < (long)MaxPfn.Value;)
        {
            // All frames up to the next boundary of a piece have the same state.
            long start = pfn * PageSize;
            int i = memory.At(start);
            if (i == memory.Count)
                break;
            Extents.Piece piece = memory[i];
            long run = piece.Start > start ? (piece.Start - start) / PageSize : (piece.End - start) / PageSize;
            PageState state = piece.Start > start && run > 0 ? PageState.Absent : State(new Pfn((ulong)pfn));
            run = Math.Max(run, 1);
            pfn += run;
            present += state == PageState.Present ? run : 0;
            excluded += state == PageState.Excluded ? run : 0;
            damaged += state == PageState.Damaged ? run : 0;
        }
        return new(present, excluded, (long)MaxPfn.Value - present - excluded - damaged, damaged);
    }

    public override PageRun? NextRun(Pfn pfn)
    {
        if (pfn >= MaxPfn)
            return null;
        long at = (long)pfn.Value * PageSize;
        for (int i = memory.At(at); i < memory.Count; i++)
        {
            Extents.Piece piece = memory[i];
            if (piece.Target == CodeExcluded)
                continue;
            // The first and the last page of a piece may be shared with adjacent pieces; the pages between belong to this piece only and
            // have the same state.
            long first = Math.Max(at, piece.Start) / PageSize, last = (piece.End - 1) / PageSize;
            for (long p = first; p <= last; p++)
            {
                PageState state = State(new Pfn((ulong)p));
                if (state is not (PageState.Present or PageState.Damaged))
                    continue;
                bool shared = p * PageSize < piece.Start || p == last;
                return new PageRun(new Pfn((ulong)p), new Pfn((ulong)(shared ? p + 1 : last)), state);
            }
        }
        return null;
    }

    protected override bool BigEndian => file.Header.BigEndian;

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            source.Dispose();
    }

    private ReadOnlyMemory<byte> ReadNotes()
    {
        using MemoryStream all = new();
        foreach (ElfSegment segment in file.Segments)
        {
            if (segment.Type != ElfSegment.Note || segment.FileSize == 0)
                continue;
            if (segment.Offset > (ulong)source.Length || segment.FileSize > (ulong)MaxNotes)
            {
                Lost(new Damage(Name, "PT_NOTE", -1,
                    $"0x{segment.FileSize:x} bytes at 0x{segment.Offset:x} are not in the file, or are more than any notes"));
                continue;
            }
            byte[] bytes = source.ReadUpTo((long)segment.Offset, (int)segment.FileSize);
            if (bytes.Length < (int)segment.FileSize)
                Lost(new Damage(Name, "PT_NOTE", (long)segment.Offset,
                    $"{segment.FileSize} bytes are claimed, {bytes.Length} could be read"));
            if (all.Length + bytes.Length > MaxNotes)
                break;
            all.Write(bytes);
            all.Write("\0\0\0"u8[..(int)(-all.Length & 3)]);
        }
        return all.ToArray();
    }

    private IEnumerable<Extent> Map()
    {
        long order = 0;
        foreach (ElfSegment s in file.Segments)
        {
            if (s.Type != ElfSegment.Load || s.MemorySize == 0)
                continue;
            order--;
            if (s.PhysicalAddress > MaxAddress || s.MemorySize > MaxAddress - s.PhysicalAddress)
            {
                Lost(new Damage(Name, "p_memsz", -1,
                    $"0x{s.MemorySize:x} bytes at physical 0x{s.PhysicalAddress:x} end past the address space"));
                continue;
            }
            // Of a truncated file, use the bytes of the segment that are there.
            ulong inFile = Math.Min(s.FileSize, s.MemorySize);
            ulong whole = s.Offset >= (ulong)source.Length ? 0 : Math.Min(inFile, (ulong)source.Length - s.Offset);
            long start = (long)s.PhysicalAddress;
            if (whole > 0)
                yield return new Extent(start, (long)whole, (long)s.Offset, order);
            if (inFile > whole)
                yield return new Extent(start + (long)whole, (long)(inFile - whole), CodeCut, order - (2L << 40));
            if (s.MemorySize > inFile)
                yield return new Extent(start + (long)inFile, (long)(s.MemorySize - inFile), CodeExcluded, order - (1L << 40));
        }
    }
}
