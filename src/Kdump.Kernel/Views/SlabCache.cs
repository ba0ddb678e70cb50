namespace Kdump.Kernel.Views;

/// <summary>One slab cache, as /proc/slabinfo counts it.</summary>
/// <param name="ObjectSize">Bytes that the user of the cache asked for.</param>
/// <param name="Size">Bytes that an object takes.</param>
/// <param name="Active">Objects in use; what a CPU holds ready in its own slab counts as in use, as in /proc/slabinfo.</param>
/// <param name="Objects">Objects that there is room for.</param>
/// <param name="PagesPerSlab">4-KiB pages of a slab of today's order.</param>
/// <param name="Unread">Why the numbers are too small; null where everything was read.</param>
public sealed record SlabCache(ulong Address, string Name, uint ObjectSize, uint Size, long Active, long Objects, long Slabs,
    int ObjectsPerSlab, int PagesPerSlab, string? Unread)
{
    public long Bytes => Slabs * PagesPerSlab << 12;
}
