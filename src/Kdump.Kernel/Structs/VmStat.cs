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
    /// Every counter of zones and nodes in the order of the kernel's enumerations, as /proc/vmstat has them; the value is null where the
    /// dump lacks it. The unit is the counter's own: pages for most, KiB or bytes for some, events for others.
    /// </summary>
    public IEnumerable<(string Name, long? Value)> All()
    {
        // Names of one index are aliases, the first of them a mark (NR_LRU_BASE).
        foreach (var same in items.GroupBy(i => i.Value).OrderBy(g => g.Key.Array.Value).ThenBy(g => g.Key.Index))
            if (same.Last().Key is var name && !name.StartsWith("NR_VM_", StringComparison.Ordinal))
                yield return (name, Sum([same.Key.Array], same.Key.Index));
    }

    /// <summary>
    /// Events since boot, enum vm_event_item, summed over all possible CPUs as sum_vm_events() does; null where memory of a CPU is
    /// missing. Empty where the kernel was built without them (CONFIG_VM_EVENT_COUNTERS).
    /// </summary>
    public IEnumerable<(string Name, long? Value)> Events()
    {
        if (kernel.FindSymbol("vm_event_states") is not { } states || kernel.PerCpu.Value is not { } cpus)
            yield break;
        VirtualAddress[] areas = [.. cpus.Possible.Select(c => cpus.Address(states, c))];
        foreach ((string name, long index) in kernel.Btf.Need(kernel.Dump.Name, "enum vm_event_item").Enumerators("vm_event_item"))
            if (index is >= 0 and < 4096 && !name.StartsWith("NR_VM_", StringComparison.Ordinal))
                yield return (name, Sum(areas, index));
    }

    private long? Sum(VirtualAddress[] areas, long index)
    {
        long sum = 0;
        foreach (VirtualAddress area in areas)
        {
            if (!kernel.Memory.TryU64(area + 8 * index, out ulong value))
                return null;
            sum = unchecked(sum + (long)value);
        }
        return sum;
    }

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
