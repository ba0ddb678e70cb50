using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Hardware;
using Kdump.Diagnosis.MachineChecks;
using Kdump.Diagnosis.MachineChecks.Records;
using Kdump.Diagnosis.Text;
using Kdump.Diagnosis.Times;

namespace Kdump.Diagnosis.Rules.Hardware;

/// <summary>Sentences shared by the rules about machine checks.</summary>
internal static class MceSentences
{
    /// <summary>
    /// True if the record was left in the bank: it says so itself, or the log shows that hardware reset the machine and only the
    /// decoder of AMD's records, which runs later, printed it.
    /// </summary>
    public static bool LeftOver(MceGroup group, Facts facts)
    {
        MachineCheck r = group.First.Record;
        return group.First.LeftOver || (r is { ContextCorrupt: true, McgStatus: null, Package: null, IsAmd: true } &&
            facts.Of<ResetReason>().Any(x => x.Source.Input == r.Sources[0].Input && x.Source.Line < r.Sources[0].Line));
    }

    /// <summary>
    /// True if the kernel dealt with the page of a record that demands an action (SRAR): it went on, whatever the record alone says.
    /// </summary>
    public static bool Survived(MceGroup group, Facts facts)
    {
        MachineCheck r = group.First.Record;
        if (r is not { ContextCorrupt: false, NormalisedAddress: false, Addr: > 0xfff and var address } ||
            ((r.Status & MciStatus.Ar) is not > 0 && !r.ConsumedPoison))
            return false;
        ulong page = address >> 12;
        string input = r.Sources[0].Input;
        return facts.Of<PoisonedPage>().Any(p => p.Source.Input == input && PageCluster.PageOf(p.Pfn) == page &&
                p.Result.StartsWith("Recovered", StringComparison.Ordinal)) ||
            (!facts.Any<MachineCheckPanic>() && (facts.Of<PoisonVictim>().Any(v => v.Source.Input == input &&
                PageCluster.PageOf(v.Pfn) == page) || facts.Of<PoisonMet>().Any(m => m.Source.Input == input && m.Address >> 12 == page)));
    }

    public static string WhoReported(MceGroup group)
    {
        uint[] cpus = group.Cpus.ToArray();
        return cpus.Length switch
        {
            0 => group.First.Record.Package ?? "CPU not known",
            1 => $"CPU {cpus[0]}",
            _ => $"one event reported by {Counted.Of(cpus.Length, "CPU")} " +
                $"({string.Join(", ", cpus.Take(8))}{(cpus.Length > 8 ? " …" : "")})",
        };
    }

    /// <summary>Time of a line in seconds: since boot, otherwise the logger's time.</summary>
    public static double? Seconds(Source source) => KernelLine.Parse(source.Text).Time ?? WallTime.Of(source.Text)?.Seconds;

    /// <summary>Bank, socket and address, as far as they are known.</summary>
    public static string Place(MachineCheck r)
    {
        var parts = new List<string>();
        if (r.Bank is { } bank && !r.FromFirmware)
            parts.Add($"bank {bank}");
        if (r.Northbridge is { } node)
            parts.Add($"node {node}");
        if (r.Socket is { } socket)
            parts.Add($"socket {socket}");
        if (r.Addr is > 0 and var address && !r.NormalisedAddress)
            parts.Add($"address 0x{address:x}");
        return string.Join(", ", parts);
    }

    /// <summary>
    /// Channel and module of a memory error, where the processor writes them into MISC: Nehalem and Westmere (Intel SDM volume 3B,
    /// incremental decoding for 06_1AH and 06_2CH). Elsewhere null.
    /// </summary>
    public static string? Module(MceEvent e) => e is { Processor: "Nehalem / Westmere", Kind: MceKind.Memory } &&
        e.Record is { Misc: { } misc, Status: { } status } && (status & MciStatus.MiscV) != 0 && (status & 0xffff) >> 7 == 1
            ? $"channel {misc >> 18 & 3}, DIMM {misc >> 16 & 3}" : null;

    /// <summary>What the error is about, and what it is not about.</summary>
    public static string About(MceEvent e) => e.Kind switch
    {
        _ when e.Record.ConsumedPoison =>
            "It is about data that was already marked bad when a core used it, usually from memory. " +
                "The CPU that reported it is the victim, not the cause.",
        MceKind.Memory => "Memory is affected, not the CPU that reported it.",
        MceKind.InputOutput =>
            "Input and output are affected: a PCIe device or the path between it and memory, not the CPU that reported it.",
        MceKind.Timer =>
            "A core stopped because it waited too long: often for a device that did not answer; rarely the core itself is faulty.",
        MceKind.Bus when e.DramIfAmd =>
            "Nothing here tells whose processor it is. Bank 4 of an AMD K8 or K10 is the northbridge, and this status " +
                "is an ECC error of memory there; elsewhere the link between processors or chips is affected.",
        MceKind.Bus when e.IsAmd =>
            "What the processor exchanges with the rest of the machine is affected: memory, other processors, I/O links.",
        MceKind.Bus or MceKind.Link => "The link between processors or chips is affected.",
        _ when e.Record.Socket is { } s => $"The processor itself is affected (socket {s}).",
        _ when e.Record.Package is { } p => $"The processor itself is affected ({p}).",
        _ => "The processor itself is affected.",
    };

    /// <summary>The DIMM according to EDAC or SMBIOS, or a sentence that neither names it.</summary>
    public static string? Dimm(MceGroup group, DimmLedger ledger, Facts facts)
    {
        MceEvent e = group.First;
        if (e.Kind != MceKind.Memory && !e.Record.ConsumedPoison)
            return null;
        if (ledger.Of(group) is { } entry)
            return entry.Sentence;
        if (e.Record is { Addr: > 0xfff and var address, NormalisedAddress: false } && facts.Of<CperError>()
            .FirstOrDefault(c => CperPlace.Address(c) >> 12 == address >> 12 && CperPlace.Name(c) is not null) is { } report)
            return $"Firmware names the place for the same address: {CperPlace.Name(report)}.";
        if (DimmPlace.Words(e, facts) is { } dimm)
            return dimm;
        return e.Kind == MceKind.Memory && facts.Any<EdacError>() ? "No line of EDAC in this log is about it, so the DIMM is unknown."
            : null;
    }

    /// <summary>The sign that this kernel is a guest, which sees only the errors that its hypervisor forwards.</summary>
    public static GuestSign? Guest(MachineCheck r, Facts facts)
    {
        if (r.Sources[0].Text.StartsWith("(XEN)", StringComparison.Ordinal))
            return null;
        // Hypervisors show a microcode revision of all ones, or 1.
        return facts.Of<GuestSign>().FirstOrDefault(g => g.Source.Input == r.Sources[0].Input) ??
            (r.Microcode is uint.MaxValue ? new GuestSign(r.Sources[^1], "a hypervisor (microcode ffffffff)") : null);
    }

    public static string InGuest(GuestSign guest) =>
        $"This kernel is a guest ({guest.Hypervisor}): " +
            "the hypervisor forwarded the machine check, and the faulty part is named in the host's own log, if anything is.";

    public static readonly Fix AskHost = new("Check the host for the same moment: its kernel log or event log (Windows: WHEA-Logger), " +
        "its management controller, its firmware, microcode and hypervisor version; nothing needs to be replaced inside the guest");

    public static IEnumerable<string> NotesOf(MceEvent e) =>
        e.Notes.Where(n => n.StartsWith("not enabled", StringComparison.Ordinal) || n.StartsWith("logged at boot",
            StringComparison.Ordinal) ||
            n.StartsWith("root port", StringComparison.Ordinal) || n.StartsWith("ADDR 0x", StringComparison.Ordinal) ||
            n.StartsWith("memory channel", StringComparison.Ordinal) || n.StartsWith("HBM stack", StringComparison.Ordinal) ||
            n.StartsWith("the firmware's name", StringComparison.Ordinal))
        .Select(n => char.ToUpperInvariant(n[0]) + n[1..] + ".");
}
