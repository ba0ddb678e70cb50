using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;

namespace Kdump.Kernel.Structs;

/// <summary>
/// Singly linked lists that end with NULL: hlist, llist and many others. A walk ends at NULL, at a loop (Brent's algorithm), at missing
/// memory or at a limit; all but NULL are reported as damage.
/// </summary>
public static class Chain
{
    /// <summary>Addresses of the links; the first is the pointer stored at <paramref name="head"/>.</summary>
    /// <param name="head">Address of the pointer to the first link.</param>
    /// <param name="next">Offset of the pointer to the next link inside each.</param>
    /// <param name="nulls">The end is marked by bit 0 (hlist_nulls): what else stands there is no address.</param>
    /// <param name="back">Offset of the address of the pointer that leads to each (pprev of hlist_node); -1 where there is none.</param>
    public static IEnumerable<VirtualAddress> Walk(KernelMemory memory, VirtualAddress head, int next, string field, List<Damage> damages,
        int limit = KernelList.MaxEntries, bool nulls = false, int back = -1)
    {
        VirtualAddress from = head, before = head, tortoise = default;
        long power = 1, steps = 0;
        for (int count = 0; ; count++)
        {
            if (!memory.TryU64(from, out ulong value))
            {
                damages.Add(new Damage(memory.Name, field, -1,
                    $"the list breaks off after {count} entries: its link at {from} {memory.Read(from, new byte[8]).Words()}"));
                yield break;
            }
            if (value == 0 || (nulls && (value & 1) != 0))
                yield break;
            VirtualAddress at = new(value);
            if (back >= 0 && !KernelList.LeadsBack(memory, at + back, from, before))
            {
                damages.Add(new Damage(memory.Name, field, -1,
                    $"the list breaks off after {count} entries: {at}, to which {from} points, " +
                    "does not lead back to it (overwritten memory, or a circle)"));
                yield break;
            }
            if (count > 0 && at == tortoise)
            {
                damages.Add(new Damage(memory.Name, field, -1, $"the list runs in a circle at {at}"));
                yield break;
            }
            if (count >= limit)
            {
                damages.Add(new Damage(memory.Name, field, -1, $"the list has more than {limit} entries"));
                yield break;
            }
            if (count == 0 || ++steps == power)
            {
                tortoise = at;
                power *= count == 0 ? 1 : 2;
                steps = 0;
            }
            yield return at;
            (before, from) = (from, at + next);
        }
    }
}
