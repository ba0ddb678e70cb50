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
            input.Access is not { Address: >= KernelSpace and var address } || address % 8 != 0)
            yield break;
        yield return new Clue("page-walk",
            $"{function}() goes through the page descriptors (struct page) of a range of memory by frame number. The memory map " +
            "has none at " +
            "that address: a hole between ranges of memory (firmware's, hot-added, of another node) that was not left out. So it " +
            "is a bug " +
            "of this kernel's memory management, or of the memory map that firmware gave; the task only wanted memory.",
            input.Report.Heading)
        {
            Fixes = [new("Update the kernel; look at where the ranges of memory begin and end", "grep -i 'system ram' /proc/iomem")],
        };
    }

    private const ulong KernelSpace = 0xffff_0000_0000_0000;
}
