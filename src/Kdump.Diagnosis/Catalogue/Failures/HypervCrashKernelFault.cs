namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class HypervCrashKernelFault
{
    public static readonly Failure Entry = new("hyperv-crash-kernel-fault", "the crash kernel crashed on a Hyper-V host")
    {
        Area = Area.Starting,
        Signs =
        [
            "Hyper-V: Host Build ",
            new Sign("BUG: kernel NULL pointer dereference", "BUG: unable to handle kernel NULL pointer",
                "BUG: unable to handle page fault"),
        ],
        In = Life.Capture,
        Severity = Severity.Info,
        Confidence = 0.5,
        Explains = ["kernel-oops"],
        Cause = "On Hyper-V and Azure the first kernel's channels to the host may still be open; " +
            "drivers of the crash kernel have fallen over what arrives on them.",
        Fixes = [new("Try a newer kernel as crash kernel; leave hyperv_fb and hyperv_drm out of the image")],
        Origin = "Fedora CoreOS tracker issue 1308; LIS/lis-next issue 66",
    };
}
