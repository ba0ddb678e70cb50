namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class NvmeRegistersUnreadable
{
    public static readonly Failure Entry =
        new("nvme-registers-unreadable",
        "the NVMe controller {1} is down: its registers read all ones, its configuration space still answers")
    {
        Area = Area.Hardware,
        Signs = ["^nvme {d}: controller is down; will reset: CSTS=0xffffffff, PCI_STATUS=0x10"],
        Subject = 1,
        Confidence = 0.9,
        Cause = "The link is up and the controller behind it sleeps or hangs. " +
            "Usually it does not wake up from power saving: its own (APST) or the link's (ASPM); heat and firmware do the same.",
        Fixes =
        [
            new("To see whether power saving does it, boot with nvme_core.default_ps_max_latency_us=0 pcie_aspm=off",
                "grubby --update-kernel=ALL --args='nvme_core.default_ps_max_latency_us=0 pcie_aspm=off'",
                "the drive stays warmer, the machine draws more"),
            new("Update the drive's firmware and the BIOS; look at its temperature", "nvme smart-log /dev/nvme0"),
        ],
        Explains = ["driver-probe-failed:{1}"],
        CausedBy = ["aer-uncorrectable", "nvme-command-timeout"],
        Kernels = "since 4.11; the hint about power saving since 6.2",
        Origin = "drivers/nvme/host/pci.c nvme_warn_reset(); github.com/raspberrypi/linux/issues/6661",
    };
}
