using System.Buffers.Binary;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;

namespace Kdump.Kernel.Views;

/// <summary>
/// What a page frame held, by what the dump itself tells: the kernel image's own symbols, its page tables, tasks' stacks, modules, and for
/// the rest struct page (include/linux/page-flags.h; its meaning comes from VMCOREINFO, as makedumpfile takes it). Else it is unknown.
/// </summary>
public sealed class PageUse
{
    public const string Unknown = "unknown";

    /// <summary>Tables of the kernel's half: 512 GiB of direct map in 4 KiB pages have 262,000.</summary>
    private const int MaxTables = 300_000;

    /// <summary>Four pages each.</summary>
    private const int MaxStacks = 100_000;

    private readonly CrashedKernel kernel;
    private readonly ulong frame;
    private readonly KernelMemory memory;
    private readonly Dictionary<ulong, string> known = [];
    private readonly List<(ulong First, ulong End, string What)> image = [];
    private readonly Lazy<bool> masked;

    public PageUse(CrashedKernel kernel, Tasks? tasks)
    {
        this.kernel = kernel;
        frame = (ulong)kernel.Dump.PageSize;
        memory = kernel.Memory;
        masked = new(() => (kernel.Keys.Size("page") ?? kernel.Btf.Value?.Struct("page")?.Size) is { } size &&
            PageMap.HasMasks(kernel, size));
        AddImage();
        foreach (ulong table in memory.PageTables(MaxTables))
            known.TryAdd(table, "page table");
        foreach (KernelModule module in kernel.Modules.Value?.All ?? [])
            foreach ((VirtualAddress start, uint size) in module.Ranges)
                Add(start, size, $"module {module.Name}");
        foreach (TaskStruct task in (tasks?.All ?? []).Take(MaxStacks))
        {
            VirtualAddress stack = TryStack(task);
            if (stack.Value != 0)
                Add(stack, (uint)kernel.StackSize, $"stack of {task.Comm} ({task.Pid})");
        }
    }

    public string Of(Pfn pfn)
    {
        if (known.TryGetValue(pfn.Value, out string? what))
            return what;
        foreach ((ulong first, ulong end, string part) in image)
            if (pfn.Value >= first && pfn.Value < end)
                return part;
        return OfStructPage(pfn) ?? Unknown;
    }

    private void AddImage()
    {
        VirtualAddress? text = kernel.FindSymbol("_text") ?? kernel.FindSymbol("_stext"), end = kernel.Kallsyms.Value?.Find("_end");
        if (text is not { } start || end is not { } stop)
            return;
        AddRange("kernel text", kernel.FindSymbol("_stext"), kernel.FindSymbol("_etext"));
        AddRange("kernel constants", kernel.FindSymbol("__start_rodata"), kernel.FindSymbol("__end_rodata"));
        AddRange("kernel data", start, stop);
    }

    private void AddRange(string what, VirtualAddress? from, VirtualAddress? to)
    {
        // The image is contiguous in physical memory.
        if (from is { } start && to is { } stop && stop > start && memory.Translate(start, out PhysicalAddress at) == MemoryState.Present)
            image.Add((at.Value / frame, (at.Value + (stop.Value - start.Value) + frame - 1) / frame, what));
    }

    private void Add(VirtualAddress start, uint bytes, string what)
    {
        for (uint at = 0; at < bytes; at += KernelMemory.BlockPage)
            if (memory.Translate(start + at, out PhysicalAddress page) == MemoryState.Present)
                known[page.Value / frame] = what;
    }

    private static VirtualAddress TryStack(TaskStruct task)
    {
        try
        {
            return task.StackBase;
        }
        catch (InputException)
        {
            return default;
        }
    }

    private string? OfStructPage(Pfn pfn)
    {
        if (Page(pfn.Value) is not { } page)
            return null;
        if ((Word(page, "page.compound_head") ?? Word(page, "page.compound_info")) is { } info &&
            PageMap.HeadOf(page, info, masked.Value) is { } first && first < page)
            page = first;
        if (Word(page, "page.flags") is not { } flags || Word(page, "page._mapcount") is not { } type)
            return null;
        if (PageMap.IsType(kernel.Keys, (uint)type, "PAGE_BUDDY_MAPCOUNT_VALUE"))
            return "free memory";
        if (PageMap.IsType(kernel.Keys, (uint)type, "PAGE_SLAB_MAPCOUNT_VALUE") || Flag(flags, "PG_slab"))
            return "kernel memory (slab)";
        if (PageMap.IsType(kernel.Keys, (uint)type, "PAGE_HUGETLB_MAPCOUNT_VALUE"))
            return "user memory (huge pages)";
        if (!Flag(flags, "PG_lru"))
            return null;
        return Word(page, "page.mapping") is { } mapping && (mapping & 1) != 0 ? "user memory" : "page cache";
    }

    private VirtualAddress? Page(ulong pfn)
    {
        int? size = kernel.Keys.Size("page") ?? kernel.Btf.Value?.Struct("page")?.Size;
        if (size is not > 0 || kernel.FindSymbol("vmemmap_base") is not { } at || !memory.TryU64(at, out ulong start) || start < 1UL << 63)
            return null;
        return new VirtualAddress(start) + checked((long)pfn * size.Value);
    }

    private ulong? Word(VirtualAddress page, string member)
    {
        if (kernel.Keys.Offset(member) is not { } offset)
            return null;
        Span<byte> raw = stackalloc byte[8];
        int size = member == "page._mapcount" ? 4 : 8;
        raw.Clear();
        return memory.TryRead(page + offset, raw[..size]) ? BinaryPrimitives.ReadUInt64LittleEndian(raw) : null;
    }

    private bool Flag(ulong flags, string bit) => kernel.Keys.Number(bit) is { } shift and < 64 && (flags >> (int)shift & 1) != 0;
}
