using Kdump.Formats.Bytes;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Structs;

/// <summary>
/// Entries of a maple tree, include/linux/maple_tree.h, Linux commit 54a611b60590 ("Maple Tree: add new data structure") (v6.1).
/// A node's type stands in its pointer's bits 3-6, its parent in its first word; a leaf's pivots are the highest index of each slot.
/// </summary>
public static class MapleTree
{
    private const int MaxDepth = 32;
    private const int MaxNodes = 1_000_000;

    /// <summary>First index and pointer of each non-empty range.</summary>
    public static IEnumerable<(ulong Index, VirtualAddress Entry)> Walk(CrashedKernel kernel, VirtualAddress tree, List<Damage> damages)
    {
        StructType type = kernel.Struct("maple_tree"), node = kernel.Struct("maple_node");
        ulong root = kernel.Memory.U64(tree + type.Offset("ma_root"), "maple_tree.ma_root");
        if (root == 0)
            yield break;
        // xa_is_node: an internal entry above the reserved ones. Any other value is the only entry, at index 0.
        if ((root & 3) != 2 || root <= 4096)
        {
            yield return (0, new VirtualAddress(root));
            yield break;
        }
        StructType range = node.Of("mr64")!, allocated = node.Of("ma64")!;
        Stack<(ulong Node, ulong Low, ulong High, int Depth, ulong Parent)> todo = new();
        todo.Push((root, 0, ulong.MaxValue, 0, 0));
        int nodes = 0;
        while (todo.TryPop(out (ulong Node, ulong Low, ulong High, int Depth, ulong Parent) at))
        {
            if (at.Depth > MaxDepth || ++nodes > MaxNodes)
            {
                damages.Add(new Damage(kernel.Dump.Name, "maple_node", -1, $"more than {MaxDepth} levels or {MaxNodes} nodes: no tree"));
                yield break;
            }
            // maple_dense 0, maple_leaf_64 1, maple_range_64 2, maple_arange_64 3.
            int kind = (int)(at.Node >> 3 & 0xF);
            StructType layout = kind == 3 ? allocated : range;
            byte[] raw = new byte[256];
            if (kind > 3 || !kernel.Memory.TryRead(new VirtualAddress(at.Node & ~0xFFUL), raw))
            {
                damages.Add(new Damage(kernel.Dump.Name, "maple_node", -1,
                    $"the node at {new VirtualAddress(at.Node)} is {(kind > 3 ? "of an unknown type" : "missing from the dump")}"));
                continue;
            }
            // ma_root marks the root's by bit 0; a node that was replaced names itself. NULL is no statement.
            if (at.Depth > 0 && (Word(raw, 0) & ~0xFFUL) is not 0 and var parent && parent != at.Parent)
            {
                damages.Add(new Damage(kernel.Dump.Name, "maple_node", -1,
                    $"the node at {new VirtualAddress(at.Node & ~0xFFUL)} names {new VirtualAddress(parent)} as its parent, " +
                    $"not {new VirtualAddress(at.Parent)}"));
                continue;
            }
            if (kind == 0)
            {
                for (int i = 0; i < 31; i++)
                    if (Word(raw, 8 + 8 * i) is not 0 and var dense)
                        yield return (unchecked(at.Low + (ulong)i), new VirtualAddress(dense));
                continue;
            }
            int pivots = layout.Offset("pivot"), slots = layout.Offset("slot"), count = (int)Math.Min(16, layout.Length("slot"));
            List<(ulong, ulong, ulong, int, ulong)> children = [];
            ulong low = at.Low;
            for (int i = 0; i < count; i++)
            {
                ulong pivot = i < count - 1 ? Word(raw, pivots + 8 * i) : at.High;
                ulong high = pivot == 0 && i > 0 || pivot > at.High ? at.High : pivot;
                ulong slot = Word(raw, slots + 8 * i);
                if (slot != 0 && high >= low)
                {
                    if (kind >= 2)
                        children.Add((slot, low, high, at.Depth + 1, at.Node & ~0xFFUL));
                    else if ((slot & 3) != 2)
                        yield return (low, new VirtualAddress(slot));
                }
                if (high >= at.High)
                    break;
                low = high + 1;
            }
            for (int i = children.Count - 1; i >= 0; i--)
                todo.Push(children[i]);
        }
    }

    private static ulong Word(byte[] raw, int at) => System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(raw.AsSpan(at));
}
