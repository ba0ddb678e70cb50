using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Views;

/// <summary>
/// Inodes that wait to be written back, by file system: the lists of every bdi_writeback (include/linux/backing-dev-defs.h). Inodes with
/// only new time stamps (b_dirty_time) do not count.
/// </summary>
public static class DirtyInodes
{
    private const int MaxInodes = 2_000_000;

    /// <summary>Number of such inodes by address of the super_block; null if they cannot be found.</summary>
    public static Dictionary<ulong, long>? Count(CrashedKernel kernel, List<Damage> damages)
    {
        try
        {
            Dictionary<ulong, long> counts = [];
            if (kernel.FindSymbol("bdi_list") is not { } head)
                return null;
            StructType device = kernel.Struct("backing_dev_info"), writeback = kernel.Struct("bdi_writeback"),
                inode = kernel.Struct("inode");
            int link = device.Offset("bdi_list"), node = writeback.Offset("bdi_node"), onList = inode.Offset("i_io_list"),
                super = inode.Offset("i_sb");
            foreach (VirtualAddress entry in KernelList.Walk(kernel.Memory, head, "bdi_list", damages, MaxInodes))
            {
                VirtualAddress lists = entry + -link + device.Offset("wb_list");
                foreach (VirtualAddress one in KernelList.Walk(kernel.Memory, lists, "backing_dev_info.wb_list", damages, MaxInodes))
                    foreach (string list in (string[])["b_dirty", "b_io", "b_more_io"])
                        foreach (VirtualAddress waiting in KernelList.Walk(kernel.Memory, one + -node + writeback.Offset(list),
                            $"bdi_writeback.{list}", damages, MaxInodes))
                            if (kernel.Memory.TryU64(waiting + -onList + super, out ulong of))
                                counts[of] = counts.GetValueOrDefault(of) + 1;
            }
            return counts;
        }
        catch (InputException e)
        {
            damages.Add(Damage.From(e));
            return null;
        }
    }
}
