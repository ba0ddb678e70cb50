namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>
/// What drivers say just before their probe fails, and what it means: the device's own words come before what an error number mostly means.
/// Wordings: drivers/net/ethernet/intel, drivers/ata/ahci.c, drivers/nvme, drivers/pci/pci.c and setup-res.c, drivers/base/firmware_loader.
/// </summary>
/// <param name="Words">Parts of a line, one of which it holds (capitals count for nothing).</param>
/// <param name="Means">What that means, as the end of a sentence.</param>
/// <param name="Fixes">What to do, for a device.</param>
internal sealed record ProbeReason(string[] Words, string Means, Func<string, bool, Fix[]> Fixes)
{
    private static readonly ProbeReason[] All =
    [
        new(["checksum is not valid", "invalid nvm checksum", "eeprom checksum", "nvm checksum"],
            "the checksum of the card's own memory (NVM, EEPROM) is wrong: " +
                "it is damaged, was never written, or cannot be read because the card is passed through to a guest",
            (device, _) =>
            [
                new("Disconnect the machine from power for a minute and try again; " +
                    $"try {device} in another machine, or on the host instead of in a guest: " +
                    "if the checksum is wrong there too, its NVM must be rewritten with the vendor's tool"),
            ]),
        new(["forcing 32bit", "can't do 64bit dma", "no usable dma", "no suitable dma"],
            "it can reach only the lowest 4 GB of memory by DMA, so -12 means that none of that memory was free, not that memory is short",
            (_, capture) => capture
                ? [new("Reserve low memory for the crash kernel, too: " +
                    "crashkernel=256M,high crashkernel=128M,low on the first kernel's command line, then a reboot",
                    "grubby --update-kernel=ALL --args=\"crashkernel=256M,high crashkernel=128M,low\"   # Debian: " +
                        "/etc/default/grub.d/kdump-tools.cfg, update-grub", "that much memory is lost to the running system")]
                : [new("Enable the IOMMU in the firmware's setup so that it translates for the device, or update the firmware: " +
                    "it must leave memory below 4 GB that devices can reach", "dmesg | grep -iE 'iommu|swiotlb|DMA32'")]),
        new(["change power state", "device inaccessible", "config space inaccessible"],
            "it does not answer at all: it has no power, or the link to it is down",
            (device, _) => [new($"Keep {device} out of deep sleep, then boot again; look at slot, cable and power",
                Sysfs(device, "d3cold_allowed") is { } cold ? $"echo 0 > {cold}" : null)]),
        new(["can't reserve", "can't claim", "cannot request", "could not request", "can't ioremap", "cannot map", "failed to assign",
            "no compatible bridge window", "ioremap failed", "failed to ioremap"],
            "its address window (BAR) could not be allocated: another device or the firmware uses the range, or there is no space",
            (_, _) => [new("Let the kernel reassign the windows (pci=realloc), and enable \"Above 4G decoding\" in the firmware's setup",
                "grubby --update-kernel=ALL --args=pci=realloc   # Debian: /etc/default/grub, update-grub", "needs a reboot")]),
        new(["flags mismatch irq"],
            "it got no interrupt of its own " +
                "(MSI, MSI-X), and the line that it fell back to belongs to another device that does not share it",
            (_, _) => [new("See what the device offers and how many interrupts are in use: " +
                "with very many devices, queues or virtual functions the CPUs' vectors run out; use fewer of them, or more CPUs",
                    "wc -l /proc/interrupts; lspci -vv | grep -c 'MSI-X: Enable+'")]),
        new(["device not ready", "not respond", "timed out", "timeout", "no response", "dead"],
            "it did not answer in time",
            (device, _) => [new($"Reset {device} alone and bind it again; if it still does not answer, disconnect the machine from power",
                Sysfs(device, "reset") is { } reset ? $"echo 1 > {reset}" : null)]),
    ];

    /// <summary>Where sysfs keeps a device: by bus address, NVMe controllers also by name; null for others.</summary>
    private static string? Sysfs(string device, string attribute)
    {
        if (PciAddress.TryParse(device, out PciAddress bdf))
            return $"/sys/bus/pci/devices/{bdf}/{attribute}";
        if (device.StartsWith("nvme", StringComparison.Ordinal) && PlainWord.Is(device))
            return $"/sys/class/nvme/{device}/device/{attribute}";
        return null;
    }

    public static ProbeReason? Of(string words) =>
        Array.Find(All, r => Array.Exists(r.Words, w => words.Contains(w, StringComparison.OrdinalIgnoreCase)));
}
