using Kdump.Diagnosis.Catalogue.Devices;
using Kdump.Diagnosis.Evidence.Pci;
using Kdump.Diagnosis.Hardware;

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
        Cause = "A driver that unmapped too early, " +
            "DMA that a crashed kernel had started, or firmware tables (IORT, device tree) that do not map a device to its SMMU.",
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
        PciAddress? function = Function(first, facts);
        string device;
        if (first.Client is { } name && first.Stream is { } its)
            device = $"{name} (stream id 0x{its:x})";
        else if (first.Stream is { } sid)
            device = $"stream id 0x{sid:x}{(function is { } at ? $" (by its number {at})" : "")}";
        else
            device = "a device";
        bool unknown = first.Event is "C_BAD_STREAMID" or "C_BAD_STE" or "F_STREAM_DISABLED";
        string[] kinds = [.. events.Select(e => e.Event).Distinct()];
        return new Finding(Id, first.Stream is null ? $"the SMMU {first.Smmu}: {first.Meaning}"
            : $"the SMMU {first.Smmu} refuses requests of {device}: {first.Event}", capture ? Severity.Warning : Severity.Error, 0.9,
            $"{string.Join(", ", kinds)}: {first.Meaning}. {(events.Length == 1 ? "One event" : $"{events.Length} events")}." +
            Access(first) + Whose(first, function) +
            (unknown ? " The card is not at fault: the stream ids of the SMMU come from the firmware's tables " +
                "(IORT or device tree), in a virtual machine by its configuration." : "") +
            (function is { } its0 ? string.Concat(PciNames.Sentence(its0, facts).Select(n => " " + n)) : "") +
            (capture ? " In a crash kernel it is usually DMA that the crashed kernel had started." : ""))
        {
            Subject = $"{first.Smmu}{(first.Stream is { } id ? $"/0x{id:x}" : "")}",
            Fixes = (unknown, capture) switch
            {
                (true, _) => [new("Correct the tables: " +
                    "the bus of that device must be mapped to the SMMU (IORT, iommu-map; in QEMU the bus must be below the SMMU)")],
                (_, true) => [new("Include the device's driver in the dump image, so that it resets the device early")],
                _ => [new("Find the driver of the device and update it and the device's firmware",
                    (first.Client is { } pci && PciAddress.TryParse(pci, out PciAddress known) ? known : function) is { } one
                    ? $"lspci -D -k -s {one}" : "ls -d /sys/kernel/iommu_groups/*/devices/*")],
            },
            Evidence = [.. events.Select(e => e.Source).Take(4)],
            CausedBy = [.. facts.Of<DeviceSaid>().Where(s => s.Boot == first.Boot && s.Source.Order < first.Source.Order &&
                s.Family.Id is "pcie-link-lost" or "pcie-link-down").Select(s => $"{s.Family.Id}:{s.Device}").Distinct().Take(4)],
            Explains = events.FirstOrDefault(e => e.Event == "CMD_SYNC") is { } stuck ? [.. IommuFault.LockupsAfter(stuck, facts)] : [],
        };
    }

    private static string Access(SmmuEvent e) => e.Address switch
    {
        null => e.Access is { } only ? $" It was a {only}." : "",
        { } at => $" It was {(e.Access == "instruction fetch" ? "an" : "a")} {e.Access ?? "request"} at the device's address 0x{at:x}.",
    };

    /// <summary>
    /// The one known PCI function with the lower 16 bits as requester id. Tables may map requester ids to other numbers, so this is
    /// not certain.
    /// </summary>
    private static PciAddress? Function(SmmuEvent e, Facts facts)
    {
        if (e.Stream is not { } sid || e.V2)
            return null;
        PciAddress[] fits = [.. facts.Of<IommuGroupMember>().Select(m => m.Device)
            .Concat(facts.Of<PciFunction>().SelectMany(f => PciAddress.TryParse(f.Address, out PciAddress a) ? [a]
                : Array.Empty<PciAddress>()))
            .Concat(facts.Of<LspciFunction>().Select(f => f.Address))
            .Where(a => a.RequesterId == (int)(sid & 0xffff)).Distinct().Take(2)];
        return fits.Length == 1 ? fits[0] : null;
    }

    private static string Whose(SmmuEvent e, PciAddress? function)
    {
        if (e.Client is not null || e.Stream is not { } sid)
            return "";
        if (e.V2)
            return " Whose stream that is, the machine's tables tell: iommus= and iommu-map= of the device tree, or IORT.";
        PciAddress bare = PciAddress.FromRequesterId(0, (int)(sid & 0xffff));
        return function is { } one ? $" The lower 16 bits are {one}'s requester id, the only such device here; " +
                "IORT could still map them otherwise."
            : $" If IORT maps requester ids unchanged, it is the PCI function {bare.Short} of one of the machine's segments.";
    }
}
