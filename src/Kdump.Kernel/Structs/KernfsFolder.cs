using Kdump.Formats.Bytes;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Structs;

/// <summary>
/// Folders of kernfs, which sysfs and cgroup file systems are made of: struct kernfs_node of include/linux/kernfs.h.
/// </summary>
public static class KernfsFolder
{
    private const int MaxChildren = 100_000;

    /// <summary>Names of what stands in a directory of sysfs, by the kobject that it is of.</summary>
    /// <exception cref="InputException">The directory is not in the dump.</exception>
    public static IReadOnlyList<string> Children(CrashedKernel kernel, StructReader kobject, List<Damage> damages)
    {
        if (kobject.Follow("sd") is not { } directory)
            return [];
        List<string> names = [];
        int link = directory.Type.Offset("rb");
        foreach (VirtualAddress entry in RbTree.Walk(kernel, directory.AddressOf("dir.children"), "kernfs_node.dir", damages, MaxChildren))
            if (new StructReader(kernel.Memory, directory.Type, entry + -link).TextAt("name") is { } name)
                names.Add(name);
        names.Sort(StringComparer.Ordinal);
        return names;
    }
}
