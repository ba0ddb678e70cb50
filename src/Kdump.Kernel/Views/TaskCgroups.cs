using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Views;

/// <summary>
/// The control groups of tasks, by name: css_set.cgrp_links of kernel/cgroup/cgroup-internal.h links to one group in each hierarchy (one
/// with version 2, many with version 1). Tasks share their css_set, so each is read once.
/// </summary>
public sealed class TaskCgroups(CrashedKernel kernel)
{
    private const int MaxHierarchies = 64;

    private readonly Dictionary<ulong, IReadOnlyList<(int Hierarchy, string Path)>> sets = [];

    /// <summary>Hierarchy (0 is version 2's) and path of each group that the task is in.</summary>
    /// <exception cref="InputException">A required struct is missing from the dump.</exception>
    public IReadOnlyList<(int Hierarchy, string Path)> Of(TaskStruct task)
    {
        if (!task.Struct.Has("cgroups") || task.Struct.Follow("cgroups") is not { } set)
            return [];
        if (sets.TryGetValue(set.Address.Value, out IReadOnlyList<(int, string)>? known))
            return known;
        List<(int, string)> groups = [];
        List<Damage> damages = [];
        foreach (StructReader link in ListOf.Entries(kernel, set.AddressOf("cgrp_links"), "cgrp_cset_link", "cgrp_link", damages,
            MaxHierarchies))
            if (link.Follow("cgrp") is { } group && group.Follow("kn") is { } node && group.Follow("root") is { } root)
                groups.Add((root.S32("hierarchy_id") is var id && id == DefaultId ? 0 : id, KernfsPath.Of(node)));
        groups.Sort();
        return sets[set.Address.Value] = groups;
    }

    /// <summary>
    /// The most specific path: that of version 2, unless the task is at its root and another hierarchy has a longer path.
    /// </summary>
    public string? PathOf(TaskStruct task)
    {
        IReadOnlyList<(int Hierarchy, string Path)> all = Of(task);
        return all.Count == 0 ? null : all.Where(g => g.Hierarchy == 0 && g.Path != "/").Concat(all.OrderByDescending(g => g.Path.Length))
            .First().Path;
    }

    /// <summary>cgrp_dfl_root.hierarchy_id: the first id that the kernel assigns; /proc/PID/cgroup prints it as 0.</summary>
    private int DefaultId => defaultId ??= kernel.FindSymbol("cgrp_dfl_root") is { } root
        ? kernel.At("cgroup_root", root).S32("hierarchy_id") : 0;

    private int? defaultId;
}
