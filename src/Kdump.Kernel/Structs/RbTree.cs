using System.Buffers.Binary;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Structs;

/// <summary>
/// A red-black tree, struct rb_root and rb_node of include/linux/rbtree_types.h; an rb_root_cached begins with an rb_root. A node that is
/// reached twice, a missing node, and a node that is deeper than possible in a balanced tree end the walk of their subtree and are
/// reported as damage.
/// </summary>
public static class RbTree
{
    /// <summary>Maximum depth of a balanced tree of 2^64 nodes.</summary>
    private const int MaxDepth = 130;

    /// <summary>Addresses of the rb_nodes in the order of the tree, smallest first.</summary>
    /// <param name="root">Address of the rb_root or rb_root_cached.</param>
    public static IEnumerable<VirtualAddress> Walk(CrashedKernel kernel, VirtualAddress root, string field, List<Damage> damages,
        int limit = KernelList.MaxEntries)
    {
        StructType node = kernel.Struct("rb_node");
        int leftAt = node.Offset("rb_left"), rightAt = node.Offset("rb_right"), size = Math.Max(node.Size, 24);
        HashSet<ulong> seen = [];
        Stack<(ulong Node, ulong Right)> open = new();
        byte[] raw = new byte[size];
        ulong at = kernel.Memory.U64(root, field);
        while (true)
        {
            // Go down to the leftmost node.
            while (at != 0)
            {
                string? wrong = null;
                if (open.Count >= MaxDepth)
                    wrong = $"is deeper than {MaxDepth} levels: no balanced tree";
                else if (seen.Count >= limit)
                    wrong = $"has more than {limit} nodes";
                else if (!seen.Add(at))
                    wrong = $"reaches the node at {new VirtualAddress(at)} twice";
                else if (!kernel.Memory.TryRead(new VirtualAddress(at), raw))
                    wrong = $"breaks off: the node at {new VirtualAddress(at)} is missing";
                if (wrong is not null)
                {
                    damages.Add(new Damage(kernel.Dump.Name, field, -1, $"the tree {wrong}"));
                    if (seen.Count >= limit)
                        yield break;
                    break;
                }
                open.Push((at, BinaryPrimitives.ReadUInt64LittleEndian(raw.AsSpan(rightAt))));
                at = BinaryPrimitives.ReadUInt64LittleEndian(raw.AsSpan(leftAt));
            }
            if (!open.TryPop(out (ulong Node, ulong Right) next))
                yield break;
            yield return new VirtualAddress(next.Node);
            at = next.Right;
        }
    }
}
