namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class FilesystemShutDown
{
    public static readonly Failure Entry = new("filesystem-shut-down", "a file system was shut down after an error")
    {
        Area = Area.Crashing,
        Signs =
        [
            new Sign("Aborting journal on device {d}", "EXT4-fs ({e}): Remounting filesystem read-only",
                "XFS ({e}): *Shutting down filesystem", "BTRFS* error (device {e}): *forced readonly"),
        ],
        Confidence = 0.9,
        CausedBy = ["disk-offline", "disk-link-frozen"],
        Cause = "It cannot write its journal or found itself damaged, and takes no more changes.",
        Fixes = [new("See what the disk said before it; then check the file system", "dmesg | grep -B20 Aborting")],
        Origin = "fs/ext4/super.c, fs/xfs/xfs_fsops.c, fs/btrfs/super.c",
    };
}
