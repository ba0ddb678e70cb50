using System.Globalization;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Hardware;
using Kdump.Diagnosis.MachineChecks;

namespace Kdump.Diagnosis.Rules.Hardware;

/// <summary>The hardware corrected errors: find the part that causes them repeatedly.</summary>
public sealed class MceCorrected : Rule
{
    /// <summary>Number of corrected errors of one place that a healthy part never reaches.</summary>
    private const ulong Flood = 10_000;

    public override string Id => "mce-corrected";

    public override Entry Entry => new("mce-corrected", "the hardware corrected errors")
    {
        Area = Area.Hardware,
        Signature =
        [
            "mce: [Hardware Error]: Machine check events logged",
            "EDAC MC…: … CE …",
        ],
        Cause = "A single corrected error is harmless; many from one location usually mean a failing part.",
        Origin = "arch/x86/kernel/cpu/mce, drivers/edac",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        IReadOnlyList<MceGroup> all = MceGroup.Of(facts);
        DimmLedger ledger = DimmLedger.From(facts, all);
        MceGroup[] groups = all.Where(g => g.First.Severity is "corrected" or "deferred").ToArray();
        // A place that also lost data is handled by DimmFailing.
        foreach (DimmEntry entry in ledger.Entries.Where(e => e.Tally is { Uncorrected: 0, Corrected: > 0 }))
            yield return OfPlace(entry, ledger, facts);
        foreach (var place in groups.Where(g => ledger.Of(g) is null)
            .GroupBy(g => (g.First.Record.Bank, g.First.Kind, g.First.Record.Socket, g.First.Words)).OrderBy(p => p.Key.Bank))
            yield return OfRecords([.. place], ledger, facts);
        // EDAC consumes the records that it can locate and reports them itself.
        if (facts.Any<MachineCheckElsewhere>() && !facts.Any<MachineCheckSeen>() && !facts.Any<EdacError>())
        {
            MachineCheckElsewhere[] announced = [.. facts.Of<MachineCheckElsewhere>()];
            yield return new Unknown("machine check events were logged but their records are not in this log" + Rhythm(announced) +
                (facts.Any<ThermalThrottle>() ? " (older kernels record that a processor is too hot in the same way)" : ""),
                "mcelog or ras-mc-ctl --errors on that machine, or /var/log/mcelog")
                { Evidence = [.. announced.Take(6).Select(a => a.Source)] };
        }
    }

    /// <summary>
    /// Errors that raise no interrupt are found by the timer that polls the banks every five minutes
    /// (arch/x86/kernel/cpu/mce/core.c check_interval); only corrected errors are found that way.
    /// </summary>
    private static string Rhythm(MachineCheckElsewhere[] announced)
    {
        double[] times = [.. announced.Select(a => a.Time).OfType<double>()];
        if (announced.Length < 2)
            return "";
        string many = $" ({Counted.Of(announced.Length, "time")}";
        if (times.Length < 3)
            return many + ")";
        double[] gaps = [.. times.Zip(times.Skip(1), (a, b) => b - a)];
        return gaps.All(g => g is > 295 and < 330)
            ? string.Create(CultureInfo.InvariantCulture, $"{many}, one every {gaps.Average():0} s") +
                ": the timer that polls for corrected errors finds new ones each time; they did not stop the machine)" : many + ")";
    }

    private Finding OfPlace(DimmEntry entry, DimmLedger ledger, Facts facts)
    {
        MemoryTally tally = entry.Tally;
        bool repeated = entry.Repeats;
        MceEvent? e = entry.Records.FirstOrDefault()?.First;
        // One record may count many errors, for example 262.
        ulong inRecords = entry.Records.Aggregate(0UL, (sum, g) => sum + (g.First.CorrectedCount ?? 1));
        bool many = (ulong)tally.Corrected >= Flood;
        string what = tally.Counts;
        if (e is not null && tally.Corrected > 1)
        {
            bool one = entry.Records.Count == 1 && (ulong)tally.Corrected == inRecords;
            string reports = one ? "one record" : Counted.Of(Math.Max(tally.Reports, entry.Records.Count), "report");
            what = $"{Counted.Of(tally.Corrected, "corrected error")} in {reports}: {e.Words}";
        }
        else if (e is not null)
            what = $"{(e.Severity == "deferred" ? "a deferred error (bad data marked, not used)" : "a corrected error")}: {e.Words}";
        string where = entry.Place.Length == 0 ? "memory that EDAC cannot locate" : entry.Place;
        var why = new List<string> { entry.Sentence };
        if (tally.Times(MceSentences.Seconds) is { Length: > 0 } times)
            why.Add(times);
        if (tally.Spread.Length > 0)
            why.Add(tally.Spread);
        if (entry.Records.Any(g => g.First.Record.Overflow))
            why.Add("Overflow: there were more errors than the bank could store.");
        why.Add("Corrected: the data that was read was right" + (repeated ? ", but the place keeps failing." : "."));
        if (Others(entry, ledger) is { } others)
            why.Add(others);
        if (DimmSlots.Words(entry, facts) is { } slot)
            why.Add(slot);
        if (e is { Processor.Length: > 0 })
            why.Add($"Processor: {e.Processor}.");
        return new(Id, e is null ? $"{what} at {where}" : $"{what} ({where})",
            (many, repeated) switch
            {
                (true, _) => Severity.Error,
                (_, true) => Severity.Warning,
                _ => Severity.Info,
            }, 0.95, string.Join(' ', why))
        {
            Subject = entry.Place.Length == 0 ? "unplaced" : entry.Place,
            Memory = tally.ToPlace(entry.Place),
            Reckoning = tally.ToPlace(entry.Place).Reckoning,
            Watch = true,
            Fixes = Fixes(entry, repeated, facts),
            Evidence = [.. entry.Records.SelectMany(g => g.First.Record.Sources).Take(6), .. entry.Tally.Evidence],
        };
    }

    private static List<Fix> Fixes(DimmEntry entry, bool repeated, Facts facts)
    {
        if (entry.Place.Length == 0)
            return [new("Find the DIMM: the management controller's event log counts corrected errors by slot", "ipmitool sel elist")];
        var fixes = new List<Fix>
        {
            new(repeated ? $"Replace the DIMM ({entry.Place}) at the next opportunity: the errors occur repeatedly"
                : $"Watch the DIMM ({entry.Place}), and replace it if the same location appears again", "dmidecode -t memory"),
        };
        if (!entry.Named)
            fixes[0] = new($"Find the DIMM behind {entry.Place} and {(repeated ? "replace it" : "replace it if it appears again")}",
                "dmidecode -t memory");
        HashSet<ulong> gone = [.. facts.Of<PageSoftOfflined>().Where(p => !p.Failed).Select(p => p.Pfn),
            .. facts.Of<PoisonedPage>().Select(p => PageCluster.PageOf(p.Pfn) ?? 0)];
        EdacError[] pages = entry.Errors.Where(x => x.Address is not null && !gone.Contains(x.Page!.Value)).DistinctBy(x =>
            x.Page).ToArray();
        if (pages is [var page])
        {
            string start = $"0x{page.Page << page.PageBits:x}";
            fixes.Add(new($"Meanwhile take the page offline: physical address {start}",
                $"echo {start} > /sys/devices/system/memory/soft_offline_page", "moves the page's content; costs one page"));
        }
        return fixes;
    }

    /// <summary>Other places with errors; the place with most errors is the likely cause.</summary>
    private static string? Others(DimmEntry entry, DimmLedger ledger)
    {
        DimmEntry[] others = ledger.Entries.Where(x => x != entry && x.Place.Length > 0).ToArray();
        return others.Length == 0 ? null
            : $"Other places in this log: {string.Join("; ", others.Take(4).Select(x => $"{x.Place} ({x.Tally.Counts})"))}" +
              $"{(others.Length > 4 ? $" and {others.Length - 4} more" : "")}.";
    }

    private Finding OfRecords(MceGroup[] place, DimmLedger ledger, Facts facts)
    {
        MceEvent e = place[0].First;
        ulong count = place.Aggregate(0UL, (sum, g) => sum + (g.First.CorrectedCount ?? 1));
        bool yellow = place.Any(g => g.First.Yellow), overflow = place.Any(g => g.First.Record.Overflow);
        GuestSign? guest = MceSentences.Guest(e.Record, facts);
        bool repeated = count > 1 || overflow;
        Severity severity;
        if (guest is not null)
            severity = Severity.Info;
        else if (yellow || count >= Flood)
            severity = Severity.Error;
        else
            severity = repeated || e.Severity == "deferred" || e.Record.Poisoned ? Severity.Warning : Severity.Info;
        string counted;
        if (count > 1)
            counted = $"{count} corrected errors{(place.Length == 1 ? " in one record" : $" in {place.Length} records")}";
        else
            counted = e.Severity == "deferred" ? "a deferred error (bad data marked, not used)" : "a corrected error";
        var why = new List<string> { e.Severity == "deferred" ? "The hardware found bad data and marked it; it has not been used so far."
            : "The hardware corrected it: the data used was correct." };
        if (guest is not null)
            why.Add(MceSentences.InGuest(guest));
        else
            why.Add(MceSentences.About(e));
        if (overflow)
            why.Add("Overflow: there were more errors than the bank could store.");
        if (yellow)
            why.Add("The processor reports threshold status yellow: so many corrected errors that uncorrected ones may follow soon.");
        if (MceSentences.Place(e.Record) is { Length: > 0 } where)
            why.Add(MceSentences.Module(e) is { } module
                ? $"Place: {where}, {module} (both counted from 0, of this socket's memory controller; the bank is a group of registers, " +
                    "no module)." : $"Place: {where}.");
        if (guest is null && MceSentences.Dimm(place[0], ledger, facts) is { } dimm)
            why.Add(dimm);
        if (e.Processor.Length > 0)
            why.Add($"Processor: {e.Processor}.");
        why.AddRange(MceSentences.NotesOf(e));
        return new(Id, $"{counted}: {e.Words}{(e.Unit.Length > 0 ? $" ({e.Unit})" : "")}", severity, 0.95, string.Join(' ', why))
        {
            Subject = $"bank{e.Record.Bank}{(e.Record.Socket is { } s ? $"-socket{s}" : "")}" +
                $"-{e.Words.Split(':', '(')[0].Replace(",", "", StringComparison.Ordinal).Trim().Replace(' ', '-')}",
            Watch = true,
            Reckoning = [new(count == 1 ? "error" : "errors", (long)Math.Min(count, long.MaxValue)),
                new(Counted.Named(place.Length, "record"), place.Length)],
            Fixes = guest is not null ? [MceSentences.AskHost] : MceAdvice.For(e, null, repeated, Offlined(facts)),
            Evidence = [.. place.SelectMany(g => g.First.Record.Sources).Take(8)],
        };
    }

    private static HashSet<ulong> Offlined(Facts facts) => [.. facts.Of<PageSoftOfflined>().Where(p => !p.Failed).Select(p => p.Pfn),
        .. facts.Of<PoisonedPage>().Select(p => PageCluster.PageOf(p.Pfn) ?? 0)];
}
