using Kdump.Formats.Bytes;
using Kdump.Formats.Elf;

namespace Kdump.Formats.Dumps;

/// <summary>
/// A crashed machine's physical memory as a dump file has it. Opening reads headers only; pages are read and decompressed on demand.
/// Safe to read from several threads.
/// </summary>
public abstract class Dump : IDisposable
{
    private readonly Lock gate = new();
    private readonly List<Damage> damages = [];
    private IReadOnlyList<ElfNote>? notes;
    private IReadOnlyList<VmcoreInfo>? vmcoreInfos;

    /// <summary>Name for messages: the path, or the paths of a split set.</summary>
    public abstract string Name { get; }

    /// <summary>Name of the format: <c>ELF</c>, <c>kdump-compressed v6</c>, <c>flattened kdump-compressed v6</c> …</summary>
    public abstract string Format { get; }

    /// <summary>What the headers say of machine and dump.</summary>
    public virtual DumpInfo Info => new() { Machine = "", Is64Bit = true, BigEndian = BigEndian };

    /// <summary>Bytes in a page.</summary>
    public abstract int PageSize { get; }

    /// <summary>One past the highest page frame the dump speaks of.</summary>
    public abstract Pfn MaxPfn { get; }

    /// <summary>The writer marked the dump as incomplete.</summary>
    public abstract bool Incomplete { get; }

    /// <summary>The ELF notes of the dump (VMCOREINFO, PRSTATUS, …) as one blob of concatenated notes; empty when it has none.</summary>
    public abstract ReadOnlyMemory<byte> Notes { get; }

    /// <summary>Damage in the headers that was skipped when opening.</summary>
    public virtual IReadOnlyList<Damage> Damages
    {
        get
        {
            lock (gate)
                return [.. damages];
        }
    }

    /// <summary><see cref="Notes"/>, taken apart.</summary>
    public IReadOnlyList<ElfNote> ElfNotes
    {
        get
        {
            lock (gate)
                return notes ??= Elf.ElfNotes.Read(Notes, Name, BigEndian, damages);
        }
    }

    /// <summary>Every VMCOREINFO note.</summary>
    public IReadOnlyList<VmcoreInfo> VmcoreInfos
    {
        get
        {
            if (vmcoreInfos is null)
            {
                List<VmcoreInfo> found = [];
                foreach (ElfNote note in ElfNotes)
                    if (note.Name == "VMCOREINFO")
                        found.Add(Elf.VmcoreInfo.Parse(note.Description.Span));
                vmcoreInfos = found;
            }
            return vmcoreInfos;
        }
    }

    /// <summary>
    /// The VMCOREINFO note, or null: then it can only be found by searching the memory. Of two, the one that speaks of the kernel: QEMU can
    /// put the loader's beside it.
    /// </summary>
    public VmcoreInfo? VmcoreInfo
    {
        get
        {
            VmcoreInfo? best = null;
            foreach (VmcoreInfo info in VmcoreInfos)
                if (best is null || (best.OsRelease is null && info.OsRelease is not null))
                    best = info;
            return best;
        }
    }

    /// <summary>
    /// What the dump has of a frame, without reading the page. <see cref="PageState.Present"/> may turn out damaged when read.
    /// </summary>
    public abstract PageState State(Pfn pfn);

    /// <summary>
    /// Reads one whole page. <paramref name="page"/> (of <see cref="PageSize"/> bytes) is filled only for <see cref="PageState.Present"/>.
    /// Where RAM begins or ends inside a page (ELF only), the bytes that are no RAM are zero.
    /// </summary>
    /// <exception cref="InputException">The library of the page's compression is missing, or the disk fails: no page can be
    /// had.</exception>
    public abstract PageState ReadPage(Pfn pfn, Span<byte> page);

    /// <summary>The first bytes of a page, for searches that look at every page; the same as of the whole page, often cheaper.</summary>
    public virtual PageState ReadStart(Pfn pfn, Span<byte> start)
    {
        byte[] page = System.Buffers.ArrayPool<byte>.Shared.Rent(PageSize);
        PageState state = ReadPage(pfn, page.AsSpan(0, PageSize));
        if (state == PageState.Present)
            page.AsSpan(0, start.Length).CopyTo(start);
        System.Buffers.ArrayPool<byte>.Shared.Return(page);
        return state;
    }

    /// <summary>
    /// One whole page that a reader wants to keep: an array that must not be changed, because it may be shared with other frames
    /// and readers.
    /// Empty unless <see cref="PageState.Present"/>.
    /// </summary>
    /// <inheritdoc cref="ReadPage"/>
    public virtual PageState Page(Pfn pfn, out byte[] page)
    {
        byte[] read = GC.AllocateUninitializedArray<byte>(PageSize);
        PageState state = ReadPage(pfn, read);
        page = state == PageState.Present ? read : [];
        return state;
    }

    /// <summary>Why a page cannot be had, if it cannot: reads it again.</summary>
    public virtual Damage? DamageOf(Pfn pfn) => null;

    /// <summary>Frames by state from the maps alone: bitmaps or segments, not page bytes.</summary>
    public virtual PageCounts Count()
    {
        long[] counts = new long[4];
        for (ulong pfn = 0; pfn < MaxPfn.Value; pfn++)
            counts[(int)State(new Pfn(pfn))]++;
        return new(counts[(int)PageState.Present], counts[(int)PageState.Excluded], counts[(int)PageState.Absent],
            counts[(int)PageState.Damaged]);
    }

    /// <summary>
    /// The first frames at or after <paramref name="pfn"/> that are present or damaged: walks skip excluded and truncated ranges of
    /// any size. Null when there are none. A run need not be the longest possible.
    /// </summary>
    public virtual PageRun? NextRun(Pfn pfn)
    {
        for (ulong next = pfn.Value; next < MaxPfn.Value; next++)
        {
            if (State(new Pfn(next)) is PageState.Present or PageState.Damaged)
                return new PageRun(new Pfn(next), new Pfn(next + 1), State(new Pfn(next)));
        }
        return null;
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Byte order of the notes.</summary>
    protected virtual bool BigEndian => false;

    protected abstract void Dispose(bool disposing);

    protected void Lost(Damage damage)
    {
        lock (gate)
            damages.Add(damage);
    }

    /// <summary>A reader for a walk over many pages in ascending order by one thread; it does not go through the page cache.</summary>
    internal virtual PageReader NewReader() => new(this);
}
