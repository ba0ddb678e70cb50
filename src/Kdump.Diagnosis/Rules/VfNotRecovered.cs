using Kdump.Diagnosis.Evidence;
using Kdump.Diagnosis.Pci;

namespace Kdump.Diagnosis.Rules;

/// <summary>
/// A physical function recovered from a PCIe error while virtual functions of it were in use: their drivers, in guests above all, are told
/// nothing, or come back before the physical function is there again. The recovery (drivers/pci/pcie/err.c) calls back drivers bound on the
/// host only. In the lab (scenario 23) both igbvf on the host were silent after a recovery that the kernel called successful.
/// </summary>
public sealed class VfNotRecovered : Rule
{
    public override string Id => "vf-not-recovered";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        AerError? error = facts.Of<AerError>().LastOrDefault(e => !e.Corrected && AerRecovery.Of(e, facts) is var r && (r.Outcome is { Recovered: true } || r.Steps.Any(s => s.Step.Contains("slot_reset", StringComparison.Ordinal))));
        Fact? recovered = error is not null ? (Fact?)AerRecovery.Of(error, facts).Outcome ?? error : facts.Of<AerOutcome>().LastOrDefault(o => o.Recovered);
        if (recovered is null)
            yield break;
        PciAddress[] hit = facts.Of<AerError>().Where(e => !e.Corrected).Select(e => e.Device).Concat(facts.Of<AerMessage>().Where(m => m.Severity != "corrected").Select(m => m.From).OfType<PciAddress>())
            .Concat(facts.Of<AerInjected>().Select(i => i.Device)).Distinct().ToArray();
        SriovCard[] cards = SriovCard.Before(recovered, facts).Where(c => Concerned(c.Address, hit, facts)).ToArray();
        foreach (SriovCard card in cards)
            yield return Of(card, facts, error is null ? new AerRecovery([], recovered as AerOutcome) : AerRecovery.Of(error, facts), recovered);
        if (cards.Length == 0 && Orphan(facts) is { } orphan)
        {
            yield return new Unknown($"whether {orphan} hangs because its physical function was reset: no SR-IOV state of the physical function is given",
                "lspci -vvv of the host, or grep . /sys/bus/pci/devices/*/sriov_numvfs");
        }
    }

    /// <summary>A virtual function whose card nothing names.</summary>
    private static string? Orphan(Facts facts) =>
        facts.Of<PciTrouble>().FirstOrDefault(t => t.Driver.EndsWith("vf", StringComparison.Ordinal)) is { } trouble ? $"{trouble.Device} ({trouble.Driver})"
        : facts.Of<VirtualFunction>().FirstOrDefault(v => v.Driver is not null) is { } vf ? $"{vf.Address} ({vf.Driver})" : null;

    /// <summary>The PF itself had the error, or a device on its bus, or the port above it: a reset of the bus resets them all.</summary>
    private static bool Concerned(PciAddress pf, PciAddress[] hit, Facts facts) => Array.Exists(hit, h =>
        (h.Segment == pf.Segment && h.Bus == pf.Bus && (h.Bus != 0 || h.Device == pf.Device)) ||
        facts.Of<LspciFunction>().Any(b => b.Address == h && b.Secondary <= pf.Bus && pf.Bus <= b.Subordinate) ||
        facts.Of<PciBridgeBuses>().Any(b => b.Port == h && h.Segment == pf.Segment && b.First <= pf.Bus && pf.Bus <= b.Last));

    private Finding Of(SriovCard card, Facts facts, AerRecovery recovery, Fact recovered)
    {
        string list = string.Join(", ", card.Named.Take(8).Select(v => v.ToString())) + (card.Named.Count > 8 ? $" … ({card.Named.Count})" : "");
        PciTrouble? guest = facts.Of<PciTrouble>().LastOrDefault(t => (t.Driver.EndsWith("vf", StringComparison.Ordinal) || card.Named.Contains(t.Device)) && Since(t, recovery, recovered));
        string driver = card.Driver is { } d ? $" ({d})" : "";
        string many = $"{card.Active} virtual function{(card.Active == 1 ? "" : "s")}";
        string reset = card.Named.Count > 0 ? $"echo 1 > /sys/bus/pci/devices/{card.Named[0]}/reset" : "";
        return new Finding(Id, $"{card.Address}{driver} recovered from its PCIe error, its {many}{(list.Length > 0 ? $" ({list})" : "")} did not",
            Severity.Error, guest is not null ? 0.9 : 0.75,
            $"The recovery concerned the physical function while sriov_numvfs was {card.Active}. Only drivers bound on the host are called back (error_detected, slot_reset, resume); a VF handed to a guest sits on vfio, " +
            "and the driver in the guest learns nothing: its queues point into a device that was reset. A VF driver on the host is called before the physical function answers its mailbox again." +
            (card.How.Length > 0 ? $" {card.How} {list}." : "") + (guest is not null ? $" {guest.Driver} {guest.Device} said: {guest.Words.TrimEnd('.')}." : "") + (recovery.Timeline() is { } timeline ? " " + timeline : ""))
        {
            Subject = card.Address.ToString(),
            Fixes =
            [
                new("Revive the VFs now: reset each one (FLR) and let its driver bind again; in a guest, reload the VF driver or detach and attach the device", reset.Length > 0 ? reset : null, "traffic of that VF stops for a moment"),
                new("If that does not help, take the VFs down and up again with their guests detached", $"echo 0 > /sys/bus/pci/devices/{card.Address}/sriov_numvfs && echo {card.Active} > /sys/bus/pci/devices/{card.Address}/sriov_numvfs", "every VF of the card disappears meanwhile"),
                new("For good: a PF driver that re-initialises its VFs after slot_reset and notifies them through its mailbox, and QEMU/vfio that passes the error on to the guest (vfio-pci err_handler and guest AER); until then a management agent should reset the VFs when the host logs \"device recovery successful\""),
            ],
            Evidence = [.. card.Evidence, .. recovery.Evidence(4), .. guest is null ? Array.Empty<Source>() : [guest.Source]],
            CausedBy = ["aer-uncorrectable"],
        };
    }

    /// <summary>It was said after the error; of another log the order is not known.</summary>
    private static bool Since(PciTrouble trouble, AerRecovery recovery, Fact recovered)
    {
        Source from = recovery.Steps.Count > 0 ? recovery.Steps[0].Source : recovered.Source;
        return trouble.Source.Input != from.Input || trouble.Source.Line >= from.Line;
    }
}
