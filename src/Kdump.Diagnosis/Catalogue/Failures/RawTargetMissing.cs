namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class RawTargetMissing
{
    public static readonly Failure Entry = new("raw-target-missing", "the raw partition {1} for the dump does not exist")
    {
        Area = Area.Preparing,
        Signs = ["raw partition {e} not found"],
        In = Life.First,
        Explains = ["no-capture-kernel"],
        Cause = "The path of raw in /etc/kdump.conf names no block device; disks are renamed between boots.",
        Fixes = [new("Use a persistent name: /dev/disk/by-id/… or by-partuuid/…", "ls -l /dev/disk/by-id")],
        Origin = "kdump-utils kdumpctl",
    };
}
