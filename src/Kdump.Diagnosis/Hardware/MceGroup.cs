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

    /// <summary>All records of a case, decoded and put together; a record without processor borrows that of its input.</summary>
    public static IReadOnlyList<MceGroup> From(IReadOnlyList<MachineCheckSeen> seen, Cpu? forced = null)
    {
        var groups = new List<MceGroup>();
        var byStatus = new Dictionary<ulong, List<MceGroup>>();
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
            List<MceGroup>? like = null;
            if (fact.Record.Status is { } status && !byStatus.TryGetValue(status, out like))
                byStatus[status] = like = [];
            if (like?.Exists(g => g.events.Exists(o => IsSame(o.Record, fact.Record))) == true)
                continue;
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

    /// <summary>The same record a second time: people paste a line, then what a decoder made of it.</summary>
    private static bool IsSame(MachineCheck a, MachineCheck b) =>
        a.Status is not null && a.Status == b.Status && a.Cpu == b.Cpu && a.Bank == b.Bank && (a.Tsc ?? 0) == (b.Tsc ?? 0) &&
            (a.Misc ?? 0) == (b.Misc ?? 0) &&
        (a.Addr ?? 0) == (b.Addr ?? 0) && (a.Time is null || b.Time is null || a.Time == b.Time) &&
            (a.LogTime is null || b.LogTime is null || a.LogTime == b.LogTime);

    private bool Takes(MceEvent e)
    {
        MachineCheck a = First.Record, b = e.Record;
        if (a.Status is null || a.Status != b.Status || a.Bank != b.Bank || a.Addr != b.Addr || events.Exists(o => o.Record.Cpu == b.Cpu))
            return false;
        if (a.Sources[0].Input != b.Sources[0].Input)
            return false;
        if (a.Tsc is > 0 && b.Tsc is > 0)
            return events.Exists(o => o.Record.Tsc is { } t && (t > b.Tsc.Value ? t - b.Tsc.Value : b.Tsc.Value - t) <= Together);
        return a.Addr is not null && a.Time is not null && a.Time == b.Time;
    }
}
