using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Structs;

/// <summary>
/// struct page of a frame and the frame of a struct page, where the kernel keeps all of them in one virtual array (SPARSEMEM_VMEMMAP,
/// include/asm-generic/memory_model.h), and the direct map of physical memory (arch/x86/include/asm/page_64.h,
/// arch/arm64/include/asm/memory.h).
/// </summary>
public sealed class PageMap
{
    private readonly CrashedKernel kernel;
    private readonly StructType page;
    private readonly ulong start;
    private readonly bool masked;

    /// <exception cref="InputException">The kernel does not say where its struct pages or its direct map begin.</exception>
    public PageMap(CrashedKernel kernel)
    {
        this.kernel = kernel;
        page = kernel.Struct("page");
        start = kernel.Memory.StructPages(page.Size) ?? kernel.Memory.U64(kernel.Symbol("vmemmap_base"), "vmemmap_base");
        DirectMap = kernel.Memory.DirectMap ?? kernel.Memory.U64(kernel.Symbol("page_offset_base"), "page_offset_base");
        if (start < 1UL << 63 || DirectMap < 1UL << 63 || page.Size is < 32 or > 512)
            throw new InputException(kernel.Dump.Name, "vmemmap_base", -1, $"{start:x16} is no address of struct pages");
        masked = HasMasks(kernel, page.Size);
        Flags = kernel.Btf.Value?.Enumerators("pageflags") ?? [];
    }

    /// <summary>Bytes of a struct page.</summary>
    public int StructSize => page.Size;

    /// <summary>Virtual address of physical memory 0.</summary>
    public ulong DirectMap { get; }

    /// <summary>Bits of page.flags by name; several names may share a bit.</summary>
    public IReadOnlyList<(string Name, long Value)> Flags { get; }

    public StructReader Of(Pfn pfn) => new(kernel.Memory, page, new VirtualAddress(start) + checked((long)pfn.Value * page.Size));

    /// <summary>The frame that a struct page stands for; null for an address that is none.</summary>
    public Pfn? FrameOf(VirtualAddress at)
    {
        ulong distance = unchecked(at.Value - start);
        ulong frame = distance / (ulong)page.Size;
        UInt128 end = (UInt128)kernel.Dump.MaxPfn.Value * (ulong)kernel.Dump.PageSize;
        return distance % (ulong)page.Size == 0 && (UInt128)frame * (ulong)kernel.PageSize < end ? new Pfn(frame) : null;
    }

    /// <summary>Where the kernel sees a frame in its direct map.</summary>
    public VirtualAddress Direct(Pfn pfn) => new(unchecked(DirectMap + pfn.Value * (ulong)kernel.PageSize));

    /// <summary>The first page of a compound page, which is the page itself where it is no tail.</summary>
    public StructReader Head(StructReader of) =>
        of.First("compound_head", "compound_info") is { } info && HeadOf(of.Address, info, masked) is { } head && FrameOf(head) is not null
            ? new StructReader(kernel.Memory, page, head) : of;

    /// <summary>
    /// The head that a tail's word tells: bit 0 set, the rest its address; since Linux commit 8c846c879e22 ("mm: rework compound_head() for
    /// power-of-2 sizeof(struct page)") (v7.1) it may be a mask of the tail's own address. Null for a page that is no tail.
    /// </summary>
    public static VirtualAddress? HeadOf(VirtualAddress page, ulong info, bool masked) =>
        (info & 1) == 0 ? null : new VirtualAddress(masked ? page.Value & info : info & ~1UL);

    /// <summary>compound_info_has_mask() of include/linux/page-flags.h: struct zone has vmemmap_tails[] where the kernel may use
    /// masks.</summary>
    public static bool HasMasks(CrashedKernel kernel, int pageBytes) =>
        (pageBytes & (pageBytes - 1)) == 0 && kernel.Btf.Value?.Struct("zone")?.Has("vmemmap_tails") == true;

    /// <summary>
    /// The slab that a page belongs to; null where it is none. PG_slab is a flag of page.flags until Linux commit 46df8e73a4a3 ("mm: free
    /// up PG_slab") (v6.11), since then a page type in the top byte of _mapcount.
    /// </summary>
    public StructReader? Slab(StructReader of)
    {
        StructReader head = Head(of);
        if (!IsType(head, "PAGE_SLAB_MAPCOUNT_VALUE") && !Has(head, "PG_slab"))
            return null;
        return new StructReader(kernel.Memory, SlubObjects.SlabType(kernel), head.Address);
    }

    /// <summary>The page is of a type that VMCOREINFO gives the value of, in the whole word until 6.11, in its top byte since.</summary>
    public bool IsType(StructReader of, string number) =>
        of.First("_mapcount.counter", "page_type") is { } raw && IsType(kernel.Keys, (uint)raw, number);

    /// <summary>The same of the word itself, page._mapcount, where there is no BTF to read it by.</summary>
    public static bool IsType(Keys keys, uint word, string number) => keys.Number(number) is { } value
        && unchecked((uint)value) is var wanted && (word == wanted || ((wanted & 0xFF_FFFF) == 0 && word >> 24 == wanted >> 24));

    public bool Has(StructReader of, string flag)
    {
        foreach ((string name, long bit) in Flags)
            if (name == flag)
                return bit is >= 0 and < 64 && (FlagsOf(of) >> (int)bit & 1) != 0;
        return false;
    }

    /// <summary>Names of the bits that are set, without PG_; where several share a bit the first that is not an alias.</summary>
    public IReadOnlyList<string> Names(StructReader of)
    {
        ulong flags = FlagsOf(of);
        long end = Flags.FirstOrDefault(f => f.Name == "__NR_PAGEFLAGS", ("", 24)).Value;
        List<string> names = [];
        HashSet<long> seen = [];
        foreach ((string name, long bit) in Flags)
            if (name.StartsWith("PG_", StringComparison.Ordinal) && bit >= 0 && bit < end && (flags >> (int)bit & 1) != 0 && seen.Add(bit))
                names.Add(name[3..]);
        return names;
    }

    /// <summary>flags is a struct of its own since Linux commit 53fbef56e07d ("mm: introduce memdesc_flags_t") (v6.18).</summary>
    private static ulong FlagsOf(StructReader of) => of.First("flags.f", "flags") ?? 0;
}
