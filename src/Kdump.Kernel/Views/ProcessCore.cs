using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;
using Kdump.Formats.Elf;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;
using Kdump.Kernel.Unwind;

namespace Kdump.Kernel.Views;

/// <summary>
/// A process of the dead kernel as an ELF core: what its page tables map, else what the page cache has of its files, else what a file of
/// the
/// same build id has. Pages that are nowhere are holes; nothing is made up.
/// </summary>
public sealed class ProcessCore : IDisposable
{
    private const int Page = 4096;
    private const int ZeroLevel = 1, CacheLevels = 2 | 4, UserLevel = 8;
    private const ushort X8664 = 62;

    /// <summary>Pages that are looked up in files, 256 GB: of what is behind that the core says that it was not read.</summary>
    private const long MaxLookups = 1 << 26;

    private readonly CrashedKernel kernel;
    private readonly Func<string, Stream?> open;
    private readonly List<Damage> damages = [];
    private readonly Dictionary<ulong, CoreFile> files = [];
    private readonly PageMap? pages;
    private readonly byte[] buffer = new byte[Page];
    private long lookups;

    /// <param name="tasks">For the threads of the process.</param>
    /// <param name="open">A file of the machine by its path; null where it is not at hand.</param>
    /// <exception cref="InputException">The task has no memory, or BTF does not tell.</exception>
    public ProcessCore(CrashedKernel kernel, TaskStruct task, Tasks tasks,
        IReadOnlyDictionary<int, Registers> registers, Func<string, Stream?> open)
    {
        this.kernel = kernel;
        this.open = open;
        Memory = new ProcessAreas(kernel, task, tasks);
        damages.AddRange(Memory.Damages);
        if (kernel.Dump.Info.Machine is not ("x86_64" or ""))
            throw new InputException(kernel.Dump.Name, "machine", -1,
                $"{kernel.Dump.Info.Machine}: only processes of x86-64 can be written");
        pages = Layer<PageMap>.Of(() => new PageMap(kernel)).Value;
        Notes = new CoreNotes(kernel, task,
            [.. tasks.All.Where(t => t.Tgid == task.Tgid).OrderBy(t => t.Pid == task.Pid ? 0 : 1).ThenBy(t => t.Pid)],
            registers, Memory);
        damages.AddRange(Notes.Damages);
    }

    public ProcessAreas Memory { get; }

    public CoreNotes Notes { get; }

    /// <summary>What became of each area, after <see cref="Write"/>.</summary>
    public IReadOnlyList<(ProcessArea Area, CorePages Pages)> Areas { get; private set; } = [];

    public CorePages Total { get; } = new();

    public int Segments { get; private set; }

    /// <summary>Files of the machine that were given and not used, with the reason.</summary>
    public IReadOnlyList<(string Path, string Reason)> NotUsed =>
        [.. files.Values.Where(f => f.WhyNot is not null).Select(f => (f.Path, f.WhyNot!)).Distinct()
            .OrderBy(f => f.Path, StringComparer.Ordinal)];

    public IReadOnlyList<Damage> Damages => damages;

    /// <summary>
    /// What to dump with so that less is missing: the level that keeps it, in words; null where nothing that a level decides is missing.
    /// </summary>
    public string? Advice => Total.Excluded == 0 ? null
        : "pages of programs were left out of this dump: makedumpfile -d 17 (or 1, 16, 0) keeps them all, -d 23 those of files not";

    /// <summary>Writes the core.</summary>
    public void Write(Stream output)
    {
        ElfCoreWriter core = new(output, X8664);
        List<(ProcessArea, CorePages)> done = [];
        long[] budget = Memory.Budget();
        foreach (ProcessArea area in Memory.Areas)
        {
            // What programs share with the kernel by itself and devices' memory is in no core of the kernel's either.
            CorePages counts = new();
            WriteArea(core, area, counts, budget);
            Total.Add(counts);
            done.Add((area, counts));
        }
        Areas = done;
        core.Finish(Notes.Bytes());
        Segments = core.Segments;
    }

    public void Dispose()
    {
        foreach (CoreFile file in files.Values)
            file.Dispose();
    }

    private void WriteArea(ElfCoreWriter core, ProcessArea of, CorePages counts, long[] budget)
    {
        VmArea area = of.Area;
        uint flags = (area.IsReadable ? 4u : 0) | (area.IsWritable ? 2u : 0) | (area.IsExecutable ? 1u : 0);
        bool first = true;
        CoreFile? file = area.File.Value == 0 ? null : FileOf(of);
        if (Memory.Pages is null)
        {
            core.Hole(area.Start.Value, area.Bytes, flags, first);
            counts.Lost += (long)(area.Bytes >> 12);
            return;
        }
        foreach ((VirtualAddress at, UserPage page) in Memory.Entries(area, budget))
        {
            ulong end = Math.Min((at.Value & ~(page.Bytes - 1)) + page.Bytes, area.End.Value);
            if (page.Kind is UserPageKind.None && file is null)
            {
                NeverTouched(core, of, at.Value, end, flags, ref first, counts);
                continue;
            }
            if (page.Kind is UserPageKind.Missing or UserPageKind.Special or UserPageKind.Swapped)
            {
                long count = (long)((end - at.Value) >> 12);
                if (page.Kind == UserPageKind.Swapped)
                    counts.Swapped += count;
                else if (page is { Kind: UserPageKind.Missing, State: MemoryState.Excluded })
                    counts.Excluded += count;
                else
                    counts.Lost += count;
                core.Hole(at.Value, end - at.Value, flags, first);
                first = false;
                continue;
            }
            for (ulong address = at.Value; address < end; address += Page)
            {
                if (page.Kind is UserPageKind.None && ++lookups > MaxLookups)
                {
                    core.Hole(address, end - address, flags, first);
                    counts.NotRead += (long)((end - address) >> 12);
                    first = false;
                    break;
                }
                if (page.Kind is UserPageKind.None)
                    OfFile(core, file!, area, address, flags, first, counts);
                else
                    OfFrame(core, new Pfn((page.Physical.Value + (address - at.Value)) >> 12), address, flags, first, counts);
                first = false;
            }
        }
    }

    /// <summary>Anonymous memory that was never touched is zero; but the vdso is of the kernel's own image.</summary>
    private void NeverTouched(ElfCoreWriter core, ProcessArea of, ulong start, ulong end, uint flags, ref bool first, CorePages counts)
    {
        long count = (long)((end - start) >> 12);
        if (of.Name == "[vdso]" && VdsoImage() is { } image)
        {
            for (ulong address = start; address < end; address += Page, first = false)
            {
                ulong offset = address - of.Area.Start.Value;
                if (kernel.Memory.TryRead(image + (long)offset, buffer))
                {
                    core.Write(address, buffer, flags, first);
                    counts.FromCache++;
                }
                else
                {
                    core.Hole(address, Page, flags, first);
                    counts.Lost++;
                }
            }
            return;
        }
        // Special mappings, devices: VM_IO 0x4000, VM_PFNMAP 0x400.
        if (of.Name.StartsWith("[v", StringComparison.Ordinal) || (of.Area.Flags & 0x4400) != 0)
        {
            core.Hole(start, end - start, flags, first);
            counts.Lost += count;
        }
        else
        {
            core.Zero(start, end - start, flags, first);
            counts.Zero += count;
        }
        first = false;
    }

    private void OfFrame(ElfCoreWriter core, Pfn pfn, ulong address, uint flags, bool first, CorePages counts)
    {
        PageState state = kernel.Dump.ReadPage(pfn, buffer);
        if (state == PageState.Present)
        {
            core.Write(address, buffer, flags, first);
            counts.Mapped++;
        }
        else if (state == PageState.Excluded && IsZero(pfn))
        {
            core.Zero(address, Page, flags, first);
            counts.Zero++;
        }
        else
        {
            core.Hole(address, Page, flags, first);
            if (state == PageState.Excluded)
                counts.Excluded++;
            else
                counts.Lost++;
        }
    }

    private void OfFile(ElfCoreWriter core, CoreFile file, VmArea area, ulong address, uint flags, bool first, CorePages counts)
    {
        ulong index = area.PageOffset + ((address - area.Start.Value) >> 12);
        if (file.InCache(index) is { } pfn)
        {
            PageState state = kernel.Dump.ReadPage(pfn, buffer);
            if (state == PageState.Present || (state == PageState.Excluded && IsZero(pfn)))
            {
                if (state == PageState.Present)
                    core.Write(address, buffer, flags, first);
                else
                    core.Zero(address, Page, flags, first);
                counts.FromCache++;
                return;
            }
            // A file on disk may be older than a page that was written to; a program's code was not.
            if (!area.IsWritable && file.Read(index << 12, buffer))
            {
                core.Write(address, buffer, flags, first);
                counts.FromFile++;
                return;
            }
            core.Hole(address, Page, flags, first);
            if (state == PageState.Excluded)
                counts.Excluded++;
            else
                counts.Lost++;
            return;
        }
        if (file.Read(index << 12, buffer))
        {
            core.Write(address, buffer, flags, first);
            counts.FromFile++;
            return;
        }
        core.Hole(address, Page, flags, first);
        counts.NotRead++;
    }

    /// <summary>
    /// The level leaves out zero pages, and none of the other reasons that it has for leaving out pages holds for this one: it was zero.
    /// </summary>
    private bool IsZero(Pfn pfn)
    {
        if (kernel.Dump.Info.DumpLevel is not { } level || (level & ZeroLevel) == 0)
            return false;
        if ((level & (CacheLevels | UserLevel)) == 0)
            return true;
        if (pages is null)
            return false;
        try
        {
            StructReader head = pages.Head(pages.Of(pfn));
            ulong mapping = head.First("mapping") ?? 0;
            bool anonymous = (mapping & 1) != 0;
            bool huge = pages.IsType(head, "PAGE_HUGETLB_MAPCOUNT_VALUE");
            return mapping != 0 && (anonymous || huge ? (level & UserLevel) == 0 : (level & CacheLevels) == 0);
        }
        catch (InputException)
        {
            return false;
        }
    }

    private VirtualAddress? VdsoImage()
    {
        try
        {
            return Memory.Mm.Struct.Has("context.vdso_image") && Memory.Mm.Struct.Follow("context.vdso_image") is { } image
                ? image.Pointer("data") : null;
        }
        catch (InputException)
        {
            return null;
        }
    }

    private CoreFile FileOf(ProcessArea of)
    {
        if (files.TryGetValue(of.Area.File.Value, out CoreFile? known))
            return known;
        PageCache? cache = null;
        try
        {
            if (pages is not null && kernel.At("file", of.Area.File).Follow("f_mapping") is { } mapping)
                cache = new PageCache(kernel, pages, mapping);
        }
        catch (InputException e)
        {
            damages.Add(Damage.From(e));
        }
        (Stream? disk, string? id, string? why) = OnDisk(of, cache);
        return files[of.Area.File.Value] = new CoreFile(of.Name, cache, disk, id, why);
    }

    /// <summary>A file at hand is only taken when its build id is that of the process's memory.</summary>
    private (Stream?, string?, string?) OnDisk(ProcessArea of, PageCache? cache)
    {
        if (of.Name.EndsWith("(deleted)", StringComparison.Ordinal) || open(of.Name) is not { } file)
            return (null, null, null);
        string? own = BuildId.Of((offset, raw) => InMemory(of, cache, offset, raw)), its = BuildId.Of((offset, raw) =>
        {
            if (offset >= (ulong)file.Length)
                return false;
            file.Position = (long)offset;
            return file.ReadAtLeast(raw, raw.Length, throwOnEndOfStream: false) == raw.Length;
        });
        if (own is not null && own == its)
            return (file, own, null);
        file.Dispose();
        return (null, own, own is null
            ? "the build id of what was mapped is not in the dump: whether the file is the same is not known"
            : its is null ? "it has no build id" : $"its build id is {its}, that of what was mapped {own}");
    }

    /// <summary>Bytes of a file as the process or the page cache has them.</summary>
    private bool InMemory(ProcessArea of, PageCache? cache, ulong offset, byte[] raw)
    {
        byte[] page = new byte[Page];
        for (int done = 0; done < raw.Length;)
        {
            ulong at = offset + (ulong)done;
            if (!FilePage(of, cache, at >> 12, page))
                return false;
            int within = (int)(at & (Page - 1)), n = Math.Min(raw.Length - done, Page - within);
            page.AsSpan(within, n).CopyTo(raw.AsSpan(done));
            done += n;
        }
        return true;
    }

    private bool FilePage(ProcessArea of, PageCache? cache, ulong index, byte[] page)
    {
        if (cache?.Find(index) is { } pfn && kernel.Dump.ReadPage(pfn, page) == PageState.Present)
            return true;
        foreach (ProcessArea area in Memory.Areas)
            if (area.Area.File == of.Area.File && !area.Area.IsWritable && index >= area.Area.PageOffset &&
                index - area.Area.PageOffset < area.Area.Bytes >> 12)
            {
                UserPage found = Memory.Pages?.At(area.Area.Start + (long)((index - area.Area.PageOffset) << 12)) ?? default;
                if (found.Kind == UserPageKind.Present &&
                    kernel.Dump.ReadPage(new Pfn(found.Physical.Value >> 12), page) == PageState.Present)
                    return true;
            }
        return false;
    }
}
