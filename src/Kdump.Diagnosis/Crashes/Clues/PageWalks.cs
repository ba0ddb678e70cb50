using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// Functions that go through page descriptors (struct page) by frame number: compaction, memory hotplug, the page allocator's own free
/// lists (mm/compaction.c, page_alloc.c, page_isolation.c). Where they fault, the memory map has no descriptors for the frame.
/// </summary>
internal static class PageWalks
{
    private static readonly NamePattern Walkers = new(["^isolate_freepages", "^isolate_migratepages", "^__pageblock_pfn_to_page",
        "^move_freepages", "^get_pfnblock_flags_mask", "^set_pfnblock_flags_mask", "^fast_isolate_", "^has_unmovable_pages",
        "^test_pages_in_a_zone", "^is_mem_section_removable", "^reset_isolation_suitable", "^__reset_isolation_", "^memmap_init",
        "^page_owner_pageblock", "^walk_zones_in_node", "^pagetypeinfo_show", "^kpagecount_read", "^kpageflags_read"]);

    public static IEnumerable<Clue> Read(ClueInput input)
    {
        if (input.Kind != "page-fault" || input.Function is not { } function || !Walkers.Fits(function) ||
            input.Access is not { Address: >= KernelSpace and var address } || address % 8 != 0 ||
            !NotPresent(input))
            yield break;
        bool own = address is >= MapStart and < MapEnd;
        if (!own && !MayBeMoved(input, address))
            yield break;
        string map = own ? "The memory map has none"
            : "The address is probably in the memory map (KASLR may have moved it), which has none";
        yield return new Clue("page-walk",
            $"{function}() goes through the page descriptors (struct page) of a range of memory by frame number. {map} at " +
            "that address: a hole between ranges of memory (firmware's, hot-added, of another node) that was not left out. So it " +
            "is a bug " +
            "of this kernel's memory management, or of the memory map that firmware gave; the task only wanted memory.",
            input.Report.Heading)
        {
            Fixes = [new("Update the kernel; look at where the ranges of memory begin and end", "grep -i 'system ram' /proc/iomem")],
        };
    }

    // Of x86-64 with four levels of page tables (Documentation/arch/x86/x86_64/mm.rst): the memory map where nothing moved it; the lowest
    // place KASLR gives it, behind ten terabytes and more of all memory and 32 of vmalloc; the end of what KASLR gives out.
    private const ulong KernelSpace = 0xffff_0000_0000_0000, MapStart = 0xffff_ea00_0000_0000, MapEnd = 0xffff_eb00_0000_0000,
        LowestMoved = 0xffff_b280_0000_0000, HighestMoved = 0xffff_fe00_0000_0000;

    /// <summary>
    /// The processor's error code says that no page was there (bit 0 is clear): <c>Oops: 0002 [#1]</c>. A page that may not be written is
    /// no hole.
    /// </summary>
    private static bool NotPresent(ClueInput input)
    {
        foreach (ReportLine line in input.Lines)
        {
            int at = line.Text.LastIndexOf("Oops: ", StringComparison.Ordinal);
            if (at < 0)
                continue;
            var c = new TextCursor(line.Text.AsSpan(at + "Oops: ".Length));
            if (c.Hex(out ulong code))
                return (code & 1) == 0;
        }
        return false;
    }

    /// <summary>Not one flipped bit away from where the map is without KASLR, and no register shows that KASLR moved nothing.</summary>
    private static bool MayBeMoved(ClueInput input, ulong address)
    {
        if (address is < LowestMoved or >= HighestMoved || input.Register("RSP")?.Contains("ffffc900", StringComparison.Ordinal) == true)
            return false;
        for (int bit = 40; bit < 48; bit++)
        {
            if ((address ^ (1UL << bit)) is >= MapStart and < MapEnd)
                return false;
        }
        return true;
    }
}
