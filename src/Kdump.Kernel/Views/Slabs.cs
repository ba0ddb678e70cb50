using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Views;

/// <summary>
/// Slab caches of SLUB (mm/slub.c, mm/slab.h): how many objects each has and how many are in use, computed per node from nr_slabs and
/// total_objects, minus the free objects in partial slabs and those that CPUs keep for allocations. struct slab was part of struct page
/// until Linux commit d122019bf061 ("mm: Split slab into its own type") (v5.17).
/// </summary>
public sealed class Slabs
{
    /// <summary>Maximum number of partial slabs of a node to read; the rest is estimated by their mean, as in the kernel.</summary>
    private const int MaxPartial = 1_000_000;

    private readonly CrashedKernel kernel;
    private readonly List<SlabCache> all = [];
    private readonly List<Damage> damages = [];
    private readonly StructType node;
    private readonly StructType slab;
    private readonly string link;
    private readonly int nodes;
    private readonly PageMap? pages;

    /// <exception cref="InputException">There is no BTF, or the kernel does not use SLUB.</exception>
    public Slabs(CrashedKernel kernel)
    {
        this.kernel = kernel;
        node = kernel.Struct("kmem_cache_node");
        if (!node.Has("nr_partial"))
            throw new InputException(kernel.Dump.Name, "kmem_cache_node", -1,
                "this kernel's slabs are SLAB's or SLOB's: only SLUB is known");
        slab = SlubObjects.SlabType(kernel);
        link = slab.Has("slab_list") ? "slab_list" : "lru";
        nodes = SlubSheaves.NodeCount(kernel);
        pages = Layer<PageMap>.Of(() => new PageMap(kernel)).Value;
        foreach (StructReader one in SlubObjects.Caches(kernel, damages))
        {
            try
            {
                all.Add(Read(one));
            }
            catch (InputException e)
            {
                damages.Add(Damage.From(e));
            }
        }
    }

    /// <summary>The caches, in the order of slab_caches.</summary>
    public IReadOnlyList<SlabCache> All => all;

    public IReadOnlyList<Damage> Damages => damages;

    private SlabCache Read(StructReader of)
    {
        // kmem_cache_order_objects: order << 16 | objects of a slab.
        uint shape = of.U32("oo.x");
        long slabs = 0, objects = 0, free = 0;
        string? unread = null;
        using Unread lost = kernel.Unread.Begin();
        foreach (StructReader one in SlubSheaves.Nodes(kernel, of, nodes))
        {
            // Needs CONFIG_SLUB_DEBUG; without it the kernel itself counts only partial slabs.
            if (!one.Has("nr_slabs"))
                unread = "this kernel counts no slabs (CONFIG_SLUB_DEBUG=n)";
            else
            {
                slabs += one.S64("nr_slabs.counter");
                objects += one.S64("total_objects.counter");
            }
            int before = damages.Count;
            try
            {
                free += FreeInPartial(one);
            }
            catch (InputException e)
            {
                damages.Add(Damage.From(e));
            }
            if (damages.Count > before)
                unread = "the list of partial slabs breaks off";
        }
        try
        {
            free += FreeInCpus(of);
        }
        catch (InputException e)
        {
            unread = "the objects in per-CPU caches cannot be read";
            damages.Add(Damage.From(e));
        }
        if (lost.Any)
            unread ??= "what of it is free cannot be read whole";
        return new SlabCache(of.Address.Value, of.TextAt("name") ?? "?", of.U32("object_size"), of.U32("size"), objects - free, objects,
            slabs,
            (int)(shape & 0xFFFF), 1 << (int)Math.Min(shape >> 16, 20), kernel.PageSize, unread);
    }

    private long FreeInPartial(StructReader of)
    {
        long free = 0;
        int at = slab.Offset(link);
        foreach (VirtualAddress entry in KernelList.Walk(kernel.Memory, of.AddressOf("partial"), "kmem_cache_node.partial", damages,
            MaxPartial))
        {
            StructReader one = new(kernel.Memory, slab, entry + -at);
            free += (long)one.U64("objects") - (long)one.U64("inuse");
        }
        return free;
    }

    private long FreeInCpus(StructReader of)
    {
        long free = 0;
        if (kernel.PerCpu.Value is null)
            return 0;
        foreach ((int cpu, StructReader one) in SlubSheaves.OfCpus(kernel, of))
        {
            if (one.Pointer(one.Has("slab") ? "slab" : "page") is { Value: not 0 } active)
            {
                StructReader page = new(kernel.Memory, slab, active);
                long room = (long)page.U64("objects");
                free += room - (long)page.U64("inuse");
                if (pages?.FrameOf(active) is { } frame && one.Pointer("freelist") is { Value: not 0 } first)
                    free += SlubFreeList.Walk(of, first, pages.Direct(frame), pages.Direct(frame) + room * of.U32("size")).Free.Count;
            }
            if (!one.Has("partial"))
                continue;
            VirtualAddress partial = one.Pointer("partial");
            HashSet<ulong> seen = [];
            while (partial.Value != 0)
            {
                if (!seen.Add(partial.Value) || seen.Count > MaxPartial)
                    throw new InputException(kernel.Dump.Name, "kmem_cache_cpu.partial", -1,
                        $"CPU {cpu}'s partial slabs of {of.TextAt("name")} run in a circle");
                StructReader page = new(kernel.Memory, slab, partial);
                free += (long)page.U64("objects") - (long)page.U64("inuse");
                partial = page.Pointer("next");
            }
        }
        foreach ((StructReader sheaf, _) in SlubSheaves.All(kernel, of, nodes, damages))
            free += sheaf.U32("size");
        return free;
    }
}
