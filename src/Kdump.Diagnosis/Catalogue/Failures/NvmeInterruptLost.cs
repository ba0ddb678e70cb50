namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class NvmeInterruptLost
{
    public static readonly Failure Entry = new("nvme-interrupt-lost", "the NVMe controller {1} answered and its interrupt never came")
    {
        Area = Area.Hardware,
        Signs = ["^nvme {d}: I/O * timeout, completion polled"],
        Subject = 1,
        Severity = Severity.Warning,
        Cause = "The answer lay in memory when the driver looked after its time had run out: the drive works, " +
            "the message that should have announced it was lost or sent to the wrong vector. Every such command costs 30 seconds.",
        Fixes = [
            new(
                "Update BIOS and kernel (interrupt remapping, root port quirks); to see whether it is the remapping, " +
                "boot with intremap=off",
                Risk: "without remapping devices can forge interrupts"),
            new("Until then nvme_core.io_timeout=5 shortens the stalls")],
        CausedBy = ["vector-without-handler"],
        Origin = "drivers/nvme/host/pci.c nvme_timeout(); github.com/starfive-tech/linux/issues/98",
    };
}
