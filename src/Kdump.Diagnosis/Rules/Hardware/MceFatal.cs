using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Hardware;
using Kdump.Diagnosis.MachineChecks;
using Kdump.Diagnosis.MachineChecks.Records;

namespace Kdump.Diagnosis.Rules.Hardware;

/// <summary>The hardware reported a fatal error that stopped the kernel.</summary>
public sealed class MceFatal : Rule
{
    public override string Id => "mce-fatal";

    public override Entry Entry => new("mce-fatal", "the hardware reported a fatal error")
    {
        Area = Area.Hardware,
        Signature =
        [
            "mce: [Hardware Error]: CPU …: Machine Check Exception: … Bank …: …",
            "Kernel panic - not syncing: Fatal machine check",
        ],
        Cause = "The last record before the panic is the cause; earlier records are older events.",
        Fixes = [new("Decode it", "kdt mce console.log")],
        Kernels = "x86",
        Origin = "arch/x86/kernel/cpu/mce/core.c, severity.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        MachineCheckPanic? panic = facts.Of<MachineCheckPanic>() is [var firstMachineCheckPanic, ..] ? firstMachineCheckPanic : null;
        MachineCheckReason? reason = facts.Of<MachineCheckReason>() is [var firstMachineCheckReason, ..] ? firstMachineCheckReason : null;
        IReadOnlyList<MceGroup> groups = MceGroup.Of(facts);
        DimmLedger ledger = DimmLedger.From(facts, groups);
        MceGroup? cause = CauseOf(groups, panic, facts);
        MceGroup[] fatal = groups.Where(g => g == cause ||
            (g.First.Fatal && !MceSentences.LeftOver(g, facts) && !MceSentences.Survived(g, facts))).ToArray();
        foreach (IGrouping<string, MceGroup> same in fatal.Where(g => g != cause && (cause is null || SubjectOf(g) != SubjectOf(cause)))
            .GroupBy(SubjectOf))
            yield return Of([.. same], facts, ledger, panic: null, reason: null, cause is null ? 0.9 : 0.8);
        if (cause is not null)
        {
            MceGroup[] all = [cause, .. fatal.Where(g => g != cause && SubjectOf(g) == SubjectOf(cause))];
            yield return Of(all, facts, ledger, panic, reason, panic is null ? 0.9 : 0.97);
        }
        else if (panic is not null)
        {
            foreach (Opinion opinion in WithoutRecord(facts, panic, reason))
                yield return opinion;
        }
        foreach (MceGroup head in groups.Where(g => g.First.Record is { Status: null, Exception: true }).Take(1))
        {
            if (cause is not null)
                continue;
            yield return new Finding(Id, $"a machine check exception, {MceSentences.WhoReported(head)}; " +
                "its bank and status are not in the log",
                Severity.Critical, 0.85,
                "The processor raised a machine check: hardware reported an error that could not be corrected, or nearly so. " +
                    "The log has only the first line of the record, so the unit that failed is unknown.")
            {
                Subject = "no-bank",
                Fixes = [new("Get the lines that follow it: bank, status and address", "ipmitool sel elist; dmesg of the next boot")],
                Evidence = head.First.Record.Sources,
            };
            yield return new Unknown("which hardware unit raised the machine check: the record's bank and status are not in this log",
                "the lines behind \"Machine Check Exception\" (a serial console or a photo of the screen), or the machine's event log");
        }
    }

    private static string SubjectOf(MceGroup g) => $"bank{g.First.Record.Bank}-{g.First.Record.Status:x}";

    /// <summary>
    /// The record that stopped this kernel, if any: the kernel first prints records that were not yet logged, and the fatal record last.
    /// </summary>
    internal static MceGroup? CauseOf(IReadOnlyList<MceGroup> groups, MachineCheckPanic? panic, Facts facts)
    {
        if (groups.LastOrDefault(g => g.First.Fatal && !MceSentences.LeftOver(g, facts) && !MceSentences.Survived(g, facts)) is { } fatal)
            return fatal;
        if (panic is null)
            return null;
        bool Before(MceGroup g) => g.First.Record.Sources[0].Input != panic.Source.Input ||
            g.First.Record.Sources[0].Line < panic.Source.Line;
        return groups.LastOrDefault(g => g.First.Severity is "fatal" or "uncorrected" or "recoverable" && Before(g));
    }

    private Finding Of(MceGroup[] same, Facts facts, DimmLedger ledger, MachineCheckPanic? panic, MachineCheckReason? reason,
        double confidence)
    {
        MceGroup group = same[0];
        MceEvent e = group.First;
        MachineCheck r = e.Record;
        GuestSign? guest = MceSentences.Guest(r, facts);
        var evidence = same.SelectMany(g => g.Events).SelectMany(x => x.Record.Sources).DistinctBy(s => (s.Input,
            s.Line)).Take(12).ToList();
        if (reason is not null)
            evidence.Add(reason.Source);
        if (panic is not null)
            evidence.Add(panic.Source);
        if (guest is not null)
            evidence.Add(guest.Source);
        DimmEntry? entry = ledger.Of(group);
        return new Finding(Id,
            $"fatal machine check: {e.Words}{(e.Unit.Length > 0 ? $" ({e.Unit})" : "")}, {MceSentences.WhoReported(group)}" +
                (entry is { Place.Length: > 0 } ? $", {entry.Place}" : ""),
            Severity.Critical, confidence, Why(same, facts, ledger, reason, guest))
        {
            Subject = SubjectOf(group),
            Fixes = guest is not null ? [MceSentences.AskHost] : MceAdvice.For(e, entry?.Place is { Length: > 0 } label ? label : null),
            Evidence = [.. evidence.DistinctBy(s => (s.Input, s.Line))],
            CausedBy = e.Kind switch
            {
                _ when e.Kind == MceKind.Memory || r.ConsumedPoison =>
                    [.. CommonCause(group, entry, facts), "iommu-enabled-by-default"],
                MceKind.InputOutput => ["iommu-enabled-by-default", "iommu-fault", "aer-uncorrectable"],
                MceKind.Timer or MceKind.Bus => ["iommu-enabled-by-default", "aer-uncorrectable"],
                _ => ["iommu-enabled-by-default"],
            },
        };
    }

    /// <summary>The finding of <see cref="DimmFailing"/> for the DIMM behind it.</summary>
    internal static IEnumerable<FindingRef> CommonCause(MceGroup group, DimmEntry? entry, Facts facts)
    {
        if (entry is not null)
            yield return new("dimm-failing", DimmFailing.SubjectOf(entry));
        else if (group.First.Record.Addr is > 0xfff and var address && !group.First.Record.NormalisedAddress)
        {
            foreach (PageCluster cluster in PageCluster.From(facts, [group]).Where(c => c.Count > 1 && c.Holds(address >> 12)))
                yield return new("dimm-failing", cluster.Subject);
        }
    }

    private static string Why(MceGroup[] same, Facts facts, DimmLedger ledger, MachineCheckReason? reason, GuestSign? guest)
    {
        MceGroup group = same[0];
        MceEvent e = group.First;
        MachineCheck r = e.Record;
        var why = new List<string> { guest is null ? MceSentences.About(e) : MceSentences.InGuest(guest) };
        if (MceSentences.Place(r) is { Length: > 0 } place)
            why.Add($"Place: {place}.");
        if (r.ContextCorrupt)
            why.Add("Processor context corrupt (PCC): the state of the processor could not be trusted, so no kernel can continue.");
        if (e.Words.Contains("data read", StringComparison.Ordinal) && r.Ip is not null && (r.Cs & 3) == 0 &&
            (r.Status & MciStatus.Ar) is > 0)
            why.Add("Poison consumed in kernel " +
                $"code{(r.Symbol is null ? "" : $": {r.Symbol.Split('+')[0]}")}{(r.Addr is { } a ? $", from the DIMM at 0x{a:x}" : "")}.");
        if (guest is null && MceSentences.Dimm(group, ledger, facts) is { } dimm)
            why.Add(dimm);
        if (e.Verdict.Rule.Length > 0)
            why.Add($"The kernel's severity rule: {(reason?.Words ?? e.Verdict.Rule).ToLowerInvariant()}" +
                (reason is not null && reason.Words != e.Verdict.Rule ? $" (from this record alone: {e.Verdict.Rule.ToLowerInvariant()})"
                : "") + ".");
        if (group.Events.Count > 1)
            why.Add(
                $"{Counted.Of(group.Events.Count, "CPU")} read the same status {(r.Addr is null ? "" : "and address ")}within a moment: " +
                $"one event, not {group.Events.Count}.");
        if (same.Length > 1)
            why.Add($"{Counted.Of(same.Length, "record")} with the same bank and status: it occurs repeatedly.");
        if (e.Processor.Length > 0)
            why.Add($"Processor: {e.Processor}.");
        why.AddRange(MceSentences.NotesOf(e));
        return string.Join(' ', why);
    }

    private IEnumerable<Opinion> WithoutRecord(Facts facts, MachineCheckPanic panic, MachineCheckReason? reason)
    {
        MachineCheckAbsent? absent = facts.Of<MachineCheckAbsent>() is [var firstMachineCheckAbsent, ..] ? firstMachineCheckAbsent : null;
        bool timeout = panic.Words.Contains("broadcast", StringComparison.Ordinal) ||
            panic.Words.Contains("synchronization", StringComparison.Ordinal);
        // A record of the firmware is more specific than "no machine-check record".
        if (panic.Words.StartsWith("Fatal hardware error", StringComparison.Ordinal) && facts.Any<CperError>())
            yield break;
        yield return new Finding(Id, timeout
            ? $"panic: broadcast timeout, CPUs missing in the machine check handler{(absent is null ? "" : $" ({absent.Cpus})")}"
            : $"machine check panic: {panic.Words}",
            Severity.Critical, timeout ? 0.9 : 0.85,
            timeout ? "A machine check was signalled, but not every CPU entered the handler in time, so these CPUs were already stuck: " +
                "with interrupts and machine checks blocked, in firmware (SMM), or waiting for a device. " +
                "The log has no machine-check record, so the error itself is not known."
                : $"The kernel panicked because of a machine check{(reason is null ? "" : $" ({reason.Words})")}; " +
                    "its record is not in this log.")
        {
            Evidence = new[] { absent?.Source, reason?.Source, panic.Source }.OfType<Source>().ToArray(),
            CausedBy = ["iommu-enabled-by-default"],
        };
        yield return new Unknown("which hardware unit reported the machine check: no machine-check record is in this log",
            "the machine's event log (ipmitool sel list), " +
                "the next boot's first seconds of dmesg (banks survive a warm reset), or /sys/firmware/acpi/tables/data/BERT");
    }
}
