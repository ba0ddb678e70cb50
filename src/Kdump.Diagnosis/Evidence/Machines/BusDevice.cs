namespace Kdump.Diagnosis.Evidence.Machines;

/// <summary>A device between a PCI function and its disk or link: virtio0, nvme0, host2, ata1, eth0.</summary>
/// <param name="Bus">virtio, nvme, scsi, ata, net.</param>
/// <param name="Name">As the kernel numbers it.</param>
/// <param name="Driver">Bound driver, where the bus has such; empty for none.</param>
/// <param name="Pci">The PCI function it sits on; empty for none.</param>
/// <param name="State">What the bus says of it: <c>live</c>, <c>running</c>, <c>up</c>, model; may be empty.</param>
/// <param name="Modules">As for a PCI function.</param>
public sealed record BusDevice(Source Source, string Bus, string Name, string Driver, string Pci, string State, string? Modules)
    : Fact(Source)
{
    /// <summary>On this bus every device needs a driver of its own, and this one has none.</summary>
    public bool Unbound => Bus == "virtio" && Driver.Length == 0;
}
