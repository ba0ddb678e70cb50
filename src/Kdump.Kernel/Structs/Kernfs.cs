using Kdump.Formats.Bytes;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Structs;

/// <summary>
/// Names and paths in kernfs, which sysfs and cgroup file systems are made of: struct kernfs_node of include/linux/kernfs.h. parent became
/// __parent with Linux commit 633488947ef6 ("kernfs: Use RCU to access kernfs_node::parent.") (v6.15).
/// </summary>
public static class Kernfs
{
    private const int MaxDepth = 256;
    private const int MaxChildren = 100_000;

    /// <summary>The path from the root of its file system; <c>/</c> for the root itself.</summary>
    /// <exception cref="InputException">A node is not in the dump.</exception>
    public static string Path(StructReader node)
    {
        List<string> names = [];
        StructReader at = node;
        for (int i = 0; i < MaxDepth; i++)
        {
            if (at.First("parent", "__parent") is not (> 0 and var parent))
                break;
            names.Add(at.TextAt("name") ?? "?");
            at = new StructReader(node.Memory, node.Type, new VirtualAddress(parent));
        }
        names.Reverse();
        return "/" + string.Join('/', names);
    }

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
