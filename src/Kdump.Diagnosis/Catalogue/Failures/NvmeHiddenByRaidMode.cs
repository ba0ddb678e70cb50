namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class NvmeHiddenByRaidMode
{
    public static readonly Failure Entry = new("nvme-hidden-by-raid-mode",
        "the firmware's RAID mode (Intel RST) hides NVMe drives: {1}")
    {
        Area = Area.Hardware,
        Signs = ["Found {w} remapped NVMe devices"],
        Cause = "In the mode RAID (\"RST Premium\", \"Optane\") the firmware shows NVMe drives only through the SATA controller, " +
            "and Linux has no driver for that: they are absent, although Windows and the firmware show them. " +
            "A root file system on one of them is not found.",
        Fixes =
        [
            new("Set the SATA or storage mode to AHCI in the firmware's setup (a Windows on the same machine: let it start once in safe " +
                "mode, bcdedit /set safeboot minimal, so that it takes its AHCI driver)", "dmesg | grep -i -e remapped -e nvme"),
        ],
        Explains = ["root-not-found", "root-not-mounted", "unit-device-missing"],
        Origin = "drivers/ata/ahci.c ahci_remap_check()",
    };
}
