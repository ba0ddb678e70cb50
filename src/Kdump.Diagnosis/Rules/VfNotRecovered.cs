using Kdump.Diagnosis.Evidence;

namespace Kdump.Diagnosis.Rules;

/// <summary>
/// A physical function recovered from a PCIe error by a reset while virtual functions of it were in use: their drivers, in guests above
/// all, are told nothing and wait for ever. The recovery (drivers/pci/pcie/err.c) calls back drivers bound on the host only.
/// </summary>
public sealed class VfNotRecovered : Rule
{
    public override string Id => "vf-not-recovered";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        AerOutcome? outcome = facts.Of<AerOutcome>().LastOrDefault(o => o.Recovered);
        bool reset = facts.Of<AerStep>().Any(s => s.Step.Contains("slot_reset", StringComparison.Ordinal));
        if (outcome is null && !reset)
            yield break;
        LspciFunction[] functions = facts.Of<LspciFunction>().ToArray();
        PciAddress[] hit = facts.Of<AerError>().Select(e => e.Device).Concat(facts.Of<AerInjected>().Select(i => i.Device)).Distinct().ToArray();
        foreach (LspciFunction pf in functions.Where(f => f.Sriov is { Enabled: true, Active: > 0 } && Concerned(f, hit, functions)).DistinctBy(f => f.Address))
            yield return Of(pf, functions, facts, outcome);
        if (functions.All(f => f.Sriov is null) && facts.Of<PciTrouble>() is var troubles && troubles.FirstOrDefault(t => t.Driver.EndsWith("vf", StringComparison.Ordinal)) is { } vf)
        {
            yield return new Unknown($"whether {vf.Device} ({vf.Driver}) hangs because its physical function was reset: no SR-IOV state of the physical function is given",
                "lspci -vvv of the host, or cat /sys/bus/pci/devices/*/sriov_numvfs");
        }
    }

    /// <summary>The PF itself had the error, or a device on its bus, or the port above it: a reset of the bus resets them all.</summary>
    private static bool Concerned(LspciFunction pf, PciAddress[] hit, LspciFunction[] all) => Array.Exists(hit, h =>
        (h.Segment == pf.Address.Segment && h.Bus == pf.Address.Bus) || Array.Exists(all, b => b.Address == h && b.Secondary <= pf.Address.Bus && pf.Address.Bus <= b.Subordinate));

    private Finding Of(LspciFunction pf, LspciFunction[] functions, Facts facts, AerOutcome? outcome)
    {
        SriovState sriov = pf.Sriov!;
        PciAddress[] vfs = sriov.Functions(pf.Address).ToArray();
        string list = string.Join(", ", vfs.Take(8).Select(v => v.ToString())) + (vfs.Length > 8 ? $" … ({vfs.Length})" : "");
        PciTrouble? guest = facts.Of<PciTrouble>().FirstOrDefault(t => t.Driver.EndsWith("vf", StringComparison.Ordinal) || vfs.Contains(t.Device));
        var evidence = new List<Source> { pf.Source };
        evidence.AddRange(functions.Where(f => vfs.Contains(f.Address)).Select(f => f.Source).Take(2));
        evidence.AddRange(facts.Of<AerStep>().Select(s => s.Source).Take(4));
        if (outcome is not null)
            evidence.Add(outcome.Source);
        if (guest is not null)
            evidence.Add(guest.Source);
        string driver = pf.Driver is { } d ? $" ({d})" : "";
        return new Finding(Id, $"{pf.Address}{driver} recovered from its PCIe error, its {sriov.Active} virtual function{(sriov.Active == 1 ? "" : "s")} ({list}) did not",
            Severity.Error, guest is not null ? 0.9 : 0.75,
            $"The recovery reset the physical function while sriov_numvfs was {sriov.Active}. Only drivers bound on the host are called back (error_detected, slot_reset, resume); a VF handed to a guest sits on vfio, " +
            $"and the driver in the guest learns nothing: its queues point into a device that was reset. By routing id (offset {sriov.Offset}, stride {sriov.Stride}) the VFs are {list}." +
            (guest is not null ? $" {guest.Driver} said: {guest.Words}." : "") + (AerUncorrectable.Timeline(facts) is { } timeline ? " " + timeline : ""))
        {
            Subject = pf.Address.ToString(),
            Fixes =
            [
                new("Revive the VFs now: reset each one (FLR) and let its driver bind again; in a guest, reload the VF driver or detach and attach the device",
                    vfs.Length > 0 ? $"echo 1 > /sys/bus/pci/devices/{vfs[0]}/reset" : null, "traffic of that VF stops for a moment"),
                new("If that does not help, take the VFs down and up again with their guests detached", $"echo 0 > /sys/bus/pci/devices/{pf.Address}/sriov_numvfs && echo {sriov.Active} > /sys/bus/pci/devices/{pf.Address}/sriov_numvfs", "every VF of the card disappears meanwhile"),
                new("For good: a PF driver that re-initialises its VFs after slot_reset and notifies them through its mailbox, and QEMU/vfio that passes the error on to the guest (vfio-pci err_handler and guest AER); until then a management agent should reset the VFs when the host logs \"device recovery successful\""),
            ],
            Evidence = evidence,
            CausedBy = ["aer-uncorrectable"],
        };
    }
}
