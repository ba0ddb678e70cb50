using Kdump.Formats.Bytes;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Structs;

/// <summary>
/// Directories of kernfs, on which sysfs and cgroup file systems are based: struct kernfs_node of include/linux/kernfs.h.
/// </summary>
public static class KernfsFolder
{
    private const int MaxChildren = 100_000;

    /// <summary>Names of the entries in the sysfs directory of a kobject.</summary>
    /// <exception cref="InputException">The directory is missing from the dump.</exception>
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
