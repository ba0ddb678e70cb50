using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Hardware;

namespace Kdump.Diagnosis.Rules.Hardware;

/// <summary>One place in memory lost data: reported by EDAC, or shown by several bad pages near each other.</summary>
public sealed class DimmFailing : Rule
{
    public override string Id => "dimm-failing";

    public override Entry Entry => new("dimm-failing", "a DIMM has uncorrectable errors")
    {
        Area = Area.Hardware,
        Signature = ["EDAC MC…: … UE … on …", "Memory failure: 0x…: recovery action for …"],
        Cause = "Uncorrected errors of one place, or several bad pages near each other: " +
            "the memory there is defective, whichever CPU reported it.",
        Fixes = [new("Replace the DIMM named by the label", "dmidecode -t memory")],
        Origin = "drivers/edac/edac_mc.c, mm/memory-failure.c",
    };

    internal static string SubjectOf(DimmEntry entry) => entry.Place.Length == 0 ? "unplaced" : entry.Place;

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        IReadOnlyList<MceGroup> groups = MceGroup.Of(facts);
        DimmLedger ledger = DimmLedger.From(facts, groups);
        foreach (DimmEntry entry in ledger.Entries.Where(e => e.Tally.Uncorrected > 0))
            yield return OfPlace(entry, facts);
        foreach (PageCluster cluster in PageCluster.From(facts, groups)
            .Where(c => c.Count > 1 && !c.IsRun && ledger.OfPage(c.First) is null))
            yield return Near(cluster, facts);
    }

    private Finding OfPlace(DimmEntry entry, Facts facts)
    {
        MemoryTally tally = entry.Tally;
        string where = entry.Place.Length == 0 ? "a place unknown to EDAC" : entry.Place;
        var why = new List<string>
        {
            entry.Sentence,
            "Uncorrected: the data there was lost; the program that used it was killed, or the kernel continued without that page.",
        };
        if (tally.Times(MceSentences.Seconds) is { Length: > 0 } times)
            why.Add(times);
        if (tally.Spread.Length > 0)
            why.Add(tally.Spread);
        if (DimmSlots.Words(entry, facts) is { } slot)
            why.Add(slot);
        return new(Id, $"{tally.Counts} at {where}", Severity.Error, 0.95, string.Join(' ', why))
        {
            Subject = SubjectOf(entry),
            Memory = tally.ToPlace(entry.Place),
            Reckoning = tally.ToPlace(entry.Place).Reckoning,
            Fixes = entry.Place.Length == 0
                ? [new("Find the DIMM: the management controller's event log names the slot", "ipmitool sel elist")]
                : [new(entry.Named ? $"Replace the DIMM: {entry.Place}" : $"Find the DIMM behind {entry.Place} and replace it",
                    "dmidecode -t memory")],
            Evidence = [.. entry.Errors.Where(x => x.Uncorrected).Select(x => x.Source).Take(2)
                .Concat(tally.Evidence).DistinctBy(s => (s.Input, s.Line))],
        };
    }

    private Finding Near(PageCluster cluster, Facts facts)
    {
        ulong first = cluster.First << 12, last = cluster.Last << 12;
        Source[] lines = [.. cluster.Evidence];
        MemoryDevice[] slots = facts.Of<MemoryDevice>().Where(d => d.Size.Length > 0).DistinctBy(d => d.Handle).ToArray();
        string[] there = facts.Of<MemoryDeviceRange>().Where(r => first >= r.First && last <= r.Last)
            .Select(r => slots.FirstOrDefault(s => s.Handle == r.Device)?.Locator).OfType<string>().Distinct().ToArray();
        return new(Id, $"{Counted.Of(cluster.Count, "page")} near physical address 0x{first:x} went bad: the memory there is failing",
            Severity.Error,
            0.85,
            $"They are within {(last - first + 4096) / 1024} KiB. Neighbouring addresses are usually on the same DIMM, " +
                "so most likely one part of one DIMM is defective, and more pages will follow." +
            there switch
            {
                [var one] => $" SMBIOS maps these addresses to one DIMM: {one}.",
                _ when there.Length > 1 => $" SMBIOS maps these addresses to {there.Length} interleaved DIMMs: " +
                    $"{string.Join(", ", there.Take(8))}.",
                _ => " The log does not say which DIMM it is: see EDAC's lines or the management controller's event log for the slot.",
            })
        {
            Subject = cluster.Subject,
            Reckoning = [new("pages went bad", cluster.Count), new("KiB from the first to the last", (long)((last - first + 4096) / 1024))],
            Fixes = [new($"Find the DIMM behind physical addresses 0x{first:x} to 0x{last | 0xfff:x} and replace it",
                "ipmitool sel elist; ras-mc-ctl --errors; dmidecode -t memory")],
            Evidence = [.. lines.Take(6)],
        };
    }
}
