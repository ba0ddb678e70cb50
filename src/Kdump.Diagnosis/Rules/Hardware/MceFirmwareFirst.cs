using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Hardware;

namespace Kdump.Diagnosis.Rules.Hardware;

/// <summary>Firmware handled a hardware error first and reported it to the kernel (APEI).</summary>
public sealed class MceFirmwareFirst : Rule
{
    /// <summary>Number of reports since boot that make a part suspect, even if the log shows only one of them.</summary>
    private const int Many = 10;

    public override string Id => "hardware-error-by-firmware";

    public override Entry Entry => new("hardware-error-by-firmware", "firmware reported a hardware error")
    {
        Area = Area.Hardware,
        Signature = ["{…}[Hardware Error]: Hardware error from APEI Generic Hardware Error Source: …"],
        Cause = "Firmware handled it first and reported it to the kernel (APEI GHES; BERT for the previous boot).",
        Origin = "drivers/acpi/apei/ghes.c, drivers/firmware/efi/cper.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (var same in facts.Of<CperError>().GroupBy(e => (e.Severity, CperPlace.SubjectOf(e), e.Boot?.Capture == true)))
            yield return Of([.. same], facts);
    }

    private Finding Of(CperError[] same, Facts facts)
    {
        CperError e = same[0];
        bool memory = CperPlace.IsMemory(e), capture = e.Boot?.Capture == true && e.Severity == "fatal";
        string kind = KindOf(e), where = Where(e);
        // A processor's section says of itself whether the error is gone.
        string lost;
        if (e["outcome"] == "the error has been corrected")
            lost = "corrected ";
        else if (e.Severity is "recoverable" or "fatal")
            lost = "uncorrected ";
        else
            lost = e.Severity == "corrected" ? "corrected " : "";
        bool repeated = same.Length > 1 || e.Number >= Many;
        var tally = new MemoryTally();
        foreach (CperError report in same)
            tally.Add(report.Source, 1, e.Severity != "corrected", name => CperPlace.Field(report, name), CperPlace.Address(report) >> 12);
        // The processor section names the CPU that detected the error; a memory section or a bad page at the same address names its
        // location.
        bool elsewhere = !memory && CperPlace.Address(e) is { } met &&
            (facts.Of<EdacError>().Any(x => x.Address >> 12 == met >> 12 || x.IsAt(met)) ||
             facts.Of<PoisonedPage>().Any(p => PageCluster.PageOf(p.Pfn) == met >> 12));
        return new Finding(Id,
            $"firmware-first {e.Severity} error (APEI): " +
            $"{lost}{Section(e)}{(kind.Length > 0 ? $", {kind}" : "")}{(where.Length > 0 ? $", {where}" : "")}",
            SeverityOf(e, repeated), 0.95, Why(same, facts, tally, memory, elsewhere, capture))
        {
            Subject = CperPlace.SubjectOf(e) + (capture ? "-in-crash-kernel" : ""),
            Watch = true,
            Memory = memory ? tally.ToPlace(CperPlace.Name(e) ?? CperPlace.Module(e)) : null,
            Fixes = [.. capture ? HestDisable : [],
                .. FixesOf(e, memory, repeated, same.Length == 1, elsewhere)],
            Evidence = [.. e.Lines.Take(10), .. ArmProcessor.CpuOf(e, facts) is { } cpu ? [cpu.Source] : Array.Empty<Source>(),
                .. same.Skip(1).TakeLast(1).Select(x => x.Source)],
            CausedBy = (memory, elsewhere) switch
            {
                (true, _) => CommonCause(e, facts),
                (_, true) => [.. CommonCause(e, facts)],
                _ => ["iommu-fault"],
            },
            Explains = capture ? ["capture-kernel-panic", "kernel-panic"] : [],
        };
    }

    private static string Section(CperError e)
    {
        if (e.Section.Length > 0)
            return e.Section;
        if (ArmProcessor.AmperePart(e) is { } part)
            return $"error of {part}";
        return ArmProcessor.IsAmpere(e) ? "error in a record of Ampere's own" : "error of unknown kind";
    }

    private static readonly Fix[] HestDisable =
        [.. CrashKernelOption.AddOn("hest_disable", "it then does not read firmware's records of hardware errors", risk: null)];

    private static Severity SeverityOf(CperError e, bool repeated) => e.Severity switch
    {
        "fatal" => e.PreviousBoot ? Severity.Error : Severity.Critical,
        "recoverable" => Severity.Error,
        "corrected" when repeated => Severity.Warning,
        _ => Severity.Info,
    };

    /// <summary>The place that EDAC names for the same page, and what the first kernel reported about it.</summary>
    private static FindingRef[] CommonCause(CperError e, Facts facts)
    {
        if (CperPlace.Address(e) is not { } address)
            return [];
        IReadOnlyList<MceGroup> groups = MceGroup.Of(facts);
        DimmLedger ledger = DimmLedger.From(facts, groups);
        var causes = new List<FindingRef>();
        if (ledger.OfPage(address >> 12) is { } entry)
            causes.Add(new("dimm-failing", DimmFailing.SubjectOf(entry)));
        causes.AddRange(groups.Where(g => g.First.Record is { Addr: { } a, NormalisedAddress: false } && a >> 12 == address >> 12)
            .Select(g => new FindingRef("mce-fatal", $"bank{g.First.Record.Bank}-{g.First.Record.Status:x}")));
        return [.. causes];
    }

    /// <summary><c>multi-bit ECC</c>; empty for a status that is only a number.</summary>
    private static string KindOf(CperError e)
    {
        string kind = e["error_type"] is { } type
            ? type[(type.IndexOf(", ", StringComparison.Ordinal) is >= 0 and var at ? at + 2 : 0)..]
            : e["error_status"] ?? e["Error Structure Type"] ?? "";
        // cper-arm.c since 6.11: "0x04: bus error"
        if (kind.StartsWith("0x", StringComparison.Ordinal) && kind.IndexOf(": ", StringComparison.Ordinal) is > 0 and var named)
            kind = kind[(named + 2)..];
        if (kind.StartsWith("0x", StringComparison.Ordinal) || kind is "unknown")
            return "";
        return e["cache level"] is { } level ? $"{kind} (level {level})" : kind;
    }

    private static string Why(CperError[] same, Facts facts, MemoryTally tally, bool memory, bool elsewhere, bool capture)
    {
        CperError e = same[0];
        var why = new List<string>
        {
            "The machine's firmware handled the error and reported it through APEI" +
                (ArmProcessor.Is(e) || ArmProcessor.IsAmpere(e) ? "." : "; no processor bank contains it."),
        };
        if (ArmProcessor.Is(e))
            why.AddRange(ArmProcessor.Which(e, facts));
        if (ArmProcessor.AmperePart(e) is { } part)
            why.Add($"The kernel does not know this form of record; by its first byte it is of {part} (as rasdaemon reads it).");
        if (e.PreviousBoot)
            why.Add(e.Lines[0].Text.Contains('{')
                ? "Firmware had stored it: it was reported in this kernel's first seconds, so it is from the previous boot."
                : "It is from the previous boot (BERT).");
        if (capture)
            why.Add("The crash kernel found it during boot: firmware still has the record of the error that stopped the first kernel, " +
                "and a fatal record makes a kernel panic (ghes_probe). So no dump was written.");
        if (same.Length > 1)
            why.Add($"{Counted.Of(same.Length, "equal report")}.");
        else if (e.Number > 1)
            why.Add($"It is report {e.Number} since the kernel started.");
        if (tally.Times(MceSentences.Seconds) is { Length: > 0 } times)
            why.Add(times);
        if (memory && tally.Spread.Length > 0)
            why.Add(tally.Spread);
        if (memory && CperPlace.Cell(e) is { Length: > 0 } cell)
            why.Add($"Cell: {cell}.");
        if (memory && CperPlace.Name(e) is null)
            why.Add(CperPlace.Handle(e) is { } of ? $"Firmware names no slot for it, but the DIMM's DMI handle: {of}."
                : "Firmware does not name its slot.");
        if (elsewhere)
            why.Add("The processor only detected it: " +
                "memory at the same address is reported as bad, and that is the location of the error.");
        else if (e["outcome"] is { } outcome)
            why.Add(char.ToUpperInvariant(outcome[0]) + outcome[1..] + ".");
        string[] victims = [.. facts.Of<PoisonVictim>().Where(v => CperPlace.Address(e) is { } a && PageCluster.PageOf(v.Pfn) == a >> 12)
            .Select(v => v.Process).Distinct().Take(5)];
        if (victims.Length > 0)
            why.Add($"The process that used it was sent SIGBUS: {string.Join(", ", victims)}.");
        return string.Join(' ', why);
    }

    private static IEnumerable<Fix> FixesOf(CperError e, bool memory, bool repeated, bool alone, bool elsewhere)
    {
        if (memory)
        {
            string dimm;
            if (CperPlace.Name(e) is { } name)
                dimm = $"the DIMM that the firmware calls {name}";
            else if (CperPlace.Handle(e) is { } handle)
                dimm = $"the DIMM with the DMI handle {handle}";
            else
                dimm = "the DIMM that the management controller's event log names";
            yield return e.Severity == "corrected" && alone
                ? new($"Watch {dimm}, and replace it if it appears again" +
                    (repeated ? " or the other reports name it too" : ""), "dmidecode -t memory")
                : new($"Replace {dimm}", "dmidecode -t memory");
        }
        else if (e.Section.Contains("PCIe", StringComparison.Ordinal))
            yield return new("Check the device named here as for any AER error", $"lspci -vvv -s {e["device_id"] ?? ""}".TrimEnd());
        else if (elsewhere)
            yield return new($"Find the DIMM behind physical address 0x{CperPlace.Address(e):x}, not another processor",
                "ipmitool sel elist");
        else
            yield return new("Read the management controller's event log for the same moment", "ipmitool sel list");
    }

    private static string Where(CperError e)
    {
        var parts = new List<string>();
        string? name = CperPlace.IsMemory(e) ? CperPlace.Name(e) : null, fru = CperPlace.Fru(e);
        if (name is not null && name != fru)
            parts.Add(name);
        if (fru is not null)
            parts.Add($"FRU {fru}");
        if (CperPlace.Address(e) is { } address)
            parts.Add($"physical address 0x{address:x}");
        if (CperPlace.Module(e) is { Length: > 0 } module)
            parts.Add(module);
        if (e["device_id"] is { } device)
            parts.Add($"device {device}");
        if (e["Firmware Error Record Type"] is { } record)
            parts.Add(record);
        return string.Join(", ", parts);
    }
}
