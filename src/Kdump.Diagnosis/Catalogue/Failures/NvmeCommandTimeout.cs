namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class NvmeCommandTimeout
{
    public static readonly Failure Entry = new("nvme-command-timeout", "the NVMe controller {1} did not answer a command in time")
    {
        Area = Area.Hardware,
        Signs = [new Sign("^nvme {d}: I/O * timeout, aborting", "^nvme {d}: I/O * timeout, reset controller",
            "^nvme {d}: I/O * timeout, disable controller")],
        Healed = new Sign("^nvme {d}: {e} default/read/poll queues"),
        Subject = 1,
        Severity = Severity.Warning,
        Confidence = 0.85,
        Cause = "A command was not answered within nvme_core.io_timeout (30 s). The drive's firmware hangs or is busy, the link is bad, " +
            "or DMA fails; AER or IOMMU lines before it show the last two. The driver tries to abort the command, " +
            "then resets the controller. A controller that answers the abort (Abort status) works: " +
            "then its storage is slow, as with a virtual disk. A timeout on QID 0, the admin queue, " +
            "means that its firmware does not answer at all. \"disable controller\" in the line means that the driver gave the " +
            "controller up without a reset (while it was set up or removed).",
        Fixes = [new("Read the drive's own log, and update its firmware", "nvme error-log /dev/{1}"),
            new("Look at errors of its link", "lspci -vvv")],
        CausedBy = ["aer-uncorrectable", "iommu-fault", "vector-exhaustion", "vector-without-handler"],
        Origin = "drivers/nvme/host/pci.c nvme_timeout()",
    };
}
