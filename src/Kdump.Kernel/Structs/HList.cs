using Kdump.Formats.Bytes;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Structs;

/// <summary>
/// A bucket of a hash table: struct hlist_head and hlist_node of include/linux/types.h, and their nulls form (hlist_nulls_head,
/// include/linux/list_nulls.h), whose last link has bit 0 set. Not usable for an hlist_bl_head, which has a lock in bit 0 of its first
/// pointer.
/// </summary>
public static class HList
{
    /// <summary>Addresses of the hlist_nodes.</summary>
    /// <param name="head">Address of the hlist_head or hlist_nulls_head.</param>
    public static IEnumerable<VirtualAddress> Walk(CrashedKernel kernel, VirtualAddress head, string field, List<Damage> damages,
        int limit = KernelList.MaxEntries)
    {
        StructType node = kernel.Struct("hlist_node");
        return Chain.Walk(kernel.Memory, head, node.Offset("next"), field, damages, limit, nulls: true, back: node.Offset("pprev"));
    }
}
