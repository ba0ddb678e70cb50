using Kdump.Diagnosis.Catalogue.Devices;
using Kdump.Diagnosis.Evidence.Pci;

namespace Kdump.Diagnosis.Rules.Hardware;

/// <summary>An Arm SMMU refused requests of a device.</summary>
public sealed class SmmuFault : Rule
{
    public override string Id => "smmu-fault";

    public override Entry Entry => new("smmu-fault", "an Arm SMMU refuses requests of a device")
    {
        Area = Area.Hardware,
        Signature =
        [
            "arm-smmu-v3 …: event 0x10 received:",
            "arm-smmu-v3 …: event: C_BAD_STREAMID client: … sid: …",
            "arm-smmu …: Unhandled context fault: fsr=…, iova=…",
        ],
        Cause = "A driver that unmapped too early, DMA that a crashed kernel had started, or firmware tables (IORT, device tree) that " +
            "do not map a device to its SMMU.",
        Origin = "drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c, arm-smmu/arm-smmu.c; Arm SMMUv3 architecture, event records",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (var stream in facts.Of<SmmuEvent>().GroupBy(e => (e.Smmu, e.Stream)).OrderBy(g => g.First().Source.Order))
            yield return Of(stream.ToArray(), facts);
    }

    private Finding Of(SmmuEvent[] events, Facts facts)
    {
        SmmuEvent first = events.OrderByDescending(e => e.Client is not null).First();
        bool capture = first.Boot?.Capture == true;
        string device = first.Stream is { } sid
            ? $"stream id 0x{sid:x}{(sid <= 0xffff ? $" (as a PCI requester {PciAddress.FromRequesterId(0, (int)sid)})" : "")}" : "a " +
                "device";
        bool unknown = first.Event is "C_BAD_STREAMID" or "C_BAD_STE" or "F_STREAM_DISABLED";
        string[] kinds = [.. events.Select(e => e.Event).Distinct()];
        return new Finding(Id, first.Stream is null ? $"the SMMU {first.Smmu}: {first.Meaning}"
            : $"the SMMU {first.Smmu} refuses requests of {device}: {first.Event}", capture ? Severity.Warning : Severity.Error, 0.9,
            $"{string.Join(", ", kinds)}: {first.Meaning}. {events.Length} events." +
            (first.Client is { } client ? $" The kernel knows it as {client}." : "") +
            (first.Address is { } at and not 0 ? $" Address 0x{at:x}." : "") +
            (unknown ? " The card is not at fault: the stream ids of the SMMU come from the firmware's tables (IORT or device " +
                "tree), " +
                "in a virtual machine by its configuration." : "") +
            (capture ? " In a crash kernel it is usually DMA that the crashed kernel had started." : ""))
        {
            Subject = $"{first.Smmu}{(first.Stream is { } id ? $"/0x{id:x}" : "")}",
            Fixes = unknown
                ? [new("Correct the tables: the bus of that device must be mapped to the SMMU (IORT, iommu-map; in QEMU the bus must be " +
                    "below the SMMU)")]
                : capture ? [new("Include the device's driver in the dump image, so that it resets the device early")]
                : [new("Find the driver of the device and update it and the device's firmware", first.Stream is <= 0xffff and { } rid
                    ? $"lspci -k -s {PciAddress.FromRequesterId(0, (int)rid)}" : null)],
            Evidence = [.. events.Select(e => e.Source).Take(4)],
            CausedBy = [.. facts.Of<DeviceSaid>().Where(s => s.Boot == first.Boot && s.Source.Order < first.Source.Order &&
                s.Family.Id is "pcie-link-lost" or "pcie-link-down").Select(s => $"{s.Family.Id}:{s.Device}").Distinct().Take(4)],
            Explains = events.FirstOrDefault(e => e.Event == "CMD_SYNC") is { } stuck ? [.. IommuFault.LockupsAfter(stuck, facts)] : [],
        };
    }
}
