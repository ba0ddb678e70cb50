using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Views;

/// <summary>
/// The contents of a process's pages: from the memory that the page tables map, otherwise from the page cache of the file, otherwise from
/// a file with the same build id. Pages that are in none of them are missing; no content is invented.
/// </summary>
public sealed class ProcessPages : IDisposable
{
    private const int ZeroLevel = 1, CacheLevels = 2 | 4, UserLevel = 8;

    private const string Vdso = "[vdso]";

    /// <summary>VM_IO, VM_PFNMAP.</summary>
    private const ulong DeviceFlags = 0x4400;

    private readonly CrashedKernel kernel;
    private readonly Func<string, Stream?> open;
    private readonly Dictionary<ulong, CoreFile> files = [];
    private readonly PageMap? pages;
    private readonly int shift;
    private readonly List<Damage> damages = [];

    /// <param name="open">Opens a file of the machine by its path; returns null if it is not available.</param>
    public ProcessPages(CrashedKernel kernel, ProcessAreas memory, Func<string, Stream?> open)
    {
        this.kernel = kernel;
        this.open = open;
        Memory = memory;
        Size = kernel.PageSize;
        shift = System.Numerics.BitOperations.Log2((uint)Size);
        if (kernel.Dump.PageSize > Size)
            throw new InputException(kernel.Dump.Name, "page size", -1,
                $"{kernel.Dump.PageSize} in the dump, {Size} of the kernel: such dumps are not known");
        pages = Layer<PageMap>.Of(() => new PageMap(kernel)).Value;
    }

    /// <summary>Size of a page of the kernel in bytes.</summary>
    public int Size { get; }

    public ProcessAreas Memory { get; }

    public IReadOnlyList<Damage> Damages => damages;

    /// <summary>Files of the machine that were specified but not used, with the reason.</summary>
    public IReadOnlyList<(string Path, string Reason)> NotUsed =>
        [.. files.Values.Where(f => f.WhyNot is not null).Select(f => (f.Path, f.WhyNot!)).Distinct()
            .OrderBy(f => f.Path, StringComparer.Ordinal)];

    /// <summary>Fills a page of an area.</summary>
    /// <param name="entry">The page table entry of the page.</param>
    /// <param name="address">Address of the first byte of the page.</param>
    public ProcessPageSource Load(ProcessArea of, UserPage entry, ulong address, byte[] page)
    {
        switch (entry.Kind)
        {
            case UserPageKind.Swapped: return ProcessPageSource.Swapped;
            case UserPageKind.Missing when entry.State == MemoryState.Excluded: return ProcessPageSource.Excluded;
            case UserPageKind.Missing or UserPageKind.Special: return ProcessPageSource.Lost;
            case UserPageKind.None when HasFile(of): return OfFile(FileOf(of), of.Area, address, page);
            case UserPageKind.None: return NeverTouched(of, address, page);
            default:
                Pfn frame = new(entry.Physical.Value >> shift);
                PageState state = Read(frame, page);
                return state == PageState.Present ? ProcessPageSource.Mapped
                    : Missing(state, frame, page, ProcessPageSource.Zero);
        }
    }

    /// <summary>True if all pages of a range that one entry covers have the same state: none is mapped.</summary>
    public static bool AreAlike(ProcessArea of, UserPage entry) => entry.Kind is UserPageKind.None ? !HasFile(of) && of.Name != Vdso
        : entry.Kind is UserPageKind.Missing or UserPageKind.Special or UserPageKind.Swapped;

    public void Dispose()
    {
        foreach (CoreFile file in files.Values)
            file.Dispose();
    }

    /// <summary>Reads a page of the kernel, which may be several pages of the dump (QEMU's arm64 dumps have pages of 4 KiB).</summary>
    private PageState Read(Pfn pfn, byte[] page)
    {
        int part = kernel.Dump.PageSize;
        if (part == Size)
            return kernel.Dump.ReadPage(pfn, page);
        byte[] one = new byte[part];
        for (int at = 0; at < Size; at += part)
        {
            PageState state = kernel.Dump.ReadPage(new Pfn(((pfn.Value << shift) + (ulong)at) / (ulong)part), one);
            if (state != PageState.Present)
                return state;
            one.CopyTo(page, at);
        }
        return PageState.Present;
    }

    private static bool HasFile(ProcessArea of) => of.Area.File.Value != 0;

    /// <summary>
    /// Content of a page that was never accessed: zeros, except for the vdso, which is part of the kernel's image, and for memory of
    /// devices.
    /// </summary>
    private ProcessPageSource NeverTouched(ProcessArea of, ulong address, byte[] page)
    {
        if (of.Name == Vdso && VdsoImage() is { } image)
            return kernel.Memory.TryRead(image + (long)(address - of.Area.Start.Value), page) ? ProcessPageSource.FromCache
                : ProcessPageSource.Lost;
        if (of.Name.StartsWith("[v", StringComparison.Ordinal) || (of.Area.Flags & DeviceFlags) != 0)
            return ProcessPageSource.Lost;
        page.AsSpan().Clear();
        return ProcessPageSource.Zero;
    }

    private ProcessPageSource OfFile(CoreFile file, VmArea area, ulong address, byte[] page)
    {
        ulong index = area.PageOffset + ((address - area.Start.Value) >> shift);
        if (file.InCache(index) is { } pfn)
        {
            PageState state = Read(pfn, page);
            ProcessPageSource found = state == PageState.Present ? ProcessPageSource.FromCache
                : Missing(state, pfn, page, ProcessPageSource.FromCache);
            // A file on disk may differ from a page that was written to, but not from a program's code.
            return found != ProcessPageSource.FromCache && !area.IsWritable && file.Read(index << shift, page) ? ProcessPageSource.FromFile
                : found;
        }
        return file.Read(index << shift, page) ? ProcessPageSource.FromFile : ProcessPageSource.NotRead;
    }

    private ProcessPageSource Missing(PageState state, Pfn pfn, byte[] page, ProcessPageSource zero)
    {
        if (state != PageState.Excluded)
            return ProcessPageSource.Lost;
        if (!IsZero(pfn))
            return ProcessPageSource.Excluded;
        page.AsSpan().Clear();
        return zero;
    }

    /// <summary>
    /// True if the page was zero: the dump level excludes zero pages, and no other part of the level applies to this page.
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
            if (Memory.Mm.Struct.Has("context.vdso_image"))
                return Memory.Mm.Struct.Follow("context.vdso_image") is { } image ? image.Pointer("data") : null;
            // arm64, arch/arm64/kernel/vdso.c: one image for 64-bit programs, between two symbols.
            ulong? length = kernel.FindSymbol("vdso_end") is { } end && kernel.FindSymbol("vdso_start") is { } start
                ? end.Value - start.Value : null;
            return kernel.Machine == "aarch64" && Memory.Areas.FirstOrDefault(a => a.Name == Vdso) is { } area &&
                area.Area.Bytes == length ? kernel.FindSymbol("vdso_start") : null;
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

    /// <summary>The file on this machine, used only if its build id is that in the process's memory.</summary>
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
        return (null, own, own switch
        {
            null => "the build id of what was mapped is not in the dump: it cannot be told whether the file is the same",
            _ when its is null => "it has no build id",
            _ => $"its build id is {its}, that of what was mapped {own}",
        });
    }

    /// <summary>Reads bytes of a file from the process's memory or the page cache.</summary>
    private bool InMemory(ProcessArea of, PageCache? cache, ulong offset, byte[] raw)
    {
        byte[] page = new byte[Size];
        for (int done = 0; done < raw.Length;)
        {
            ulong at = offset + (ulong)done;
            if (!FilePage(of, cache, at >> shift, page))
                return false;
            int within = (int)(at & (ulong)(Size - 1)), n = Math.Min(raw.Length - done, Size - within);
            page.AsSpan(within, n).CopyTo(raw.AsSpan(done));
            done += n;
        }
        return true;
    }

    private bool FilePage(ProcessArea of, PageCache? cache, ulong index, byte[] page)
    {
        if (cache?.Find(index) is { } pfn && Read(pfn, page) == PageState.Present)
            return true;
        foreach (ProcessArea area in Memory.Areas)
            if (area.Area.File == of.Area.File && !area.Area.IsWritable && index >= area.Area.PageOffset &&
                index - area.Area.PageOffset < area.Area.Bytes >> shift)
            {
                UserPage found = Memory.Pages?.At(area.Area.Start + (long)((index - area.Area.PageOffset) << shift)) ?? default;
                if (found.Kind == UserPageKind.Present &&
                    Read(new Pfn(found.Physical.Value >> shift), page) == PageState.Present)
                    return true;
            }
        return false;
    }
}
