using Kdump.Formats.Bytes;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Structs;

/// <summary>
/// Entries of an XArray, include/linux/xarray.h, which replaced the radix tree, with the same layout, by Linux commit f8d5d0cc145c
/// ("xarray: Add definition of struct xarray") (v4.20). Pointers to nodes have 10 (binary) in their lowest bits.
/// </summary>
public static class XArray
{
    private const int MaxNodes = 1_000_000;

    public static IEnumerable<(ulong Index, VirtualAddress Entry)> Walk(CrashedKernel kernel, VirtualAddress array, List<Damage> damages)
    {
        StructType type = kernel.Struct("xarray"), node = kernel.Struct("xa_node");
        ulong head = kernel.Memory.U64(array + type.Offset("xa_head"), "xarray.xa_head");
        int shiftAt = node.Offset("shift"), slots = node.Offset("slots"), count = (int)Math.Min(64, node.Length("slots"));
        Stack<(ulong Entry, ulong Index, int Above)> todo = new();
        todo.Push((head, 0, 64));
        int nodes = 0, arrayAt = node.Has("array") ? node.Offset("array") : -1;
        while (todo.TryPop(out (ulong Entry, ulong Index, int Above) at))
        {
            if ((at.Entry & 3) != 2 || at.Entry <= 4096)
            {
                if (at.Entry != 0 && (at.Entry & 3) == 0)
                    yield return (at.Index, new VirtualAddress(at.Entry));
                continue;
            }
            VirtualAddress address = new(at.Entry - 2);
            byte[] raw = new byte[count * 8];
            byte[] shift = new byte[1];
            bool there = kernel.Memory.TryRead(address + shiftAt, shift) && kernel.Memory.TryRead(address + slots, raw);
            // Each level has a smaller shift than the one above: that alone forbids circles.
            // And each node names its array (a radix tree's, its root).
            bool own = arrayAt < 0 || !kernel.Memory.TryU64(address + arrayAt, out ulong of) || of == array.Value;
            if (!there || !own || shift[0] >= at.Above || shift[0] > 60 || ++nodes > MaxNodes)
            {
                damages.Add(new Damage(kernel.Dump.Name, "xa_node", -1,
                    $"the node at {address} is {(there ? "no node of this tree" : "missing from the dump")}"));
                continue;
            }
            for (int i = count - 1; i >= 0; i--)
                if (System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(raw.AsSpan(8 * i)) is not 0 and var slot)
                    todo.Push((slot, at.Index | (ulong)i << shift[0], shift[0]));
        }
    }
}
