using Kdump.Formats.Bytes;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Structs;

/// <summary>
/// The kernel's counters of pages, mm/vmstat.c: one array for the counters of all zones and one for those of all nodes, indexed by enum
/// zone_stat_item and node_stat_item. Amounts that CPUs have not added yet are not included, as in /proc/meminfo.
/// </summary>
public sealed class VmStat
{
    private readonly CrashedKernel kernel;
    private readonly Dictionary<string, (VirtualAddress Array, long Index)> items = new(StringComparer.Ordinal);

    public VmStat(CrashedKernel kernel)
    {
        this.kernel = kernel;
        Btf types = kernel.Btf.Need(kernel.Dump.Name, "enum node_stat_item");
        foreach ((string array, string enumeration) in (ReadOnlySpan<(string, string)>)
            [("vm_zone_stat", "zone_stat_item"), ("vm_node_stat", "node_stat_item")])
        {
            if (kernel.FindSymbol(array) is not { } at)
                continue;
            foreach ((string name, long value) in types.Enumerators(enumeration))
                if (value is >= 0 and < 4096)
                    items.TryAdd(name, (at, value));
        }
    }

    /// <summary>True if this kernel has the counter.</summary>
    public bool Has(string item) => items.ContainsKey(item);

    /// <summary>
    /// The counter, in pages, with the first of several names that this kernel has; null if it has none of them or the counter's memory
    /// is missing. Never below 0.
    /// </summary>
    public long? Pages(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (!items.TryGetValue(name, out (VirtualAddress Array, long Index) item))
                continue;
            return kernel.Memory.TryU64(item.Array + 8 * item.Index, out ulong value) ? Math.Max(0, unchecked((long)value)) : null;
        }
        return null;
    }
}
