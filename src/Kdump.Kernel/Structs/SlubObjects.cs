using System.Buffers.Binary;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Structs;

/// <summary>
/// The objects of a SLUB cache. SLUB lists only its partial slabs (struct kmem_cache_node in mm/slab.h), so every struct page of the
/// dump is looked at for slabs of the cache.
/// </summary>
public static class SlubObjects
{
    private const int MaxCaches = 100_000;
    /// <summary>struct pages that are read at once: a page of them.</summary>
    private const int Chunk = 4096;

    /// <summary>Every struct kmem_cache, in the order of slab_caches.</summary>
    /// <exception cref="InputException">There is no BTF or no list of caches.</exception>
    public static IEnumerable<StructReader> Caches(CrashedKernel kernel, List<Damage> damages)
    {
        StructType cache = kernel.Struct("kmem_cache");
        int list = cache.Offset("list");
        foreach (VirtualAddress entry in KernelList.Walk(kernel.Memory, kernel.Symbol("slab_caches"), "slab_caches", damages, MaxCaches))
            yield return new StructReader(kernel.Memory, cache, entry + -list);
    }

    /// <summary>The type that a slab is described by: struct slab, which was part of struct page until Linux 5.17.</summary>
    public static StructType SlabType(CrashedKernel kernel) =>
        kernel.Btf.Value?.Struct("slab") is { } own && own.Has("slab_cache") ? own : kernel.Struct("page");

    /// <summary>The cache of this name; null where there is none.</summary>
    public static StructReader? Named(CrashedKernel kernel, string name, List<Damage> damages)
    {
        foreach (StructReader cache in Caches(kernel, damages))
        {
            if (cache.TextAt("name") == name)
                return cache;
        }
        return null;
    }

    /// <summary>
    /// Bytes before each object: calculate_sizes() sets red_left_pad only where there is a red zone, whose flag has another number since
    /// 6.9.
    /// </summary>
    public static long PadOf(StructReader cache) => cache.Has("red_left_pad") ? cache.S32("red_left_pad") : 0;

    /// <summary>
    /// Every object of the cache, slab after slab in the order of physical memory. Slabs whose list of free objects breaks off are left
    /// out, with a damage.
    /// </summary>
    /// <param name="damages">What could not be read.</param>
    public static IEnumerable<SlubObjectPlace> Of(CrashedKernel kernel, StructReader cache, List<Damage> damages)
    {
        ulong size = cache.U32("size");
        if (size == 0)
            throw new InputException(kernel.Dump.Name, "kmem_cache.size", -1, "is 0");
        long pad = PadOf(cache);
        PageMap pages = new(kernel);
        KfencePool? fence = KfencePool.Of(kernel);
        Dictionary<ulong, VirtualAddress> heads = [];
        HashSet<ulong> kept = OfCpus(kernel, cache, heads, damages);
        foreach ((StructReader slab, VirtualAddress memory) in SlabsOf(kernel, pages, cache, damages))
        {
            if (fence?.Holds(memory) == true)
            {
                if (fence.ObjectAt(memory, damages) is { } guarded)
                    yield return new SlubObjectPlace(guarded.At, slab.Address, guarded.Free);
                continue;
            }
            HashSet<ulong> free = [];
            ulong count;
            try
            {
                count = slab.U64("objects");
                VirtualAddress end = memory + checked((long)(count * size));
                (List<VirtualAddress> listed, bool whole) = SlubFreeList.Walk(cache, slab.Pointer("freelist"), memory, end);
                free.UnionWith(listed.Select(f => f.Value));
                if (heads.TryGetValue(slab.Address.Value, out VirtualAddress first))
                {
                    (listed, bool more) = SlubFreeList.Walk(cache, first, memory, end);
                    free.UnionWith(listed.Select(f => f.Value));
                    whole &= more;
                }
                if (!whole)
                {
                    damages.Add(new Damage(kernel.Dump.Name, "slab.freelist", -1,
                        $"the list of free objects of the slab {slab.Address} breaks off: its {count} objects are left out"));
                    continue;
                }
            }
            catch (InputException e)
            {
                damages.Add(Damage.From(e));
                continue;
            }
            for (ulong i = 0; i < count; i++)
            {
                VirtualAddress at = memory + checked((long)(i * size)) + pad;
                yield return new SlubObjectPlace(at, slab.Address, free.Contains(at.Value) || kept.Contains(at.Value));
            }
        }
    }

    /// <summary>The slabs of a cache with the address of their first byte.</summary>
    private static IEnumerable<(StructReader Slab, VirtualAddress Memory)> SlabsOf(CrashedKernel kernel, PageMap pages, StructReader cache,
        List<Damage> damages)
    {
        StructType type = SlabType(kernel);
        int at = type.Offset("slab_cache"), stride = pages.StructSize;
        byte[] raw = new byte[Chunk / stride * stride];
        ulong perChunk = (ulong)(raw.Length / stride), next = 0;
        long unread = 0;
        while (kernel.Dump.NextRun(new Pfn(next)) is { } run)
        {
            ulong end = run.End.Value;
            for (ulong pfn = Math.Max(next, run.First.Value); pfn < end;)
            {
                int count = (int)Math.Min(perChunk - (pfn % perChunk), end - pfn);
                bool whole = kernel.Memory.TryRead(pages.Of(new Pfn(pfn)).Address, raw.AsSpan(0, count * stride));
                for (int i = 0; i < count; i++)
                {
                    StructReader page = pages.Of(new Pfn(pfn + (ulong)i));
                    ulong owner = 0;
                    if (whole)
                        owner = BinaryPrimitives.ReadUInt64LittleEndian(raw.AsSpan(i * stride + at));
                    else if (!kernel.Memory.TryU64(page.Address + at, out owner))
                        unread++;
                    // A tail page, or a page of another kind with such a word, is no slab.
                    if (owner != cache.Address.Value || pages.Slab(page) is not { } slab || slab.Address != page.Address)
                        continue;
                    yield return (slab, pages.Direct(new Pfn(pfn + (ulong)i)));
                }
                pfn += (ulong)count;
            }
            next = end;
        }
        if (unread > 0)
            damages.Add(new Damage(kernel.Dump.Name, "struct page", -1,
                $"the dump does not have the struct page of {unread} frames: slabs there are not found"));
    }

    /// <summary>Objects that sheaves keep; into <paramref name="heads"/> the first free object of each CPU's slab, by the slab.</summary>
    private static HashSet<ulong> OfCpus(CrashedKernel kernel, StructReader cache, Dictionary<ulong, VirtualAddress> heads,
        List<Damage> damages)
    {
        HashSet<ulong> kept = [];
        const string MayBeFree = "objects that CPUs keep for allocations cannot be read: some that are listed as used are free";
        if (kernel.PerCpu.Value is null && cache.Has("cpu_slab") && cache.Pointer("cpu_slab").Value != 0)
            damages.Add(new Damage(kernel.Dump.Name, "kmem_cache.cpu_slab", -1, MayBeFree));
        try
        {
            foreach ((_, StructReader one) in SlubSheaves.OfCpus(kernel, cache))
            {
                if (one.First("slab", "page") is { } slab and not 0 && one.Pointer("freelist") is { Value: not 0 } first)
                    heads[slab] = first;
            }
        }
        catch (InputException e)
        {
            damages.Add(new Damage(e.Input, e.Field, -1, $"{MayBeFree} ({e.Reason})"));
        }
        try
        {
            foreach ((StructReader sheaf, _) in SlubSheaves.All(kernel, cache, SlubSheaves.NodeCount(kernel), damages))
                kept.UnionWith(SlubSheaves.Objects(sheaf));
        }
        catch (InputException e)
        {
            damages.Add(Damage.From(e));
        }
        return kept;
    }
}

/// <summary>One object of a slab cache.</summary>
/// <param name="Slab">Address of its slab's struct slab or struct page.</param>
/// <param name="Free">In a list of free objects: of its slab, of a CPU, or in a sheaf.</param>
public readonly record struct SlubObjectPlace(VirtualAddress At, VirtualAddress Slab, bool Free);
