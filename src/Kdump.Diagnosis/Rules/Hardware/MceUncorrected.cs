using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Hardware;
using Kdump.Diagnosis.MachineChecks;
using Kdump.Diagnosis.MachineChecks.Records;

namespace Kdump.Diagnosis.Rules.Hardware;

/// <summary>The hardware lost data, and the kernel continued.</summary>
public sealed class MceUncorrected : Rule
{
    public override string Id => "mce-uncorrected";

    public override Entry Entry => new("mce-uncorrected", "the hardware reported an uncorrected error; the kernel continued")
    {
        Area = Area.Hardware,
        Signature = ["mce: [Hardware Error]: CPU …: Machine Check: … Bank …: …"],
        Cause = "Data was lost; the process that used it was killed, or the data has not been used yet.",
        Fixes = [new("Decode it", "kdt mce console.log")],
        Kernels = "x86",
        Origin = "arch/x86/kernel/cpu/mce/severity.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        MachineCheckPanic? panic = facts.Of<MachineCheckPanic>() is [var firstPanic, ..] ? firstPanic : null;
        IReadOnlyList<MceGroup> groups = MceGroup.Of(facts);
        DimmLedger ledger = DimmLedger.From(facts, groups);
        MceGroup? cause = MceFatal.CauseOf(groups, panic, facts);
        foreach (IGrouping<string, MceGroup> same in groups
            .Where(g => g != cause && !MceSentences.LeftOver(g, facts) &&
                (g.First.Severity is "uncorrected" or "recoverable" || (g.First.Fatal && MceSentences.Survived(g, facts))))
            .GroupBy(g => $"bank{g.First.Record.Bank}-{g.First.Record.Status:x}"))
        {
            MceGroup group = same.First();
            MceEvent e = group.First;
            DimmEntry? entry = ledger.Of(group);
            GuestSign? guest = MceSentences.Guest(e.Record, facts);
            bool survived = MceSentences.Survived(group, facts);
            IReadOnlyList<FindingRef> causes;
            if (e.Kind == MceKind.Memory || e.Record.ConsumedPoison)
                causes = [.. MceFatal.CommonCause(group, entry, facts)];
            else if (e.Kind == MceKind.InputOutput)
                causes = ["iommu-enabled-by-default", "iommu-fault", "aer-uncorrectable"];
            else
                causes = [];
            yield return new Finding(Id,
                $"{(e.Severity == "recoverable" || survived ? "recovered" : "uncorrected")} machine check: " +
                $"{e.Words}{(e.Unit.Length > 0 ? $" ({e.Unit})" : "")}, {MceSentences.WhoReported(group)}" +
                (entry is { Place.Length: > 0 } ? $", {entry.Place}" : ""),
                Severity.Error, 0.9, Why([.. same], facts, ledger, guest))
            {
                Subject = same.Key,
                Fixes = guest is not null ? [MceSentences.AskHost] : MceAdvice.For(e, entry?.Place is { Length: > 0 } label ? label : null),
                Evidence = [.. group.Events.SelectMany(x => x.Record.Sources).Take(12), .. Victims(e.Record, facts).Select(v =>
                    v.Source).Take(4)],
                CausedBy = causes,
            };
        }
    }

    private static IEnumerable<PoisonVictim> Victims(MachineCheck r, Facts facts) =>
        r.Addr is not { } address || r.NormalisedAddress ? []
            : facts.Of<PoisonVictim>().Where(v => v.Source.Input == r.Sources[0].Input &&
                (v.Pfn.Length == 0 || PageCluster.PageOf(v.Pfn) == address >> 12));

    /// <summary>Intel's name for the class.</summary>
    private static string Class(MceEvent e) => e.Record.IsAmd ? "" : e.Verdict.Level switch
    {
        "AR" => " (SRAR)", "AO" => " (SRAO)", "DEFERRED/UCNA" => " (UCNA)", _ => "",
    };

    private static string Why(MceGroup[] same, Facts facts, DimmLedger ledger, GuestSign? guest)
    {
        MceGroup group = same[0];
        MceEvent e = group.First;
        var why = new List<string> { guest is null ? MceSentences.About(e) : MceSentences.InGuest(guest) };
        if (MceSentences.Place(e.Record) is { Length: > 0 } place)
            why.Add($"Place: {place}.");
        if (guest is null && MceSentences.Dimm(group, ledger, facts) is { } dimm)
            why.Add(dimm);
        if (MceSentences.Survived(group, facts))
            why.Add("Action was required (SRAR), and the kernel took it: the page was taken out of use, and the kernel did not stop.");
        else if (e.Verdict.Rule.Length > 0)
            why.Add($"The kernel's severity rule: {e.Verdict.Rule.ToLowerInvariant()}{Class(e)}; the kernel did not stop.");
        if (Victims(e.Record, facts).Select(v => v.Process).Distinct().Take(5).ToArray() is { Length: > 0 } victims)
            why.Add($"The process that used the bad data was sent SIGBUS: {string.Join(", ", victims)}.");
        if (group.Events.Count > 1)
            why.Add($"{Counted.Of(group.Events.Count, "CPU", "reports", "report")} the same event.");
        if (same.Length > 1)
            why.Add($"{Counted.Of(same.Length, "record")} with the same bank and status: it occurs repeatedly.");
        if (e.Processor.Length > 0)
            why.Add($"Processor: {e.Processor}.");
        why.AddRange(MceSentences.NotesOf(e));
        return string.Join(' ', why);
    }
}
