namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class NicTransmitStuck
{
    public static readonly Failure Entry = new("nic-transmit-stuck", "the network card {1} ({2}) stopped sending")
    {
        Area = Area.Hardware,
        Signs = ["NETDEV WATCHDOG: {w} ({w}): transmit queue"],
        Subject = 1,
        Severity = Severity.Warning,
        CausedBy = ["iommu-fault", "aer-uncorrectable"],
        Explains = ["kernel-warning:dev_watchdog"],
        Cause = "Packets were handed to the card and their completion never came: a lost interrupt, DMA that does not get through, or " +
            "firmware that hangs.",
        Fixes = [new("Look for PCIe and IOMMU errors before it; update driver and firmware", "ethtool -i DEVICE")],
        Origin = "net/sched/sch_generic.c dev_watchdog()",
    };
}
