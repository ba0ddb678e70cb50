using Kdump.Formats.Bytes;
using Kdump.Kernel.Symbols;

namespace Kdump.Kernel.Views;

/// <summary>An area of the vmalloc address range: struct vmap_area and vm_struct of include/linux/vmalloc.h.</summary>
/// <param name="Size">Size in bytes, including the guard page.</param>
/// <param name="Pages">Number of pages that belong to the area; 0 for mappings of devices.</param>
/// <param name="Kinds">vmalloc, ioremap, vmap, user, dma-coherent … as in /proc/vmallocinfo; empty if the area has no vm_struct.</param>
/// <param name="Caller">The function that requested the area; null if not recorded.</param>
/// <param name="Physical">Physical address of a device's memory; null for other areas.</param>
public sealed record VmallocArea(VirtualAddress Start, ulong Size, ulong Pages, IReadOnlyList<string> Kinds, Location? Caller,
    VirtualAddress CallerAddress, ulong? Physical)
{
    public bool Holds(VirtualAddress address) => address >= Start && address.Value - Start.Value < Size;
}
