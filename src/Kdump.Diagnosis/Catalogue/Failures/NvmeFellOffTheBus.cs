namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class NvmeFellOffTheBus
{
    public static readonly Failure Entry = new("nvme-fell-off-the-bus", "the NVMe controller {1} fell off the bus")
    {
        Area = Area.Hardware,
        Signs = [new Sign("^nvme {d}: controller is down; will reset: CSTS=0xffffffff, PCI_STATUS=0xffff",
            "^nvme {d}: controller is down; will reset: CSTS=0xffffffff, PCI_STATUS read failed")],
        Subject = 1,
        Confidence = 0.95,
        Cause = "Neither its registers nor its configuration space answer: " +
            "the link is down or the drive has no power. A bad slot or cable, " +
            "a supply that sags under load, link power saving that it does not come back from, or a failed recovery of the port above.",
        Fixes =
        [
            new("Reseat the drive, try another slot and supply; look at the port above it", "lspci -vvv"),
            new("To see whether link power saving does it, boot with pcie_aspm=off pcie_port_pm=off", null, "the machine draws more"),
        ],
        Explains = ["driver-probe-failed:{1}"],
        CausedBy = ["aer-uncorrectable", "nvme-command-timeout"],
        Kernels = "since 4.11",
        Origin = "drivers/nvme/host/pci.c nvme_warn_reset(); github.com/Joshua-Riek/ubuntu-rockchip/issues/155",
    };
}
