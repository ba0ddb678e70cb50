using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;

namespace Kdump.Kernel.Structs;

/// <summary>
/// A list_head in memory. Walks end at the head, at an entry whose other link does not lead back, at a loop that misses the head (Brent),
/// at missing memory, or at a cap; all but the first are damage.
/// </summary>
public static class KernelList
{
    /// <summary>Maximum number of entries: more than any machine has tasks, modules or devices.</summary>
    public const int MaxEntries = 4_000_000;

    /// <summary>Addresses of the list_heads after <paramref name="head"/>; with <paramref name="forward"/> false, before it.</summary>
    public static IEnumerable<VirtualAddress> Walk(
        KernelMemory memory, VirtualAddress head, string field, List<Damage> damages, int limit = MaxEntries, bool forward = true)
    {
        int link = forward ? 0 : 8;
        VirtualAddress tortoise = head, at = head, before = head;
        long power = 1, steps = 0;
        for (int count = 0; ; count++)
        {
            if (!memory.TryU64(at + link, out ulong next))
            {
                damages.Add(new Damage(memory.Name, field, -1,
                    $"the list breaks off after {count} entries: its link at {at} {memory.Read(at + link, new byte[8]).Words()}"));
                yield break;
            }
            (VirtualAddress two, before, at) = (before, at, new VirtualAddress(next));
            if (at == head)
                yield break;
            if (at.Value == 0)
            {
                damages.Add(new Damage(memory.Name, field, -1, $"the list breaks off after {count} entries with a NULL link"));
                yield break;
            }
            if (at == before || !LeadsBack(memory, at + (8 - link), before, two))
            {
                damages.Add(new Damage(memory.Name, field, -1,
                    $"the list breaks off after {count} entries: {at}, which follows {before}, " +
                    "does not lead back to it (overwritten memory, or a circle)"));
                yield break;
            }
            if (at == tortoise)
            {
                damages.Add(new Damage(memory.Name, field, -1, $"the list runs in a circle at {at} that does not include its head"));
                yield break;
            }
            if (count >= limit)
            {
                damages.Add(new Damage(memory.Name, field, -1, $"the list has more than {limit} entries"));
                yield break;
            }
            if (++steps == power)
            {
                tortoise = at;
                power *= 2;
                steps = 0;
            }
            yield return at;
        }
    }

    /// <summary>
    /// Whether the other link of an entry is that of its neighbour. While an entry is added or taken out (__list_add, __list_del) it is
    /// that of the one beyond; NULL is no statement, and neither is missing memory: the walk ends there by itself.
    /// </summary>
    internal static bool LeadsBack(KernelMemory memory, VirtualAddress link, VirtualAddress from, VirtualAddress beyond) =>
        !memory.TryU64(link, out ulong back) || back == 0 || back == from.Value || back == beyond.Value;
}
