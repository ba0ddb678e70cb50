namespace Kdump.Diagnosis.Pci;

/// <summary>
/// What drivers' own words about a device mean, as data: the driver (or the beginning of its name), words of its line, what that is,
/// and why. Sources are the drivers themselves: drivers/net/ethernet/mellanox/mlx5/core/cmd.c, drivers/nvme/host/pci.c,
/// drivers/net/ethernet/intel, drivers/scsi/megaraid, drivers/scsi/mpt3sas.
/// </summary>
public static class DriverKnowledge
{
    private static readonly (string Driver, string Words, string Id, string What, string Why)[] Rows =
    [
        ("mlx5_core", "No done completion", "device-timeout", "mlx5 firmware command timeout",
            "lost command completion: firmware or interrupt. The command was handed to the card and its completion never came, " +
            "so either the firmware hangs or the interrupt that announces it was lost"),
        ("mlx5_core", "timeout. Will cause a leak", "device-timeout", "mlx5 firmware command timeout",
            "lost command completion: firmware or interrupt. The command was handed to the card and its completion never came, " +
            "so either the firmware hangs or the interrupt that announces it was lost"),
        ("nvme", "controller is down", "device-timeout", "NVMe controller down",
            "the controller reports a fatal state; " +
            "CSTS of all ones means that it no longer answers on the bus (power, link, or a failed AER recovery)"),
        ("nvme", "timeout", "device-timeout", "NVMe command timeout",
            "a command was not answered: firmware, link, or an interrupt that was lost (look for AER and IOMMU faults before it)"),
        ("", "Failed to allocate MSI-X interrupts. Err: -22", "msi-refused", "MSI-X refused (EINVAL)",
            "MSI disabled or capability hidden: pci=nomsi, a bus without an MSI domain, or a hypervisor that does not offer it; " +
            "it is not a lack of vectors (that would be -28). The driver goes on with fewer queues"),
    ];

    public static (string Id, string What, string Why)? Find(string driver, string words)
    {
        foreach (var r in Rows)
        {
            if (driver.StartsWith(r.Driver, StringComparison.Ordinal) && words.Contains(r.Words, StringComparison.Ordinal))
                return (r.Id, r.What, r.Why);
        }
        return null;
    }
}
