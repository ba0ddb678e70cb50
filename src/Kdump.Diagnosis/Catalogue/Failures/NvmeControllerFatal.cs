namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class NvmeControllerFatal
{
    public static readonly Failure Entry = new("nvme-controller-fatal", "the NVMe controller {1} reports a fatal state (CSTS={2})")
    {
        Area = Area.Hardware,
        Signs = ["^nvme {d}: controller is down; will reset: CSTS={e}, PCI_STATUS"],
        Holds = taken => taken[1] != "0xffffffff",
        Subject = 1,
        Cause = "The controller itself set CSTS.CFS or lost its state by a subsystem reset: its firmware failed. The driver resets it; " +
            "pending commands are repeated or fail.",
        Fixes = [new("Update the drive's firmware, and read its error log", "nvme error-log /dev/{1}")],
        Explains = ["driver-probe-failed:{1}"],
        CausedBy = ["aer-uncorrectable", "nvme-command-timeout"],
        Kernels = "since 4.11",
        Origin = "drivers/nvme/host/pci.c nvme_should_reset()",
    };
}
