using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Hardware;
using Kdump.Diagnosis.MachineChecks;
using Kdump.Diagnosis.MachineChecks.Records;

namespace Kdump.Diagnosis.Rules.Hardware;

/// <summary>The hardware corrected errors: nothing was lost, and somebody should look who keeps making them.</summary>
public sealed class MceCorrected : Rule
{
    /// <summary>Corrected errors of one place that make it a suspect: single ones are ordinary.</summary>
    private const ulong Many = 10;

    public override string Id => "mce-corrected";

    public override Entry Entry => new("mce-corrected", "the hardware corrected errors")
    {
        Area = Area.Hardware,
        Signature =
        [
            "mce: [Hardware Error]: Machine check events logged",
            "EDAC MC…: … CE …",
        ],
        Cause = "One is nothing; many from one place are a part about to fail.",
        Origin = "arch/x86/kernel/cpu/mce, drivers/edac",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        MceGroup[] groups = MceGroup.From(facts.Of<MachineCheckSeen>()).Where(g => g.First.Severity is "corrected" or "deferred").ToArray();
        EdacError[] edac = facts.Of<EdacError>().ToArray();
        foreach (var place in groups.GroupBy(g => (g.First.Record.Bank, g.First.Kind, g.First.Record.Socket)).OrderBy(p => p.Key.Bank))
        {
            MceEvent e = place.First().First;
            EdacError[] here = e.Kind == MceKind.Memory ? edac : [];
            ulong count = place.Aggregate(0UL, (sum, g) => sum + (g.First.CorrectedCount ?? 1));
            yield return new Finding(Id, Title(e, count, place.Count(), here), count >= Many || here.Any(x => x.Uncorrected)
                ? Severity.Warning : Severity.Info, 0.95, Why(e, place.ToArray(), here, facts))
            {
                Subject = $"bank{place.Key.Bank}{(place.Key.Socket is { } s ? $"-socket{s}" : "")}",
                Fixes = MceAdvice.For(e, here.FirstOrDefault()?.Label),
                Evidence = [.. place.SelectMany(g => g.First.Record.Sources).Take(8), .. here.Select(x => x.Source).Take(4)],
            };
        }
        if (groups.Length == 0 && edac.Length > 0)
            yield return OfEdac(edac);
        if (facts.Of<ThermalThrottle>() is [var hot, ..] heat)
        {
            yield return new Finding("processor-too-hot",
                $"the {(hot.Package ? "processor package" : "core")} slowed itself down because it was too hot ({heat.Count} times in " +
                $"the log)", Severity.Warning, 0.95,
                "Above its threshold a processor lowers its clock; nothing is lost, everything is slower, and heat also makes errors.")
            {
                Fixes = [new("Check fans, air flow, heat sinks and the inlet temperature in the management controller")],
                Evidence = heat.Select(h => h.Source).Take(3).ToArray(),
            };
        }
        // EDAC takes the records it can place and says itself what they were.
        if (facts.Any<MachineCheckElsewhere>() && !facts.Any<MachineCheckSeen>() && edac.Length == 0)
        {
            yield return new Unknown("machine check events were logged but their records are not in this log",
                "mcelog or ras-mc-ctl --errors on that machine, or /var/log/mcelog");
        }
    }

    private static string Title(MceEvent e, ulong count, int records, EdacError[] edac)
    {
        string place = edac.Length > 0 ? edac[0].Label : e.Unit;
        string counted = count > 1 ? $"{count} corrected errors{(records == 1 ? " in one record" : $" in {records} records")}"
            : e.Severity == "deferred" ? "a deferred error (bad data marked, not used)" : "a corrected error";
        return $"{counted}: {e.Words}{(place.Length > 0 ? $" ({place})" : "")}";
    }

    private static string Why(MceEvent e, MceGroup[] groups, EdacError[] edac, Facts facts)
    {
        var why = new List<string> { e.Severity == "deferred" ? "The hardware found bad data, marked it, and nobody has used it."
            : "The hardware corrected it; no data was lost and nothing crashed for it." };
        if (groups.Any(g => g.First.Record.Overflow))
            why.Add("Overflow: more came than the bank could keep.");
        if (edac.Length > 0)
            why.Add($"EDAC names the place: {edac[0].Label}{(Place(edac[0]) is { } p ? $", {p}" : "")}: the failing DIMM.");
        else if (DimmPlace.Words(e, facts) is { } dimm)
            why.Add(dimm);
        if (e.Model is not (Cpu.Intel or Cpu.Generic))
            why.Add($"Processor: {CpuNames.Words(e.Model)}.");
        why.AddRange(e.Notes.Where(n => n.StartsWith("logged at boot", StringComparison.Ordinal))
            .Select(n => char.ToUpperInvariant(n[0]) + n[1..] + "."));
        return string.Join(' ', why);
    }

    /// <summary><c>channel 1 DIMM 0</c> out of <c>channel:1 slot:0 page:…</c></summary>
    private static string? Place(EdacError e)
    {
        string? channel = Value(e.Detail, "channel:"), slot = Value(e.Detail, "slot:");
        return channel is null ? null : $"channel {channel}{(slot is null ? "" : $" DIMM {slot}")}";
    }

    private static string? Value(string detail, string name)
    {
        int at = detail.IndexOf(name, StringComparison.Ordinal);
        return at < 0 ? null : new string(detail[(at + name.Length)..].TakeWhile(char.IsAsciiLetterOrDigit).ToArray());
    }

    private Finding OfEdac(EdacError[] edac)
    {
        long count = edac.Sum(e => Math.Clamp(e.Count, 0, int.MaxValue));
        bool uncorrected = edac.Any(e => e.Uncorrected);
        return new(Id, $"{count} {(uncorrected ? "uncorrected" : "corrected")} memory error{(count == 1 ? "" : "s")} at {edac[0].Label}",
            uncorrected ? Severity.Error : count >= (long)Many ? Severity.Warning : Severity.Info, 0.95,
            $"EDAC counted them{(Place(edac[0]) is { } p ? $" at {p}" : "")}: the failing DIMM.")
        {
            Fixes = [new("Exchange the DIMM that the label names when the same place shows up again", "dmidecode -t memory")],
            Evidence = edac.Select(e => e.Source).Take(6).ToArray(),
        };
    }
}
