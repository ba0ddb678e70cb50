namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class InitqueueCannotWrite
{
    public static readonly Failure Entry = new("initqueue-cannot-write", "dracut's queue could not write its files")
    {
        Area = Area.Reaching,
        Signs = ["/initqueue: line *Read-only file system"],
        In = Life.Capture,
        Explains = ["dump-target-missing"],
        Cause = "systemd 255 and later keep /usr read-only in the initramfs (ProtectSystem), and this dracut still writes below it: " +
            "it then does not wait for devices.",
        Fixes = [new("Update dracut and kdump-utils, and rebuild the image", "kdumpctl rebuild && kdumpctl restart")],
        Kernels = "systemd 255 and later",
        Origin = "kdump-utils commit 5395875",
    };
}
