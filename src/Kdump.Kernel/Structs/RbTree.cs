using System.Buffers.Binary;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Structs;

/// <summary>
/// A red-black tree, struct rb_root and rb_node of include/linux/rbtree_types.h; an rb_root_cached begins with an rb_root. A node that
/// names another parent or is reached twice, a missing one, and nodes deeper than a balanced tree can be end their part of the tree and
/// are reported as damage.
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
        ulong at = kernel.Memory.U64(root, field), above = 0;
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
                // Its two lowest bits are the colour; a cleared word is no statement.
                else if (BinaryPrimitives.ReadUInt64LittleEndian(raw) is not 0 and var word && (word & ~3UL) != above)
                    wrong = $"breaks off: the node at {new VirtualAddress(at)} names {new VirtualAddress(word & ~3UL)} as its parent, " +
                        $"not {new VirtualAddress(above)}";
                if (wrong is not null)
                {
                    damages.Add(new Damage(kernel.Dump.Name, field, -1, $"the tree {wrong}"));
                    if (seen.Count >= limit)
                        yield break;
                    break;
                }
                open.Push((at, BinaryPrimitives.ReadUInt64LittleEndian(raw.AsSpan(rightAt))));
                above = at;
                at = BinaryPrimitives.ReadUInt64LittleEndian(raw.AsSpan(leftAt));
            }
            if (!open.TryPop(out (ulong Node, ulong Right) next))
                yield break;
            yield return new VirtualAddress(next.Node);
            (above, at) = (next.Node, next.Right);
        }
    }
}
