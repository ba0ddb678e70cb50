namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class DumpTargetNotMounted
{
    public static readonly Failure Entry = new("dump-target-not-mounted", "the dump target was there but was not mounted")
    {
        Area = Area.Reaching,
        Signs = [new Sign("it's not a mount point!", "kdump*Failed to mount rootfs", "Cannot find mount point for ")],
        In = Life.Capture,
        Severity = Severity.Critical,
        CausedBy = ["dump-target-missing", "dump-target-wrong-id", "mount-timed-out", "driver-probe-failed"],
        Explains = ["vmcore-incomplete"],
        Cause = "The service that saves the dump ran while the target was not mounted: " +
            "the mount failed, or nofail or noauto in fstab let the service start without it.",
        Fixes = [new("Remove the nofail, noauto and automount options of the target in /etc/fstab, and rebuild the image",
            "kdumpctl rebuild && kdumpctl restart")],
        Origin = "kdump-utils dracut/99kdumpbase/kdump.sh dump_fs(), commit 94a7b43; openSUSE kdump-save",
    };
}
