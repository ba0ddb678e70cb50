using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.MachineChecks;
using Kdump.Diagnosis.MachineChecks.Records;

namespace Kdump.Diagnosis.Hardware;

/// <summary>
/// Machine checks that are one event: an error in a part that processors share is read by each of them, so the same status and address
/// stand under several CPUs within a moment.
/// </summary>
public sealed class MceGroup
{
    /// <summary>
    /// Time stamp ticks between the reports of one event: a tenth of a millisecond at 3 GHz; broadcasts take a few hundred ticks.
    /// </summary>
    private const ulong Together = 300_000;

    private readonly List<MceEvent> events = [];

    public IReadOnlyList<MceEvent> Events => events;

    public MceEvent First => events[0];

    /// <summary>CPUs that reported it, in the order of the log.</summary>
    public IEnumerable<uint> Cpus => events.Where(e => e.Record.Cpu is not null).Select(e => e.Record.Cpu!.Value).Distinct();

    /// <summary>The records of a case, decoded and put together once for all rules.</summary>
    public static IReadOnlyList<MceGroup> Of(Facts facts) =>
        facts.Derived<MachineCheckSeen, IReadOnlyList<MceGroup>>(seen => From(seen));

    /// <summary>All records of a case, decoded and put together; a record without processor borrows that of its input.</summary>
    public static IReadOnlyList<MceGroup> From(IReadOnlyList<MachineCheckSeen> seen, Cpu? forced = null)
    {
        var groups = new List<MceGroup>();
        // A log of one machine may have thousands of records with one status: only those that agree in all registers are compared.
        var byStatus = new Dictionary<(ulong, int?, ulong?, string), List<MceGroup>>();
        var equal = new Dictionary<(ulong, uint?, int?, ulong, ulong, ulong), List<MachineCheck>>();
        var named = new Dictionary<(string, bool), MachineCheck>();
        foreach (MachineCheckSeen fact in seen.Where(s => s.Record.Id is not null))
        {
            named.TryAdd((fact.Source.Input, false), fact.Record);
            if (fact.Record.IsAmd)
                named.TryAdd((fact.Source.Input, true), fact.Record);
        }
        foreach (MachineCheckSeen fact in seen)
        {
            MachineCheck? other = fact.Record.Id is not null ? null
                : named.GetValueOrDefault((fact.Source.Input, fact.Record.IsAmd));
            MachineCheck record = fact.Record;
            List<MceGroup>? like = null;
            if (record.Status is { } status)
            {
                (ulong, uint?, int?, ulong, ulong, ulong) registers =
                    (status, record.Cpu, record.Bank, record.Tsc ?? 0, record.Misc ?? 0, record.Addr ?? 0);
                if (!equal.TryGetValue(registers, out List<MachineCheck>? before))
                    equal[registers] = before = [];
                if (before.Exists(b => SameTime(b, record)))
                    continue;
                before.Add(record);
                (ulong, int?, ulong?, string) place = (status, record.Bank, record.Addr, record.Sources[0].Input);
                if (!byStatus.TryGetValue(place, out like))
                    byStatus[place] = like = [];
            }
            MceEvent e = MceEvent.Decode(fact.Record, forced, other?.Id, other?.Vendor);
            MceGroup? known = like?.FindLast(g => g.Takes(e));
            if (known is null)
            {
                groups.Add(known = new MceGroup());
                like?.Add(known);
            }
            known.events.Add(e);
        }
        return groups;
    }

    /// <summary>True if two records with equal registers may be one: pasted a second time, or printed again by a decoder.</summary>
    private static bool SameTime(MachineCheck a, MachineCheck b) => (a.Time is null || b.Time is null || a.Time == b.Time) &&
        (a.LogTime is null || b.LogTime is null || a.LogTime.Value == b.LogTime.Value);

    /// <summary>True if a record of the same status, bank, address and input belongs to this event.</summary>
    private bool Takes(MceEvent e)
    {
        MachineCheck a = First.Record, b = e.Record;
        bool together = a.Tsc is > 0 && b.Tsc is > 0
            ? events.Exists(o => o.Record.Tsc is { } t && (t > b.Tsc.Value ? t - b.Tsc.Value : b.Tsc.Value - t) <= Together)
            : a.Addr is not null && a.Time is not null && a.Time == b.Time;
        return together && !events.Exists(o => o.Record.Cpu == b.Cpu);
    }
}
