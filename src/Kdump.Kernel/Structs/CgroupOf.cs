using Kdump.Formats.Bytes;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Structs;

/// <summary>
/// The control group of a task for one controller: task_struct.cgroups, struct css_set, its subsys[] by enum cgroup_subsys_id
/// (include/linux/cgroup-defs.h).
/// </summary>
public static class CgroupOf
{
    /// <summary>cgroup_subsys_state of a controller for a task; null if the kernel has no such controller.</summary>
    /// <exception cref="InputException">The memory is missing from the dump.</exception>
    public static StructReader? State(CrashedKernel kernel, StructReader task, string controller)
    {
        long id = kernel.Btf.Value?.Enumerator("cgroup_subsys_id", $"{controller}_cgrp_id") ?? -1;
        if (id < 0 || !task.Has("cgroups") || task.Follow("cgroups") is not { } set || id >= set.Type.Length("subsys"))
            return null;
        VirtualAddress at = kernel.Memory.Pointer(set.AddressOf("subsys") + 8 * id, "css_set.subsys");
        return at.Value == 0 ? null : kernel.At("cgroup_subsys_state", at);
    }

    /// <summary>Path of a control group from the root of its hierarchy, for a controller's state.</summary>
    /// <exception cref="InputException">The memory is missing from the dump.</exception>
    public static string? Path(StructReader state) => state.Follow("cgroup")?.Follow("kn") is { } node ? KernfsPath.Of(node) : null;
}
