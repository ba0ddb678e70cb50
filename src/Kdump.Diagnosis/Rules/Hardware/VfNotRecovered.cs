using Kdump.Diagnosis.Evidence.Pci;
using Kdump.Diagnosis.Hardware;

namespace Kdump.Diagnosis.Rules.Hardware;

/// <summary>
/// A physical function recovered from a PCIe error while its virtual functions were in use: their drivers, especially in guests,
/// are not notified, or resume before the physical function works again. The recovery (drivers/pci/pcie/err.c) calls only drivers
/// bound on the host. In the lab (scenario 23) both igbvf on the host were silent after a recovery that the kernel called
/// successful.
/// </summary>
public sealed class VfNotRecovered : Rule
{
    public override string Id => "vf-not-recovered";

    public override Entry Entry => new("vf-not-recovered", "a card recovered but its virtual functions did not")
    {
        Area = Area.Hardware,
        Signature = ["AER: can't recover (no error_detected callback)"],
        Cause = "The driver in a guest is not notified of the reset.",
        Origin = "drivers/pci/pcie/err.c",
    };

    /// <summary>Maximum number of errors to examine, from the last one backwards; a storm repeats itself.</summary>
    private const int MaxErrors = 16;

    /// <summary>An error and its recovery.</summary>
    private sealed record Hit(PciAddress[] Devices, AerRecovery Recovery, Fact Until)
    {
        public FindingRef[] Causes { get; init; } = ["aer-uncorrectable"];

        public bool Recovered => Recovery.Outcome is { Recovered: true } ||
            (Recovery.Outcome is null && Recovery.Steps.Any(s => s.Step.Contains("slot_reset", StringComparison.Ordinal)));
    }

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        Hit[] hits = Hits(facts);
        var judged = new HashSet<PciAddress>();
        foreach (Hit hit in Enumerable.Reverse(hits))
        {
            foreach (SriovCard card in SriovCard.Before(hit.Until, facts)
                .Where(c => Concerned(c.Address, hit.Devices, facts) && judged.Add(c.Address)))
            {
                AerStep[] vetoes = hit.Recovery.Steps.Where(
                    s => card.Named.Contains(s.Port) && s.Step.Contains("no error_detected callback", StringComparison.Ordinal)).ToArray();
                if (hit.Recovered)
                    yield return Silent(card, facts, hit);
                else if (vetoes.Length > 0 && hit.Recovery.Outcome is not null)
                    yield return Vetoed(card, vetoes, hit);
            }
        }
        if (judged.Count == 0 && hits.Any(h => h.Recovered) && Orphan(facts) is { } orphan)
        {
            yield return new Unknown(
                $"whether {orphan} hangs because its physical function was reset: no SR-IOV state of the physical function is given",
                "lspci -vvv of the host, or grep . /sys/bus/pci/devices/*/sriov_numvfs");
        }
    }

    private static Hit[] Hits(Facts facts)
    {
        Hit[] hits = facts.Of<AerError>().Where(e => !e.Corrected).TakeLast(256)
            .Select(e => (e.Device, Recovery: AerRecovery.Of(e, facts), Error: e))
            .DistinctBy(h => (h.Device, (Fact?)h.Recovery.Outcome ?? h.Error))
            .Select(h => new Hit([h.Device], h.Recovery,
                (Fact?)h.Recovery.Outcome ?? h.Error) { Causes = [new("aer-uncorrectable", $"{h.Device}")] })
            .TakeLast(MaxErrors).ToArray();
        if (hits.Length > 0 || facts.Of<AerOutcome>().LastOrDefault(o => o.Recovered) is not { } outcome)
            return hits;
        // The device's own lines are missing: take the device from the port's message or from the injection.
        PciAddress[] told = facts.Of<AerMessage>().Where(m => m.Severity != "corrected").Select(m => m.From).OfType<PciAddress>()
            .Concat(facts.Of<AerInjected>().Select(i => i.Device)).Distinct().ToArray();
        return [new Hit(told, new AerRecovery([], outcome), outcome)];
    }

    /// <summary>A virtual function whose physical function is not known.</summary>
    private static string? Orphan(Facts facts)
    {
        if (facts.Of<PciTrouble>().FirstOrDefault(t => t.Driver.EndsWith("vf", StringComparison.Ordinal)) is { } trouble)
            return $"{trouble.Device} ({trouble.Driver})";
        if (facts.Of<VirtualFunction>().FirstOrDefault(v => v.Driver is not null) is { } vf)
            return $"{vf.Address} ({vf.Driver})";
        return null;
    }

    /// <summary>The PF itself had the error, or a device on its bus, or the port above it: a reset of the bus resets them all.</summary>
    private static bool Concerned(PciAddress pf, PciAddress[] hit, Facts facts) => Array.Exists(hit, h =>
        (h.Segment == pf.Segment && h.Bus == pf.Bus && (h.Bus != 0 || h.Device == pf.Device)) ||
        facts.Of<LspciFunction>().Any(b => b.Address == h && b.Secondary <= pf.Bus && pf.Bus <= b.Subordinate) ||
        facts.Of<PciBridgeBuses>().Any(b => b.Port == h && h.Segment == pf.Segment && b.First <= pf.Bus && pf.Bus <= b.Last));

    private Finding Silent(SriovCard card, Facts facts, Hit hit)
    {
        AerRecovery recovery = hit.Recovery;
        // A guest has its own device addresses; an address that belongs to another card on the host is not of this card.
        var others = facts.Of<VirtualFunction>().Where(v => v.Pf is not null).Select(v => v.Address).ToHashSet();
        string list = string.Join(", ", card.Named.Take(8).Select(v => v.ToString())) +
            (card.Named.Count > 8 ? $" … ({card.Named.Count})" : "");
        PciTrouble? guest = facts.Of<PciTrouble>()
            .LastOrDefault(t => (card.Named.Contains(t.Device) ||
            (t.Driver.EndsWith("vf", StringComparison.Ordinal) && !others.Contains(t.Device))) && Since(t, hit));
        string driver = card.Driver is { } d ? $" ({d})" : "";
        string many = $"{Counted.Of(card.Active, "virtual function")}";
        string reset = card.Named.Count > 0 ? $"echo 1 > /sys/bus/pci/devices/{card.Named[0]}/reset" : "";
        return new Finding(Id,
            $"{card.Address}{driver} recovered from its PCIe error, its {many}{(list.Length > 0 ? $" ({list})" : "")} did not",
            Severity.Error, guest is not null ? 0.9 : 0.75,
            $"The recovery concerned the physical function while sriov_numvfs was {card.Active}. " +
                "Only drivers bound on the host are called back (error_detected, slot_reset, resume); " +
                "a VF passed to a guest is bound to vfio, and the driver in the guest is not notified: " +
                "its queues belong to a device that was reset. " +
                "A VF driver on the host is called before the physical function answers its mailbox again." +
            (card.How.Length > 0 ? $" {card.How} {list}." : "") +
                (guest is not null ? $" {guest.Driver} {guest.Device} printed: {guest.Words.TrimEnd('.')}." : "") +
                (recovery.Timeline() is { } timeline ? " " + timeline : ""))
        {
            Subject = card.Address.ToString(),
            Fixes =
            [
                new("Revive the VFs now: reset each one (FLR) and let its driver bind again; in a guest, reload the VF driver " +
                    "or detach and attach the device", reset.Length > 0 ? reset : null, "traffic of that VF stops for a moment"),
                new("If that does not help, take the VFs down and up again with their guests detached",
                    $"echo 0 > /sys/bus/pci/devices/{card.Address}/sriov_numvfs && echo {card.Active} " +
                    $"> /sys/bus/pci/devices/{card.Address}/sriov_numvfs", "every VF of the card disappears meanwhile"),
                new("Permanent fix: a PF driver that re-initialises its VFs after slot_reset and notifies them through its mailbox, " +
                    "and QEMU/vfio that passes the error on to the guest (vfio-pci err_handler and guest AER); " +
                    "until then a management agent should reset the VFs when the host logs \"device recovery successful\""),
            ],
            Evidence = [.. card.Evidence, .. recovery.Evidence(4), .. guest is null ? Array.Empty<Source>() : [guest.Source]],
            CausedBy = hit.Causes,
        };
    }

    /// <summary>
    /// The kernel gives up a device if one function below the port has no driver, or a driver without error handling
    /// (report_error_detected()).
    /// </summary>
    private Finding Vetoed(SriovCard card, AerStep[] vetoes, Hit hit)
    {
        string list = string.Join(", ", vetoes.Select(v => v.Port).Distinct().Take(8));
        return new Finding(Id, $"{card.Address} could not recover from its PCIe error because of its virtual functions ({list})",
            Severity.Error, 0.9,
            $"{(vetoes.Length == 1 ? "That function has" : "Those functions have")} no driver with an error_detected callback: " +
                "never bound, or given to a driver that takes no part in recovery. " +
                "One such function makes the kernel give up all functions below the port, " +
                "including the physical one with its good driver: it stays frozen, and everything that waits for it hangs." +
                (hit.Recovery.Timeline() is { } timeline ? " " + timeline : ""))
        {
            Subject = card.Address.ToString(),
            Fixes =
            [
                new("Take down virtual functions that no driver uses", $"echo 0 > /sys/bus/pci/devices/{card.Address}/sriov_numvfs",
                    "every VF of the card disappears"),
                new("Bind each virtual function to a driver with error handlers: its own, or vfio-pci (error_detected since 3.10)"),
            ],
            Evidence = [.. card.Evidence, .. vetoes.Select(v => v.Source).Take(2), .. hit.Recovery.Outcome is { } end ? new[] { end.Source }
                : []],
            CausedBy = hit.Causes,
        };
    }

    /// <summary>True if it was logged after the error; between different logs the order is not known.</summary>
    private static bool Since(PciTrouble trouble, Hit hit)
    {
        Source from = hit.Recovery.Steps.Count > 0 ? hit.Recovery.Steps[0].Source : hit.Until.Source;
        return trouble.Source.Input != from.Input || trouble.Source.Order >= from.Order;
    }
}
