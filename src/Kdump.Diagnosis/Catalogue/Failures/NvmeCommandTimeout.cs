namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class NvmeCommandTimeout
{
    public static readonly Failure Entry = new("nvme-command-timeout", "the NVMe controller {1} did not answer a command in time")
    {
        Area = Area.Hardware,
        Signs = [new Sign("^nvme {d}: I/O * timeout, aborting", "^nvme {d}: I/O * timeout, reset controller",
            "^nvme {d}: I/O * timeout, disable controller")],
        Subject = 1,
        Severity = Severity.Warning,
        Confidence = 0.85,
        Cause = "A command stayed unanswered for the time that nvme_core.io_timeout gives (30 s). The drive's firmware hangs or is busy " +
            "with itself, the link is bad, or DMA does not get through: AER and IOMMU lines before it would say so.",
        Fixes = [new("Look at the drive's own log and update its firmware", "nvme error-log /dev/nvme0"),
            new("Look at errors of its link", "lspci -vvv")],
        CausedBy = ["aer-uncorrectable", "iommu-fault", "vector-exhaustion"],
        Origin = "drivers/nvme/host/pci.c nvme_timeout()",
    };
}
