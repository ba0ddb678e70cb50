namespace Kdump.Kernel.Views;

/// <summary>One slab cache.</summary>
/// <param name="ObjectSize">Size of an object as requested by the user of the cache, in bytes.</param>
/// <param name="Size">Bytes that an object occupies.</param>
/// <param name="Active">Number of objects in use, without the free objects that CPUs keep for allocations; /proc/slabinfo counts these as
/// used.</param>
/// <param name="Objects">Number of objects that fit in all slabs.</param>
/// <param name="PagesPerSlab">Pages per slab, by the current order.</param>
/// <param name="Unread">The reason why the numbers are too small; null if everything was read.</param>
public sealed record SlabCache(ulong Address, string Name, uint ObjectSize, uint Size, long Active, long Objects, long Slabs,
    int ObjectsPerSlab, int PagesPerSlab, int PageSize, string? Unread)
{
    public long Bytes => Slabs * PagesPerSlab * PageSize;
}
