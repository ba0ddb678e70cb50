using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Structs;

/// <summary>A lock-less list, struct llist_head and llist_node of include/linux/llist.h: the newest entry first.</summary>
public static class LList
{
    /// <summary>Addresses of the llist_nodes.</summary>
    /// <param name="head">Address of the llist_head.</param>
    public static IEnumerable<VirtualAddress> Walk(CrashedKernel kernel, VirtualAddress head, string field, List<Damage> damages,
        int limit = KernelList.MaxEntries) =>
        Chain.Walk(kernel.Memory, head, kernel.Struct("llist_node").Offset("next"), field, damages, limit);
}
