namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class FilesystemAskedForPanic
{
    public static readonly Failure Entry = new("filesystem-asked-for-panic", "a file system met an error and is set to stop the kernel")
    {
        Area = Area.Crashing,
        Signs = ["(device {w}): panic forced after error"],
        Subject = 1,
        Severity = Severity.Critical,
        Explains = ["kernel-panic"],
        CausedBy = ["filesystem-io-error", "filesystem-damaged"],
        Cause = "With errors=panic (ext4), an error of the file system causes a kernel panic.",
        Fixes = [new("Check the file system from another system", "e2fsck -f /dev/DISK", "it may drop damaged files")],
        Origin = "fs/ext4/super.c ext4_handle_error()",
    };
}
