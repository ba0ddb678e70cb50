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
        Cause = "A command stayed unanswered for the time that nvme_core.io_timeout gives (30 s). " +
            "The drive's firmware hangs or is busy with itself, the link is bad, or DMA does not get through: " +
            "AER and IOMMU lines before it would say so. The driver asks to abort the command, then resets the controller. " +
            "A controller that answers the abort (Abort status) lives: then what is behind it is slow, as with a virtual disk. " +
            "A time-out on QID 0, the admin queue, means that its firmware does not answer at all; " +
            "\"disable controller\" in the line means that the driver gave up on it without a reset (while it was set up, or removed).",
        Fixes = [new("Look at the drive's own log and update its firmware", "nvme error-log /dev/{1}"),
            new("Look at errors of its link", "lspci -vvv")],
        CausedBy = ["aer-uncorrectable", "iommu-fault", "vector-exhaustion"],
        Origin = "drivers/nvme/host/pci.c nvme_timeout()",
    };
}
