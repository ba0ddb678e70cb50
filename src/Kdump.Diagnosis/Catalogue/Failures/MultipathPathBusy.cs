namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class MultipathPathBusy
{
    public static readonly Failure Entry = new("multipath-path-busy", "multipath could not use a path that is already in use")
    {
        Area = Area.Reaching,
        Signs = ["multipath: error getting device"],
        In = Life.Capture,
        Severity = Severity.Warning,
        Explains = ["dump-target-missing"],
        Cause = "A single path was claimed first (by its UUID, by LVM, by a mount), " +
            "so the multipath device with the expected name is not created.",
        Fixes = [new("Use the multipath name of the target (/dev/mapper/…), not the UUID, and update kdump-utils",
            "kdumpctl rebuild && kdumpctl restart")],
        Origin = "drivers/md/dm-mpath.c; kdump-utils commit 4683367",
    };
}
