using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Views;

/// <summary>A control group.</summary>
/// <param name="Hierarchy">Controllers of the group's hierarchy, or the name of the hierarchy; empty for cgroup version 2.</param>
/// <param name="Tasks">Number of tasks in the group itself, without those of groups below it.</param>
/// <param name="Memory">Bytes charged to the group and those below it; null without the memory controller.</param>
/// <param name="MemoryMax">Limit in bytes; null for no limit.</param>
/// <param name="Processes">pids.current; null without the pids controller.</param>
/// <param name="ProcessesMax">Maximum number of processes; null for no limit.</param>
/// <param name="Throttled">How often the group's CPU quota ran out (nr_throttled); null without the cpu controller.</param>
/// <param name="UnderOom">True if the OOM killer was active in the group.</param>
public sealed record Cgroup(string Hierarchy, string Path, int Tasks, long? Memory, long? MemoryMax, long? Processes, long? ProcessesMax,
    int? Throttled, bool UnderOom, VirtualAddress Address);

/// <summary>
/// All control groups: cgroup_roots of kernel/cgroup/cgroup.c contains the hierarchies, and each group a list of those below it.
/// </summary>
public sealed class Cgroups
{
    private const int MaxGroups = 200_000;
    private const int MaxDepth = 256;

    private readonly CrashedKernel kernel;
    private readonly List<Cgroup> all = [];
    private readonly List<Damage> damages = [];
    private readonly Dictionary<ulong, int> counts = [];

    /// <summary>Groups that were already read, so that a loop in the lists ends.</summary>
    private readonly HashSet<ulong> seen = [];
    private readonly Dictionary<string, int> controllers;

    public Cgroups(CrashedKernel kernel, IReadOnlyList<TaskStruct> tasks)
    {
        this.kernel = kernel;
        Dictionary<ulong, IReadOnlyList<ulong>> sets = [];
        foreach (TaskStruct task in tasks)
            Try(() => Count(task, sets));
        controllers = (kernel.Btf.Value?.Enumerators("cgroup_subsys_id") ?? [])
            .Where(e => e.Name.EndsWith("_cgrp_id", StringComparison.Ordinal))
            .ToDictionary(e => e.Name[..^"_cgrp_id".Length], e => (int)Math.Clamp(e.Value, 0, 64), StringComparer.Ordinal);
        VirtualAddress unified = kernel.Symbol("cgrp_dfl_root");
        foreach (StructReader root in ListOf.Entries(kernel, kernel.Symbol("cgroup_roots"), "cgroup_root", "root_list", damages, 64))
            Try(() =>
            {
                string name = root.Address == unified ? "" : NameOf(root);
                Walk(root.Inner("cgrp"), name, 0);
            });
    }

    public IReadOnlyList<Cgroup> All => all;

    public IReadOnlyList<Damage> Damages => damages;

    private string NameOf(StructReader root)
    {
        uint mask = root.U32("subsys_mask");
        string[] names = [.. controllers.Where(c => (mask >> c.Value & 1) != 0).Select(c => c.Key)];
        return names.Length > 0 ? string.Join(',', names) : $"name={root.Text("name")}";
    }

    private void Walk(StructReader group, string hierarchy, int depth)
    {
        if (seen.Count >= MaxGroups || depth > MaxDepth || !seen.Add(group.Address.Value))
            throw new InputException(kernel.Dump.Name, "cgroup_subsys_state.children", -1,
                $"the group at {group.Address} stands in two places, " +
                $"or there are more than {MaxGroups} groups or {MaxDepth} below each other");
        Try(() => all.Add(Read(group, hierarchy)));
        StructReader self = group.Inner("self");
        int selfAt = group.Type.Offset("self");
        foreach (StructReader below in ListOf.Entries(kernel, self.AddressOf("children"), "cgroup_subsys_state", "sibling", damages,
            MaxGroups))
            Try(() => Walk(new StructReader(kernel.Memory, group.Type, below.Address + -selfAt), hierarchy, depth + 1));
    }

    private Cgroup Read(StructReader group, string hierarchy)
    {
        long? memory = null, memoryMax = null, processes = null, processesMax = null;
        int? throttled = null;
        bool oom = false;
        // The root group has no counter, because memory outside of groups is not counted.
        if (group.Pointer("self.parent").Value != 0 && Controller(group, "memory", "mem_cgroup") is { } m)
        {
            memory = (long)m.U64("memory.usage") * kernel.PageSize;
            memoryMax = Limit(m.U64("memory.max"), (ulong)kernel.PageSize);
            oom = m.Has("under_oom") && m.S32("under_oom") > 0;
        }
        if (group.Pointer("self.parent").Value != 0 && Controller(group, "pids", "pids_cgroup") is { } p)
        {
            processes = p.S64("counter");
            processesMax = p.U64("limit") >= 4_194_305 ? null : (long)p.U64("limit");
        }
        if (Controller(group, "cpu", "task_group") is { } c && c.Has("cfs_bandwidth.nr_throttled"))
            throttled = c.S32("cfs_bandwidth.nr_throttled");
        return new Cgroup(hierarchy, group.Follow("kn") is { } node ? KernfsPath.Of(node) : "?",
            counts.GetValueOrDefault(group.Address.Value),
            memory, memoryMax, processes, processesMax, throttled, oom, group.Address);
    }

    /// <summary>A limit in bytes; null for PAGE_COUNTER_MAX and values close to it, which mean no limit.</summary>
    private static long? Limit(ulong pages, ulong pageSize) => pages >= long.MaxValue / pageSize ? null : (long)(pages * pageSize);

    /// <summary>
    /// A controller's state for a group; null if the group has no state of its own, or if the kernel has no such controller.
    /// </summary>
    private StructReader? Controller(StructReader group, string name, string type)
    {
        if (!controllers.TryGetValue(name, out int index) || index >= group.Type.Length("subsys") ||
            kernel.Btf.Value?.Struct(type) is not { } layout)
            return null;
        VirtualAddress state = kernel.Memory.Pointer(group.AddressOf("subsys") + 8L * index, "cgroup.subsys");
        return state.Value == 0 ? null : new StructReader(kernel.Memory, layout, state + -layout.Offset("css"));
    }

    private void Count(TaskStruct task, Dictionary<ulong, IReadOnlyList<ulong>> sets)
    {
        if (task.Struct.Follow("cgroups") is not { } set)
            return;
        if (!sets.TryGetValue(set.Address.Value, out IReadOnlyList<ulong>? groups))
            sets[set.Address.Value] = groups =
                [.. ListOf.Entries(kernel, set.AddressOf("cgrp_links"), "cgrp_cset_link", "cgrp_link", damages, 64)
                .Select(l => l.U64("cgrp"))];
        foreach (ulong group in groups)
            counts[group] = counts.GetValueOrDefault(group) + 1;
    }

    private void Try(Action read)
    {
        try
        {
            read();
        }
        catch (InputException e)
        {
            damages.Add(Damage.From(e));
        }
    }
}
