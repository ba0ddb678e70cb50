using System.Numerics;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Hardware;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Rules.Hardware;

/// <summary>Pages that went bad, and how the kernel handled them; or pages that software took offline.</summary>
public sealed class PoisonedPages : Rule
{
    public override string Id => "memory-page-poisoned";

    public override Entry Entry => new("memory-page-poisoned", "a page of memory went bad")
    {
        Area = Area.Hardware,
        Signature = ["Memory failure: 0x…: recovery action for …: Recovered"],
        Cause = "The memory behind the page lost data; the kernel takes the page offline if it can.",
        Fixes = [new("Find the DIMM behind the address", "ras-mc-ctl --errors; ipmitool sel elist")],
        Origin = "mm/memory-failure.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        IReadOnlyList<MceGroup> groups = MceGroup.Of(facts);
        DimmLedger ledger = DimmLedger.From(facts, groups);
        IReadOnlyList<PageCluster> clusters = PageCluster.From(facts, groups);
        PageGivenUp? software = facts.Of<PageGivenUp>() is [var first, ..] ? first : null;
        bool hardware = groups.Count > 0 || facts.Any<EdacError>() || facts.Any<CperError>();
        HashSet<PageCluster> told = [];
        foreach (PoisonedPage page in facts.Of<PoisonedPage>().DistinctBy(p => p.Pfn).Take(64))
        {
            ulong? number = PageCluster.PageOf(page.Pfn);
            PageCluster? cluster = number is { } n ? clusters.FirstOrDefault(c => c.Holds(n)) : null;
            if (cluster is { IsRun: true } && !hardware)
            {
                if (told.Add(cluster))
                    yield return GivenUp(cluster, software);
            }
            else if (software is not null && !hardware && software.Source.Input == page.Source.Input)
                yield return GivenUp(page, software);
            else
                yield return Bad(page, number, cluster, facts, ledger, groups);
        }
        if (Alone(facts) is { } alone)
            yield return alone;
        if (Spared(facts) is { } spared)
            yield return spared;
    }

    /// <summary>A process or the kernel hit bad memory, and the lines about the page itself are not in the log.</summary>
    private static Finding? Alone(Facts facts)
    {
        HashSet<string> told = [.. facts.Of<PoisonedPage>().Select(p => p.Pfn)];
        PoisonVictim[] victims = [.. facts.Of<PoisonVictim>().Where(v => v.Pfn.Length == 0 ? told.Count == 0 : !told.Contains(v.Pfn))];
        PoisonMetAgain[] again = [.. facts.Of<PoisonMetAgain>().Where(p => !told.Contains(p.Pfn))];
        PoisonMet[] met = told.Count == 0 ? [.. facts.Of<PoisonMet>()] : [];
        if (victims.Length + again.Length + met.Length == 0)
            return null;
        string[] who = [.. victims.Select(v => v.Process).Distinct().Take(5)];
        string[] pages = [.. victims.Select(v => v.Pfn).Concat(again.Select(p => p.Pfn)).Where(p => p.Length > 0).Select(p => $"{p}000")
            .Concat(met.Select(m => $"0x{m.Address:x}")).Distinct().Take(5)];
        return new("memory-page-poisoned",
            (who.Length > 0 ? $"memory that {string.Join(", ", who)} used went bad" : "memory that was known to be bad was accessed") +
            (pages.Length > 0 ? $", at {string.Join(", ", pages)}" : ""), who.Length > 0 ? Severity.Error : Severity.Warning, 0.9,
            (who.Length > 0 ? "The process was sent SIGBUS or killed: the data that it used was lost in the hardware. " +
                "A qemu process is a virtual machine. " : "The page is offline already; something still reads it. ") +
            "The kernel's message about the page going bad is not in this log.")
        {
            Subject = "met",
            Fixes = [new("Find the DIMM: machine checks, EDAC lines and the management controller's event log name it",
                "ras-mc-ctl --errors; ipmitool sel elist")],
            Evidence = [.. victims.Select(v => v.Source).Concat(again.Select(p => p.Source)).Concat(met.Select(m => m.Source)).Take(6)],
        };
    }

    /// <summary>Pages taken offline while their data could still be read.</summary>
    private static Finding? Spared(Facts facts)
    {
        PageSoftOfflined[] pages = [.. facts.Of<PageSoftOfflined>().DistinctBy(p => p.Pfn)];
        if (pages.Length == 0)
            return null;
        string first = string.Join(", ", pages.Take(4).Select(p => $"0x{p.Pfn << 12:x}"));
        return new("memory-page-soft-offlined",
            $"{Counted.Of(pages.Length, "page")} of memory taken offline because of corrected errors: {first}" +
            (pages.Length > 4 ? " …" : ""), Severity.Warning, 0.9,
            "A page is taken offline (soft offline) when it has repeated corrected errors, before its data is lost. " +
                "The memory behind it is failing; offlining pages gains time but repairs nothing.")
        {
            Fixes = [new("Replace the DIMM that EDAC or the management controller names for these addresses at the next opportunity",
                "ras-mc-ctl --errors; ipmitool sel elist")],
            Evidence = [.. pages.Select(p => p.Source).Take(5)],
            CausedBy = ["mce-corrected"],
        };
    }

    private static Finding GivenUp(PageCluster cluster, PageGivenUp? who) => new("memory-page-given-up",
        $"{Counted.Of(cluster.Count, "neighbouring page")} from 0x{cluster.First << 12:x} on were taken offline " +
        $"at the same time{(who is null ? "" : $", by {who.Who}")}: " +
        "this is not how memory fails", Severity.Warning, who is null ? 0.7 : 0.9,
        "Many pages within a short time, and no machine check, EDAC or firmware report in this log: software took them offline" +
        (who is null ? ", which the lines before them should name."
            : " because it could not reclaim them, so that they are never used again. The memory is not bad; the cause is the driver, " +
            "its firmware or the platform."))
    {
        Subject = cluster.Subject,
        Fixes = [new(who is null ? "Check the driver lines and call traces just before the first of them"
            : $"Check the lines of {who.Who} before them: kernel, firmware and platform must match")],
        Evidence = [.. who is null ? [] : new[] { who.Source }, .. cluster.Evidence.Take(5)],
    };

    private static Finding GivenUp(PoisonedPage page, PageGivenUp who) => new("memory-page-given-up",
        $"the page at {Address(page)} was taken offline by {who.Who}: no memory failed", Severity.Info, 0.85,
        "The log shows which code requested it, and has no machine check, EDAC or firmware report.")
    {
        Subject = page.Pfn,
        Evidence = [who.Source, page.Source],
    };

    private static string Address(PoisonedPage page) => $"0x{page.Pfn.Replace("0x", "", StringComparison.Ordinal)}000";

    private static Finding Bad(PoisonedPage page, ulong? number, PageCluster? cluster, Facts facts, DimmLedger ledger,
        IReadOnlyList<MceGroup> groups)
    {
        bool recovered = page.Result.StartsWith("Recovered", StringComparison.Ordinal) ||
            page.Result.StartsWith("Delayed", StringComparison.Ordinal);
        string[] victims = [.. facts.Of<PoisonVictim>().Where(v => v.Source.Input == page.Source.Input &&
            (v.Pfn == page.Pfn || v.Pfn.Length == 0)).Select(v => v.Process).Distinct().Take(5)];
        DimmEntry? entry = number is { } n ? ledger.OfPage(n) : null;
        var causes = new List<FindingRef>();
        if (entry is not null)
            causes.Add(new("dimm-failing", DimmFailing.SubjectOf(entry)));
        else if (cluster is { Count: > 1 })
            causes.Add(new("dimm-failing", cluster.Subject));
        // An earlier record of the same page is the cause; a later one has the same cause and is not.
        foreach (MceGroup group in groups.Where(g => g.First.Record is { Addr: { } a } r && !r.NormalisedAddress && a >> 12 == number &&
            r.Sources[0].Input == page.Source.Input && r.Sources[0].Line < page.Source.Line))
        {
            causes.Add(new("mce-uncorrected", $"bank{group.First.Record.Bank}-{group.First.Record.Status:x}"));
            causes.Add(new("mce-fatal", $"bank{group.First.Record.Bank}-{group.First.Record.Status:x}"));
        }
        if (facts.Of<CperError>().FirstOrDefault(e => CperPlace.Address(e) >> 12 == number) is { } report)
            causes.Add(new("hardware-error-by-firmware", CperPlace.SubjectOf(report)));
        if (causes.Count == 0 && Reported(page, facts) is { } same)
            causes.Add(new("hardware-error-by-firmware", CperPlace.SubjectOf(same)));
        PoisonMet? met = facts.Of<PoisonMet>().FirstOrDefault(m => number is > MinPage and { } wanted &&
            ((m.Address >> 12) & (BitOperations.RoundUpToPowerOf2(wanted + 1) - 1)) == wanted);
        string place = entry is { Place.Length: > 0 } ? entry.Place : "";
        return new("memory-page-poisoned", $"the page at {Address(page)} went bad ({page.Page}): {page.Result}",
            recovered ? Severity.Warning : Severity.Error, 0.95,
            (recovered ? "The kernel took the page offline."
                : "The page could not be taken offline: the next access hits the error again.") +
            (page.Page.Contains("dirty", StringComparison.Ordinal) ? " It was dirty: data that had not been written to disk is lost."
                : "") +
            (met is null || victims.Length > 0 ? "" : " A program (a virtual machine is one, too) had just read it.") +
            (victims.Length > 0 ? $" The process that used it was sent SIGBUS: {string.Join(", ", victims)}." : "") +
            (place.Length > 0 ? $" EDAC names the place: {place}." : ""))
        {
            Subject = page.Pfn,
            Fixes = [new(place.Length switch
            {
                > 0 => $"Replace the DIMM: {place}",
                _ when cluster is { Count: > 1 } => "Find the DIMM behind the address and replace it: more pages near it went bad too",
                _ => "Find the DIMM behind the address, and replace it if more pages go bad",
            },
                    "ras-mc-ctl --errors; dmidecode -t memory")],
            Evidence = [page.Source, .. facts.Of<PoisonVictim>().Where(v => v.Pfn == page.Pfn).Select(v => v.Source).Take(2),
                .. met is null ? Array.Empty<Source>() : [met.Source]],
            CausedBy = causes,
        };
    }

    /// <summary>
    /// The address of a machine check may have the number of a key in its upper bits (TME-MK, TDX): the lower ones must be equal, and be
    /// many.
    /// </summary>
    private const ulong MinPage = 0xffff;

    /// <summary>
    /// Firmware's report of an error of the processor has no address; printed within seconds before, it is of the same event.
    /// </summary>
    private static CperError? Reported(PoisonedPage page, Facts facts)
    {
        const double Near = 3;
        return KernelLine.Parse(page.Source.Plain).Time is not { } then ? null : facts.Of<CperError>().LastOrDefault(e =>
            e.Severity != "corrected" && CperPlace.Address(e) is null && !CperPlace.IsMemory(e) && e.Source.Input == page.Source.Input &&
            KernelLine.Parse(e.Source.Plain).Time is { } now && then - now is >= 0 and < Near);
    }
}
