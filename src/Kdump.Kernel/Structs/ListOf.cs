using Kdump.Formats.Bytes;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Structs;

/// <summary>The structs in a list_head, by the member that links them (list_for_each_entry of include/linux/list.h).</summary>
public static class ListOf
{
    public static IEnumerable<StructReader> Entries(CrashedKernel kernel, VirtualAddress head, string type, string member,
        List<Damage> damages, int limit = KernelList.MaxEntries)
    {
        StructType entry = kernel.Struct(type);
        int link = entry.Offset(member);
        foreach (VirtualAddress at in KernelList.Walk(kernel.Memory, head, $"{type}.{member}", damages, limit))
            yield return new StructReader(kernel.Memory, entry, at + -link);
    }
}
