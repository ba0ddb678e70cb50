using Kdump.Formats.Bytes;
using Kdump.Formats.Elf;

namespace Kdump.Formats.Dumps;

/// <summary>
/// The physical memory of a crashed machine, as stored in a dump file. Opening reads headers only; pages are read and decompressed on
/// demand. Safe to read from several threads.
/// </summary>
public abstract class Dump : IDisposable
{
    private readonly Lock gate = new();
    private readonly List<Damage> damages = [];
    private IReadOnlyList<ElfNote>? notes;
    private IReadOnlyList<VmcoreInfo>? vmcoreInfos;

    /// <summary>Name of the dump in messages: the path, or the paths of a split set.</summary>
    public abstract string Name { get; }

    /// <summary>Name of the format: <c>ELF</c>, <c>kdump-compressed v6</c>, <c>flattened kdump-compressed v6</c> …</summary>
    public abstract string Format { get; }

    /// <summary>The fields of the headers that describe the machine and the dump.</summary>
    public virtual DumpInfo Info => new() { Machine = "", Is64Bit = true, BigEndian = BigEndian };

    /// <summary>Page size in bytes.</summary>
    public abstract int PageSize { get; }

    /// <summary>One past the highest page frame that the dump describes.</summary>
    public abstract Pfn MaxPfn { get; }

    /// <summary>True if the writer marked the dump as incomplete.</summary>
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

    /// <summary>The parsed <see cref="Notes"/>.</summary>
    public IReadOnlyList<ElfNote> ElfNotes
    {
        get
        {
            lock (gate)
                return notes ??= Elf.ElfNotes.Read(Notes, Name, BigEndian, damages);
        }
    }

    /// <summary>Every VMCOREINFO note in the dump.</summary>
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
    /// The VMCOREINFO note; null if the dump has none, in which case it can only be found by searching the memory. If there are two, the
    /// one with the kernel's release is returned: QEMU may add another one from the boot loader.
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
    /// State of a frame, determined without reading the page. Reading a page that is <see cref="PageState.Present"/> here may show that
    /// it is damaged.
    /// </summary>
    public abstract PageState State(Pfn pfn);

    /// <summary>
    /// Reads one whole page. <paramref name="page"/> (of <see cref="PageSize"/> bytes) is filled only for
    /// <see cref="PageState.Present"/>. Where RAM begins or ends inside a page (ELF only), the bytes that are not RAM are zero.
    /// </summary>
    /// <exception cref="InputException">The library for the page's compression is missing, or reading the file fails: no page can be
    /// read.</exception>
    public abstract PageState ReadPage(Pfn pfn, Span<byte> page);

    /// <summary>
    /// Reads the first bytes of a page, for searches that look at every page. The bytes are the same as in <see cref="ReadPage"/>, but
    /// often cheaper to get.
    /// </summary>
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
    /// Reads one whole page into an array that the caller may keep but must not change, because it may be shared with other frames and
    /// readers. The array is empty unless the state is <see cref="PageState.Present"/>.
    /// </summary>
    /// <inheritdoc cref="ReadPage"/>
    public virtual PageState Page(Pfn pfn, out byte[] page)
    {
        byte[] read = GC.AllocateUninitializedArray<byte>(PageSize);
        PageState state = ReadPage(pfn, read);
        page = state == PageState.Present ? read : [];
        return state;
    }

    /// <summary>
    /// The reason why a page cannot be read, found by reading it again; null if it can be read, or if the format does not know the
    /// reason.
    /// </summary>
    public virtual Damage? DamageOf(Pfn pfn) => null;

    /// <summary>Number of frames in each state, from the bitmaps or segments alone, without reading pages.</summary>
    public virtual PageCounts Count()
    {
        long[] counts = new long[4];
        for (ulong pfn = 0; pfn < MaxPfn.Value; pfn++)
            counts[(int)State(new Pfn(pfn))]++;
        return new(counts[(int)PageState.Present], counts[(int)PageState.Excluded], counts[(int)PageState.Absent],
            counts[(int)PageState.Damaged]);
    }

    /// <summary>
    /// The first frames at or after <paramref name="pfn"/> that are present or damaged: walks use it to skip excluded and truncated
    /// ranges of any size. Null if there are none. The run may be shorter than possible.
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

    /// <summary>True if the notes are big-endian.</summary>
    protected virtual bool BigEndian => false;

    protected abstract void Dispose(bool disposing);

    protected void Lost(Damage damage)
    {
        lock (gate)
            damages.Add(damage);
    }

    /// <summary>Creates a reader for a walk over many pages in ascending order by one thread; it does not use the page cache.</summary>
    internal virtual PageReader NewReader() => new(this);
}
