using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Pci;

namespace Kdump.Diagnosis.Rules.Hardware;

/// <summary>
/// The IOMMU could not create a domain for one device and removed every device from its group again; from then on each DMA
/// allocation through it fails with -ENOMEM: a driver's probe fails with -12 on a machine with plenty of memory.
/// intel_iommu_add_device() before 5.8.
/// </summary>
public sealed class IommuGroupFailed : Rule
{
    private const int Enomem = 12;

    public override string Id => "iommu-group-failed";

    public override Entry Entry => new("iommu-group-failed", "an IOMMU domain could not be set up, and DMA allocations fail")
    {
        Area = Area.Starting,
        Signature = ["Failed to add to iommu group …"],
        Cause = "One device could not be attached; " +
            "every probe that uses the IOMMU then fails with -12 although the machine has plenty of memory.",
        Origin = "drivers/iommu/iommu.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        IReadOnlyList<IommuDomainFailed> failed = facts.Of<IommuDomainFailed>();
        IReadOnlyList<IommuGroupLeft> left = facts.Of<IommuGroupLeft>();
        ProbeFailed[] refused = facts.Of<ProbeFailed>().Where(p => p.Errno == Enomem && PciAddress.TryParse(p.Device, out _)).ToArray();
        IommuParameter? on = facts.Of<IommuParameter>()
            .FirstOrDefault(p => p.Text.Contains("iommu=on", StringComparison.Ordinal) ||
            p.Text.Contains("iommu=pt", StringComparison.Ordinal));
        bool rolledBack = left.Count > 1;
        if (failed.Count > 0 || (rolledBack && refused.Length > 0))
        {
            string who = failed.FirstOrDefault(f => f.Device is not null)?.Device is { } d ? $" for {d}" : "";
            // Since 5.8 only the device that fails stays outside.
            bool all = rolledBack || failed.Any(f => f.Words.Contains("private domain", StringComparison.Ordinal));
            string rest = all ? "What had been added is rolled back. " : "";
            yield return new Finding(Id, $"the IOMMU could not set up a domain{who}" + (all ? " and gave up on all devices" : ""),
                Severity.Error, refused.Length > 0 ? 0.95 : 0.8,
                ((failed.Count > 0 ? $"\"{failed[0].Words}\". " : "") +
                (rolledBack ? $"{Counted.Of(left.Count, "device", "was", "were")} taken out of their groups again. " : rest) +
                "DMA memory is allocated through the IOMMU (dma_alloc_coherent), so each later allocation fails with -12 (ENOMEM) " +
                "although memory is plentiful."))
            {
                Fixes = Fixes,
                Evidence = [.. failed.Select(f => f.Source).Take(3), .. left.Select(l => l.Source).Take(3),
                    .. refused.Select(r => r.Source).Take(2)],
                CausedBy = ["acs-missing"],
            };
            yield break;
        }
        if (refused.Length == 0 || (on is null && !facts.Any<IommuGroupMember>()))
            yield break;
        // Without its own log line this is inferred from -12 of PCI drivers, an enabled IOMMU, and devices that never got a group.
        HashSet<PciAddress> grouped = facts.Of<IommuGroupMember>().Select(m => m.Device).ToHashSet();
        bool outside = refused.All(r => PciAddress.TryParse(r.Device, out PciAddress d) && !grouped.Contains(d));
        bool shared = grouped.Count > 0 && AcsMissing.Shared(facts).Any();
        if (!outside || (on is null && !shared))
            yield break;
        yield return new Finding(Id,
            $"no IOMMU domain for {string.Join(", ", refused.Select(r => r.Device).Distinct().Take(4))}: DMA allocations fail with -12",
            Severity.Error, shared && on is not null ? 0.75 : 0.55,
            $"The probe fails with -12 (ENOMEM) while {(on is null ? "an IOMMU is in use" : $"the IOMMU is switched on ({on.Text})")}, " +
                "and " + (grouped.Count > 0 ? "the log puts other devices into IOMMU groups but not the failing ones"
                    : "no line of the log puts the device into an IOMMU group") + ": when adding one device fails " +
            "(\"Failed to get a private domain\"), " +
            "the kernel rolls back all of them, and each dma_alloc_coherent() through the IOMMU fails.")
        {
            Fixes = Fixes,
            Evidence = [.. refused.Select(r => r.Source).Take(4), .. on is null ? Array.Empty<Source>() : [on.Source]],
            CausedBy = ["acs-missing"],
        };
        yield return new Unknown(
            "whether the IOMMU really rolled back its groups: the line that says which device failed is not in the input",
            "the whole dmesg of that boot: lines with \"iommu\", \"DMAR\" and \"private domain\"");
    }

    private static readonly Fix[] Fixes =
    [
        new("Test: boot without iommu=pt intel_iommu=on; if the drivers then start, the IOMMU's initialisation is the cause, " +
            "not memory and not the card", Risk: "no device can be given to a guest while the IOMMU is off"),
        new("Compare with a good machine of the same kind: IOMMU groups, ACS of every bridge, BIOS version (kdt host diff); " +
            "then update the BIOS or replace the board whose bridge lost ACS"),
    ];
}
