using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Hardware;
using Kdump.Diagnosis.MachineChecks;
using Kdump.Diagnosis.MachineChecks.Records;

namespace Kdump.Diagnosis.Rules.Hardware;

/// <summary>The hardware reported an error that the kernel could not survive, or that was lost data all the same.</summary>
public sealed class MceFatal : Rule
{
    public override string Id => "mce-fatal";

    public override Entry Entry => new("mce-fatal", "the hardware reported an error that cannot be survived")
    {
        Area = Area.Hardware,
        Signature =
        [
            "mce: [Hardware Error]: CPU …: Machine Check Exception: … Bank …: …",
            "Kernel panic - not syncing: Fatal machine check",
        ],
        Cause = "The last record before the panic is the cause, those before it are history.",
        Fixes = [new("Decode it", "kdt mce console.log")],
        Kernels = "x86",
        Origin = "arch/x86/kernel/cpu/mce/core.c, severity.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        MachineCheckPanic? panic = facts.Of<MachineCheckPanic>() is [var firstMachineCheckPanic, ..] ? firstMachineCheckPanic : null;
        MachineCheckReason? reason = facts.Of<MachineCheckReason>() is [var firstMachineCheckReason, ..] ? firstMachineCheckReason : null;
        IReadOnlyList<MceGroup> groups = MceGroup.From(facts.Of<MachineCheckSeen>());
        MceGroup[] bad = groups.Where(g => g.First.Severity is "fatal" or "uncorrected" or "recoverable").ToArray();
        // The kernel prints what it had not yet logged first, and the record that kills last.
        MceGroup? cause = bad.LastOrDefault(g => g.First.Fatal) ?? (panic is not null && bad.Length > 0 ? bad[^1] : null);
        foreach (PoisonedPage page in facts.Of<PoisonedPage>().DistinctBy(p => p.Pfn).Take(16))
        {
            bool recovered = page.Result.StartsWith("Recovered", StringComparison.Ordinal) ||
                page.Result.StartsWith("Delayed", StringComparison.Ordinal);
            yield return new Finding("memory-page-poisoned",
                $"the page at 0x{page.Pfn.Replace("0x", "", StringComparison.Ordinal)}000 went bad ({page.Page}): {page.Result}", recovered
                ? Severity.Warning : Severity.Error, 0.95,
                recovered ? "The kernel took the page out of use; what was lost with it was clean or belonged to a process that was told."
                    : "The page could not be taken out of use: whoever touches it next meets the error again.")
            {
                Subject = page.Pfn,
                Fixes = [new("Exchange the DIMM behind the address when further pages follow", "dmidecode -t memory")],
                Evidence = [page.Source],
                CausedBy = ["mce-fatal", "hardware-error-by-firmware"],
            };
        }
        foreach (MceGroup group in bad)
        {
            if (group != cause && (cause is null || !group.First.Fatal || group.First.Record.Status != cause.First.Record.Status))
                yield return Of(group, facts, panic: null, reason: null, cause is null ? 0.9 : 0.8);
        }
        if (cause is not null)
            yield return Of(cause, facts, panic, reason, panic is null ? 0.9 : 0.97);
        else if (panic is not null)
        {
            foreach (Opinion opinion in WithoutRecord(facts, panic, reason))
                yield return opinion;
        }
    }

    private Finding Of(MceGroup group, Facts facts, MachineCheckPanic? panic, MachineCheckReason? reason, double confidence)
    {
        MceEvent e = group.First;
        MachineCheck r = e.Record;
        bool fatal = e.Fatal || panic is not null;
        string who = WhoReported(group);
        var evidence = group.Events.SelectMany(x => x.Record.Sources).Take(12).ToList();
        if (reason is not null)
            evidence.Add(reason.Source);
        if (panic is not null)
            evidence.Add(panic.Source);
        return new Finding(Id,
            $"{(fatal ? "fatal" : e.Severity)} machine check: {e.Words}{(e.Unit.Length > 0 ? $" ({e.Unit})" : "")}, {who}",
            fatal ? Severity.Critical : Severity.Error, confidence, Why(group, facts, reason, fatal))
        {
            Subject = $"bank{r.Bank}-{r.Status:x}",
            Fixes = MceAdvice.For(e),
            Evidence = evidence,
            CausedBy = e.Kind switch
            {
                MceKind.InputOutput => ["iommu-enabled-by-default", "iommu-fault", "aer-uncorrectable"],
                MceKind.Timer or MceKind.Bus => ["iommu-enabled-by-default", "aer-uncorrectable"],
                _ => ["iommu-enabled-by-default"],
            },
        };
    }

    private static string WhoReported(MceGroup group)
    {
        uint[] cpus = group.Cpus.ToArray();
        return cpus.Length switch
        {
            0 => "CPU not told",
            1 => $"CPU {cpus[0]}",
            _ => $"one event reported by {cpus.Length} CPUs ({string.Join(", ", cpus.Take(8))}{(cpus.Length > 8 ? " …" : "")})",
        };
    }

    private static string Why(MceGroup group, Facts facts, MachineCheckReason? reason, bool fatal)
    {
        MceEvent e = group.First;
        MachineCheck r = e.Record;
        var why = new List<string>();
        string place = e.Kind switch
        {
            _ when r.ConsumedPoison =>
                "It is about data that was already marked bad when a core used it: mostly a line of memory. The CPU that reported it is " +
                "its victim, not its cause.",
            MceKind.Memory => "It is about memory, not about the CPU that reported it.",
            MceKind.InputOutput =>
                "It is about input and output: a PCIe device or what stands between it and memory, not the CPU that reported it.",
            MceKind.Timer =>
                "A core stopped because something it waited for never came: often a device that did not answer, seldom the core itself.",
            MceKind.Bus or MceKind.Link => "It is about the link between processors or chips.",
            _ => $"It is about the processor itself{(e.Record.Socket is { } s ? $" (socket {s})" : "")}.",
        };
        why.Add(place);
        if (e.Record.ContextCorrupt)
            why.Add("Processor context corrupt (PCC): the state of the processor could not be trusted, so no kernel can go on.");
        if (e.Words.Contains("data read", StringComparison.Ordinal) && r.Ip is not null && (r.Cs & 3) == 0 &&
            (r.Status & MciStatus.Ar) is > 0)
            why.Add($"Poison consumed in kernel " +
                $"code{(r.Symbol is null ? "" : $": {r.Symbol.Split('+')[0]}")}{(r.Addr is { } a ? $", from the DIMM at 0x{a:x}" : "")}.");
        if (DimmPlace.Words(e, facts) is { } dimm)
            why.Add(dimm);
        if (e.Verdict.Rule.Length > 0 && fatal)
            why.Add($"The kernel's severity rule: {(reason?.Words ?? e.Verdict.Rule).ToLowerInvariant()}" +
                (reason is not null && reason.Words != e.Verdict.Rule ? $" (from this record alone: {e.Verdict.Rule.ToLowerInvariant()})"
                : "") + ".");
        if (group.Events.Count > 1)
            why.Add($"{group.Events.Count} CPUs read the same status {(r.Addr is null ? "" : "and address ")}within a moment: one event, " +
                $"not {group.Events.Count}.");
        why.AddRange(e.Notes.Where(n => n.StartsWith("not enabled", StringComparison.Ordinal) ||
            n.StartsWith("logged at boot", StringComparison.Ordinal) || n.StartsWith("root port", StringComparison.Ordinal))
            .Select(n => char.ToUpperInvariant(n[0]) + n[1..] + "."));
        return string.Join(' ', why);
    }

    private IEnumerable<Opinion> WithoutRecord(Facts facts, MachineCheckPanic panic, MachineCheckReason? reason)
    {
        MachineCheckAbsent? absent = facts.Of<MachineCheckAbsent>() is [var firstMachineCheckAbsent, ..] ? firstMachineCheckAbsent : null;
        bool timeout = panic.Words.Contains("broadcast", StringComparison.Ordinal) ||
            panic.Words.Contains("synchronization", StringComparison.Ordinal);
        yield return new Finding(Id, timeout
            ? $"panic: broadcast timeout, CPUs missing in the machine check handler{(absent is null ? "" : $" ({absent.Cpus})")}"
            : $"machine check panic: {panic.Words}",
            Severity.Critical, timeout ? 0.9 : 0.85,
            timeout ? "A machine check was signalled and not every CPU came to the handler in time, so these were already stuck: with " +
                "interrupts and machine checks blocked, in firmware (SMM), or waiting for a device. The log holds no machine-check " +
                "record, so the error itself is not known."
                : $"The kernel gave up for a machine check{(reason is null ? "" : $" ({reason.Words})")}; its record is not in this log.")
        {
            Evidence = new[] { absent?.Source, reason?.Source, panic.Source }.OfType<Source>().ToArray(),
            CausedBy = ["iommu-enabled-by-default"],
        };
        yield return new Unknown("which hardware unit reported the machine check: no machine-check record is in this log",
            "the machine's event log (ipmitool sel list), the next boot's first seconds of dmesg (banks survive a warm reset), or " +
                "/sys/firmware/acpi/tables/data/BERT");
    }
}
