using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;

namespace Kdump.Kernel.Structs;

/// <summary>
/// A list_head in memory. A walk ends at the head, at a loop without the head (Brent's algorithm), at missing memory or at a limit; all
/// but the head are reported as damage.
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
        VirtualAddress tortoise = head, at = head;
        long power = 1, steps = 0;
        for (int count = 0; ; count++)
        {
            if (!memory.TryU64(at + link, out ulong next))
            {
                damages.Add(new Damage(memory.Name, field, -1,
                    $"the list breaks off after {count} entries: its link at {at} {memory.Read(at + link, new byte[8]).Words()}"));
                yield break;
            }
            at = new VirtualAddress(next);
            if (at == head)
                yield break;
            if (at.Value == 0)
            {
                damages.Add(new Damage(memory.Name, field, -1, $"the list breaks off after {count} entries with a NULL link"));
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
}
