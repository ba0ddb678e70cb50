using Kdump.Formats.Bytes;
using Kdump.Kernel.Symbols;

namespace Kdump.Kernel.Views;

/// <summary>An area of the room above the direct map: struct vmap_area and vm_struct of include/linux/vmalloc.h.</summary>
/// <param name="Size">Bytes, the guard page included.</param>
/// <param name="Pages">Pages that belong to it; 0 for mappings of devices.</param>
/// <param name="Kinds">vmalloc, ioremap, vmap, user, dma-coherent … as /proc/vmallocinfo names them; empty where it has no
/// vm_struct.</param>
/// <param name="Caller">Who asked for it; null where the kernel does not say.</param>
/// <param name="Physical">Of a device's memory; null for others.</param>
public sealed record VmallocArea(VirtualAddress Start, ulong Size, ulong Pages, IReadOnlyList<string> Kinds, Location? Caller,
    VirtualAddress CallerAddress, ulong? Physical)
{
    public bool Holds(VirtualAddress address) => address >= Start && address.Value - Start.Value < Size;
}
