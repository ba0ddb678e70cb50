using Kdump.Formats.Bytes;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Structs;

/// <summary>
/// Path of a kernfs node (include/linux/kernfs.h): the names up to the root, whose name is empty. The member parent is __parent since
/// Linux commit 633488947ef6 ("kernfs: Use RCU to access kernfs_node::parent.") (v6.15).
/// </summary>
public static class KernfsPath
{
    private const int MaxDepth = 256;

    /// <exception cref="InputException">A node of the path is missing from the dump.</exception>
    public static string Of(StructReader node)
    {
        List<string> names = [];
        for (StructReader? at = node; at is { } here; at = Parent(here))
        {
            if (Parent(here) is null)
                break;
            if (names.Count >= MaxDepth)
                throw new InputException(here.Memory.Name, "kernfs_node.parent", -1,
                    $"more than {MaxDepth} folders above each other, at {here.Address}: a circle");
            names.Add(here.TextAt("name") ?? "?");
        }
        names.Reverse();
        return "/" + string.Join('/', names);
    }

    private static StructReader? Parent(StructReader node) => node.Follow(node.Has("parent") ? "parent" : "__parent");
}
