namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class CameraWritesAfterCrash
{
    public static readonly Failure Entry = new("camera-writes-after-crash",
        "the camera unit (ipu3-cio2 {1}) went on writing to memory after the crash")
    {
        Area = Area.Starting,
        Signs = ["ipu3-cio2 {d}: *DMA output error"],
        In = Life.Capture,
        Subject = 1,
        Severity = Severity.Warning,
        Explains = ["kernel-oops"],
        Cause = "The camera unit was never stopped, and its old DMA writes to memory that now has another use.",
        Fixes = [new("Leave the driver out of the image and keep the IOMMU on")],
        Origin = "linux-surface issue 769",
    };
}
