using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Views;

/// <summary>
/// The kernel's memory use: the lines of /proc/meminfo (fs/proc/meminfo.c), computed from the same counters, and the memory that no
/// counter contains. A line whose counter does not exist in this kernel, or is missing from the dump, is omitted or null.
/// </summary>
public sealed class MemoryAccount
{
    private readonly CrashedKernel kernel;
    private readonly VmStat stat;
    private readonly long pageKib;
    private readonly List<MemoryLine> lines = [];
    private readonly List<Damage> damages = [];

    /// <exception cref="InputException">There is no BTF, or the zones cannot be read.</exception>
    public MemoryAccount(CrashedKernel kernel)
    {
        this.kernel = kernel;
        pageKib = kernel.PageSize >> 10;
        stat = new VmStat(kernel);
        Zones = new Zones(kernel);
        damages.AddRange(Zones.Damages);
        long? total = Atomic("_totalram_pages"), free = stat.Pages("NR_FREE_PAGES");
        long? file = stat.Pages("NR_FILE_PAGES"), swapCache = SwapCache(), buffers = Buffers();
        Add("MemTotal", total);
        Add("MemFree", free);
        Add("MemAvailable", Available(free));
        Add("Buffers", buffers);
        Add("Cached", file - (swapCache ?? 0) - (buffers ?? 0) is { } cached ? Math.Max(0, cached) : null);
        Add("SwapCached", swapCache);
        Add("Active", stat.Pages("NR_ACTIVE_ANON") + stat.Pages("NR_ACTIVE_FILE"));
        Add("Inactive", stat.Pages("NR_INACTIVE_ANON") + stat.Pages("NR_INACTIVE_FILE"));
        Add("Active(anon)", stat.Pages("NR_ACTIVE_ANON"));
        Add("Inactive(anon)", stat.Pages("NR_INACTIVE_ANON"));
        Add("Active(file)", stat.Pages("NR_ACTIVE_FILE"));
        Add("Inactive(file)", stat.Pages("NR_INACTIVE_FILE"));
        Add("Unevictable", stat.Pages("NR_UNEVICTABLE"));
        Add("Mlocked", stat.Pages("NR_MLOCK"));
        Add("SwapTotal", Long("total_swap_pages"));
        Add("SwapFree", Atomic("nr_swap_pages"));
        Add("Dirty", stat.Pages("NR_FILE_DIRTY"));
        Add("Writeback", stat.Pages("NR_WRITEBACK"));
        Add("AnonPages", stat.Pages("NR_ANON_MAPPED", "NR_ANON_PAGES"));
        Add("Mapped", stat.Pages("NR_FILE_MAPPED"));
        Add("Shmem", stat.Pages("NR_SHMEM"));
        long? reclaimable = stat.Pages("NR_SLAB_RECLAIMABLE_B", "NR_SLAB_RECLAIMABLE"),
            unreclaimable = stat.Pages("NR_SLAB_UNRECLAIMABLE_B", "NR_SLAB_UNRECLAIMABLE"), misc = stat.Pages("NR_KERNEL_MISC_RECLAIMABLE");
        Add("KReclaimable", reclaimable + (misc ?? 0));
        Add("Slab", reclaimable + unreclaimable);
        Add("SReclaimable", reclaimable);
        Add("SUnreclaim", unreclaimable);
        long? stacks = stat.Pages("NR_KERNEL_STACK_KB");
        AddKib("KernelStack", stacks);
        Add("PageTables", stat.Pages("NR_PAGETABLE"));
        if (stat.Has("NR_SECONDARY_PAGETABLE"))
            Add("SecPageTables", stat.Pages("NR_SECONDARY_PAGETABLE"));
        Add("Bounce", stat.Pages("NR_BOUNCE") ?? 0);
        Add("WritebackTmp", stat.Pages("NR_WRITEBACK_TEMP") ?? 0);
        Add("Committed_AS", PerCpuCounter("vm_committed_as"));
        long? vmalloc = Atomic("nr_vmalloc_pages") ?? stat.Pages("NR_VMALLOC");
        Add("VmallocUsed", vmalloc);
        long? perCpu = Product("pcpu_nr_populated", "pcpu_nr_units");
        Add("Percpu", perCpu);
        if (kernel.FindSymbol("num_poisoned_pages") is not null)
            Add("HardwareCorrupted", Atomic("num_poisoned_pages"));
        Add("AnonHugePages", Huge(stat.Pages("NR_ANON_THPS")));
        Add("ShmemHugePages", Huge(stat.Pages("NR_SHMEM_THPS")));
        Add("ShmemPmdMapped", Huge(stat.Pages("NR_SHMEM_PMDMAPPED")));
        Add("FileHugePages", Huge(stat.Pages("NR_FILE_THPS")));
        Add("FilePmdMapped", Huge(stat.Pages("NR_FILE_PMDMAPPED")));
        if (kernel.FindSymbol("totalcma_pages") is not null)
        {
            Add("CmaTotal", Long("totalcma_pages"));
            Add("CmaFree", stat.Pages("NR_FREE_CMA_PAGES"));
        }
        HugePools = HugePage.All(kernel, damages);
        long huge = HugePools.Sum(p => p.Count * p.Pages);
        Add("Hugetlb", huge);
        // CONFIG_VMAP_STACK: stacks are in vmalloc areas, and are counted there.
        bool inVmalloc = kernel.Struct("task_struct").Has("stack_vm_area");
        long? used = free + file + stat.Pages("NR_ANON_MAPPED", "NR_ANON_PAGES") + reclaimable + unreclaimable + misc.GetValueOrDefault()
            + (inVmalloc ? 0 : stacks / pageKib) + stat.Pages("NR_PAGETABLE") + stat.Pages("NR_SECONDARY_PAGETABLE").GetValueOrDefault()
            + vmalloc + perCpu + huge;
        Unaccounted = total - used is { } rest ? rest * pageKib << 10 : null;
        Reserved = Zones.Damages.Count > 0 ? null : (Zones.All.Sum(z => z.Present) - Zones.All.Sum(z => z.Managed)) * pageKib << 10;
    }

    /// <summary>The lines, in the order of /proc/meminfo.</summary>
    public IReadOnlyList<MemoryLine> Lines => lines;

    public Zones Zones { get; }

    /// <summary>Pools of huge pages (hugetlbfs), one for each size.</summary>
    public IReadOnlyList<HugePage> HugePools { get; }

    /// <summary>
    /// Bytes of MemTotal that no counter contains: drivers' own pages, pages in per-CPU lists, balloons, leaks. Negative if counters
    /// overlap. Null if a counter is missing.
    /// </summary>
    public long? Unaccounted { get; }

    /// <summary>
    /// Bytes that exist but were never given to the allocator: kernel image, struct pages, crash kernel, firmware. Null where a zone is
    /// missing.
    /// </summary>
    public long? Reserved { get; }

    public IReadOnlyList<Damage> Damages => damages;

    private void Add(string name, long? pages) => lines.Add(new MemoryLine(name, pages * pageKib << 10));

    private void AddKib(string name, long? kib) => lines.Add(new MemoryLine(name, kib << 10));

    /// <summary>si_mem_available() of mm/show_mem.c (mm/page_alloc.c before 6.4).</summary>
    private long? Available(long? free)
    {
        if (free is null || Zones.Damages.Count > 0 || Long("totalreserve_pages") is not { } reserve)
            return null;
        long low = Zones.All.Sum(z => z.Low);
        long cache = (stat.Pages("NR_ACTIVE_FILE") ?? 0) + (stat.Pages("NR_INACTIVE_FILE") ?? 0);
        long slab = (stat.Pages("NR_SLAB_RECLAIMABLE_B", "NR_SLAB_RECLAIMABLE") ?? 0) + (stat.Pages("NR_KERNEL_MISC_RECLAIMABLE") ?? 0);
        long available = free.Value - reserve + cache - Math.Min(cache / 2, low) + slab - Math.Min(slab / 2, low);
        return Math.Max(0, available);
    }

    /// <summary>
    /// Bytes in the swap cache: a counter of its own since Linux commit b6038942480e ("mm: memcg: add swapcache stat for memcg v2")
    /// (v5.12).
    /// </summary>
    private long? SwapCache()
    {
        if (stat.Has("NR_SWAPCACHE"))
            return stat.Pages("NR_SWAPCACHE");
        return Long("total_swap_pages") == 0 ? 0 : null;
    }

    /// <summary>Pages of block devices' own caches: nr_blockdev_pages() of block/bdev.c.</summary>
    private long? Buffers()
    {
        try
        {
            if (kernel.FindSymbol("blockdev_superblock") is not { } at || kernel.Memory.Pointer(at, "blockdev_superblock") is not
                { Value: not 0 } block)
                return null;
            StructType inode = kernel.Struct("inode");
            VirtualAddress head = block + kernel.Struct("super_block").Offset("s_inodes");
            long pages = 0;
            foreach (VirtualAddress link in KernelList.Walk(kernel.Memory, head, "super_block.s_inodes", damages))
            {
                StructReader one = new(kernel.Memory, inode, link + -inode.Offset("i_sb_list"));
                pages += (long)one.Inner("i_data").U64("nrpages");
            }
            return pages;
        }
        catch (InputException e)
        {
            damages.Add(Damage.From(e));
            return null;
        }
    }

    /// <summary>
    /// A counter of huge pages, converted to pages. It counts huge pages until Linux commits 69473e5de87b and later ("mm: memcontrol:
    /// convert NR_ANON_THPS account to pages") (v5.12), and pages since then; a kernel with NR_SWAPCACHE counts pages.
    /// </summary>
    private long? Huge(long? value) => stat.Has("NR_SWAPCACHE") ? value : value * (kernel.PageSize / 8);

    private long? Atomic(string symbol) => Long(symbol) is { } value ? Math.Max(0, value) : null;

    private long? Long(string symbol) =>
        kernel.FindSymbol(symbol) is { } at && kernel.Memory.TryU64(at, out ulong value) ? unchecked((long)value) : null;

    private long? Product(string first, string second)
    {
        if (kernel.FindSymbol(first) is not { } a || kernel.FindSymbol(second) is not { } b || !kernel.Memory.TryU32(a, out uint x) ||
            !kernel.Memory.TryU32(b, out uint y))
            return null;
        return (long)x * y;
    }

    private long? PerCpuCounter(string symbol)
    {
        try
        {
            return kernel.FindSymbol(symbol) is { } at ? Math.Max(0, PercpuCounter.Sum(kernel, at)) : null;
        }
        catch (InputException e)
        {
            damages.Add(Damage.From(e));
            return null;
        }
    }
}
