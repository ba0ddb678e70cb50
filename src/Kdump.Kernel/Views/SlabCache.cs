namespace Kdump.Kernel.Views;

/// <summary>One slab cache.</summary>
/// <param name="ObjectSize">Bytes that the user of the cache asked for.</param>
/// <param name="Size">Bytes that an object takes.</param>
/// <param name="Active">Objects in use. What CPUs hold ready is not in use here; /proc/slabinfo counts it as used.</param>
/// <param name="Objects">Objects that there is room for.</param>
/// <param name="PagesPerSlab">Pages of a slab of today's order.</param>
/// <param name="Unread">Why the numbers are too small; null where everything was read.</param>
public sealed record SlabCache(ulong Address, string Name, uint ObjectSize, uint Size, long Active, long Objects, long Slabs,
    int ObjectsPerSlab, int PagesPerSlab, int PageSize, string? Unread)
{
    public long Bytes => Slabs * PagesPerSlab * PageSize;
}
