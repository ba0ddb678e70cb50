namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class MountTimedOut
{
    public static readonly Failure Entry = new("mount-timed-out", "mounting the dump target took too long")
    {
        Area = Area.Reaching,
        Signs = [".mount: Mounting timed out"],
        In = Life.Capture,
        Cause = "systemd ends a mount after 90 seconds. After a crash, the journal of a file system of many terabytes may need longer.",
        Fixes = [new("Increase the timeout: DefaultTimeoutStartSec=300s in the image, as in newer kdump-utils",
            "kdumpctl rebuild && kdumpctl restart")],
        Origin = "systemd src/core/mount.c; kdump-utils commit 2777a93",
    };
}
