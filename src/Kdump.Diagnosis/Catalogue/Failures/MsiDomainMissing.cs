namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class MsiDomainMissing
{
    public static readonly Failure Entry =
        new("msi-domain-missing", "warning in pci_msi_setup_msi_irqs: no MSI interrupt domain for the bus of a device")
    {
        Area = Area.Hardware,
        Signs = [new Sign("WARNING: * pci_msi_setup_msi_irqs+", "WARNING: * pci_msi_legacy_setup_msi_irqs+",
            "WARNING: * arch_setup_msi_irqs+")],
        Severity = Severity.Warning,
        Cause = "A driver asked for MSI on a bus whose host bridge has no interrupt domain, and the request fails (-22 or -19): " +
            "not because of a lack of vectors. " +
            "Buses that an out-of-tree module (taint O) makes up, or a host bridge driver that sets none, are like that.",
        Fixes = [new("Update the module that brings the bus, or boot with pci=nomsi to see whether its devices do without",
            Risk: "pci=nomsi slows every device of the machine")],
        Kernels = "x86, since 5.11",
        Origin = "drivers/pci/msi/irqdomain.c pci_msi_setup_msi_irqs()",
    };
}
