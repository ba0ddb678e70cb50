using Kdump.Diagnosis.Catalogue.Devices;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Pci;

namespace Kdump.Diagnosis.Rules.Hardware;

/// <summary>
/// Functions that an IOMMU cannot distinguish because the bridge above them lacks Access Control Services, so they share a group.
/// pci_device_group() in drivers/iommu/iommu.c joins functions of one slot, and all behind a port, that lack ACS.
/// </summary>
public sealed class AcsMissing : Rule
{
    public override string Id => "acs-missing";

    public override Entry Entry => new("acs-missing", "the IOMMU cannot distinguish two devices")
    {
        Area = Area.Hardware,
        Signature = ["… Adding to iommu group …"],
        Cause = "A bridge above them lacks Access Control Services.",
        Origin = "drivers/iommu/iommu.c pci_device_group()",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        HashSet<int> beyondRoot = [.. facts.Of<IommuGroupMember>().Where(m => m.Device.Bus != 0).Select(m => m.Group)];
        // Functions of one slot share a group on most machines; it matters where a device needs a domain of its own.
        bool asked = facts.Any<IommuDomainFailed>() || facts.Any<LspciFunction>() || facts.Of<ProbeFailed>().Any(p => p.Errno == 12);
        foreach ((int group, IommuGroupMember[] members) in Shared(facts))
        {
            LspciFunction?[] functions = members.Select(m => facts.Of<LspciFunction>().FirstOrDefault(f => f.Address == m.Device))
                .ToArray();
            bool bridges = members.All(m => m.Device.Bus == 0) || functions.All(f => f?.IsBridge == true);
            string names = string.Join(" and ", members.Take(4).Select(m => m.Device.Short));
            LspciFunction? without = functions.FirstOrDefault(f => f is { IsBridge: true, ShowsExtended: true, AcsCan: null });
            // It matters only on machines that pass devices through to guests.
            bool guests = facts.Any<IommuDomainFailed>() ||
                facts.Of<DeviceSaid>().Any(s => s.Driver.StartsWith("vfio", StringComparison.Ordinal));
            bool explains = facts.Of<ProbeFailed>().Any(p => p.Errno == 12);
            // The functions inside a chipset (LPC, SATA, SMBus) always share one group by design.
            bool chipset = members.All(m => m.Device.Bus == 0) && !functions.Any(f => f?.IsBridge == true) && !beyondRoot.Contains(group);
            if (chipset && !explains && !facts.Any<IommuDomainFailed>())
                continue;
            Severity severity;
            if (explains && bridges)
                severity = Severity.Error;
            else
                severity = explains || guests || asked ? Severity.Warning : Severity.Info;
            yield return new Finding(Id,
                $"IOMMU group {group} shared by {names}: no ACS isolation between {(bridges ? "the bridges" : "functions")}",
                severity,
                without switch { not null => 0.95, _ when bridges && explains => 0.8, _ => 0.85 },
                "Functions of one slot share a group only " +
                    $"if they lack Access Control Services{(without is not null ? $"; lspci shows none for {without.Address}" : "")}. " +
                (bridges ? "Everything behind these bridges is one group as well, so a device that needs its own domain cannot get one. " +
                    "On a good machine of the same kind each bridge has ACS and its own group: firmware or the board lost it here."
                    : "They can access each other without the IOMMU noticing, and can only be passed to a guest together."))
            {
                Subject = $"group{group}",
                Fixes = bridges
                    ? [new("Compare ACS of the same bridge on a good machine and the BIOS versions; update the BIOS, or replace the board",
                        $"lspci -vvv -s {members[0].Device.Short} | grep -i acs")]
                    : [new("Give all functions of the group to the same guest, or use a card or slot with ACS",
                        Risk: "pcie_acs_override (if the kernel has it) hides the problem and breaks isolation")],
                Evidence = members.Select(m => m.Source).Take(6).ToArray(),
            };
        }
        foreach (LspciFunction port in facts.Of<LspciFunction>()
            .Where(f => f is { ShowsExtended: true, AcsCan: null, IsBridge: true } && f.PortType is "Downstream Port" &&
            !facts.Any<IommuGroupMember>()))
        {
            yield return new Finding(Id,
                $"{port.Address} ({port.PortType}) has no ACS: devices behind it and its siblings cannot be isolated from each other",
                Severity.Info, 0.8,
                "Without Access Control Services a switch port lets its devices access each other without the IOMMU.") { Subject =
                    port.Address.ToString(), Evidence = [port.Source] };
        }
    }

    /// <summary>Groups that contain several functions of one slot, which ACS would have separated.</summary>
    internal static IEnumerable<(int Group, IommuGroupMember[] Members)> Shared(Facts facts) =>
        from g in facts.Of<IommuGroupMember>().GroupBy(m => (m.Boot, m.Group))
        let slot = g.DistinctBy(m => m.Device).GroupBy(m => (m.Device.Segment, m.Device.Bus, m.Device.Device))
            .FirstOrDefault(s => s.Count() > 1)
        where slot is not null
        orderby g.Key.Group
        select (g.Key.Group, slot.OrderBy(m => m.Device).ToArray());

}
