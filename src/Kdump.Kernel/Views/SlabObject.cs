using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Views;

/// <summary>The slab object that contains an address.</summary>
/// <param name="State">allocated, free, or free and kept by a CPU for allocations.</param>
public sealed record SlabObject(string Cache, VirtualAddress CacheAddress, VirtualAddress Start, uint Size, ulong Offset, string State)
{
    /// <summary>
    /// The object of a slab that contains an address; null if the address is before the first object or after the last.
    /// </summary>
    /// <exception cref="InputException">The slab or its cache cannot be read.</exception>
    public static SlabObject? Of(CrashedKernel kernel, StructReader slab, VirtualAddress memory, VirtualAddress address)
    {
        if (slab.Follow("slab_cache") is not { } cache)
            return null;
        uint size = cache.U32("size");
        if (size == 0)
            throw new InputException(kernel.Dump.Name, "kmem_cache.size", -1, "is 0");
        ulong index = (address.Value - memory.Value) / size;
        if (address < memory || index >= slab.U64("objects"))
            return null;
        VirtualAddress start = memory + checked((long)(index * size)) + SlubObjects.PadOf(cache);
        return new SlabObject(cache.TextAt("name") ?? "?", cache.Address, start, cache.U32("object_size"),
            unchecked(address.Value - start.Value),
            StateOf(kernel, cache, slab, memory, start));
    }

    private static string StateOf(CrashedKernel kernel, StructReader cache, StructReader slab, VirtualAddress memory, VirtualAddress start)
    {
        VirtualAddress end = memory + (long)(slab.U64("objects") * cache.U32("size"));
        if (Holds(cache, slab.Pointer("freelist"), memory, end, start) is not false and var inSlab)
            return inSlab is null ? "unknown: the list of free objects cannot be followed" : "free";
        if (kernel.PerCpu.Value is null)
            return "allocated";
        foreach ((int cpu, StructReader one) in SlubSheaves.OfCpus(kernel, cache))
        {
            if (one.First("slab", "page") == slab.Address.Value && Holds(cache, one.Pointer("freelist"), memory, end, start) is true)
                return $"free, in the list of CPU {cpu}";
        }
        List<Damage> damages = [];
        foreach ((StructReader sheaf, string where) in SlubSheaves.All(kernel, cache, SlubSheaves.NodeCount(kernel), damages))
            if (SlubSheaves.Objects(sheaf).Contains(start.Value))
                return $"free, {where}";
        return damages.Count == 0 ? "allocated" : "unknown: the lists of free objects break off";
    }

    /// <summary>
    /// True if the free list contains the object, false if it does not; null if the list is damaged and the object was not found.
    /// </summary>
    private static bool? Holds(StructReader cache, VirtualAddress first, VirtualAddress memory, VirtualAddress end, VirtualAddress wanted)
    {
        (List<VirtualAddress> free, bool whole) = SlubFreeList.Walk(cache, first, memory, end);
        if (free.Contains(wanted))
            return true;
        return whole ? false : null;
    }
}
