using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Views;

/// <summary>struct page of a frame.</summary>
/// <param name="Flags">Names of page.flags.</param>
/// <param name="Type">buddy, slab or hugetlb, as far as VMCOREINFO allows to distinguish them; null for other pages.</param>
/// <param name="Anonymous">True if the page is anonymous memory, false if it belongs to a file; null if it has no mapping.</param>
public sealed record PageFacts(Pfn Pfn, VirtualAddress Struct, VirtualAddress Head, IReadOnlyList<string> Flags, string? Type,
    int References,
    VirtualAddress Mapping, bool? Anonymous)
{
    internal static PageFacts Of(CrashedKernel kernel, PageMap map, Pfn pfn, StructReader of)
    {
        StructReader head = map.Head(of);
        bool slab = map.Slab(of) is not null;
        // In a page of a slab, other members are at these offsets.
        ulong mapping = slab ? 0 : of.First("mapping") ?? 0;
        string? type;
        if (slab)
            type = "slab";
        else if (map.IsType(of, "PAGE_BUDDY_MAPCOUNT_VALUE"))
            type = "free";
        else
            type = map.IsType(head, "PAGE_HUGETLB_MAPCOUNT_VALUE") ? "hugetlb" : null;
        return new PageFacts(pfn, of.Address, head.Address, map.Names(head), type, head.S32("_refcount.counter"),
            new VirtualAddress(mapping & ~3UL), mapping == 0 ? null : (mapping & 1) != 0);
    }
}
