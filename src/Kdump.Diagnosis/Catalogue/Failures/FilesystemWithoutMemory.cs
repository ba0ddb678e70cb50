namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class FilesystemWithoutMemory
{
    public static readonly Failure Entry = new("filesystem-without-memory",
        "the file system on {1} got no memory for a change and stopped its journal or transaction")
    {
        Area = Area.Crashing,
        Signs =
        [
            new Sign("EXT4-fs error (device {e}) in *: Out of memory", "EXT3-fs error (device {e}) in *: Out of memory",
                "BTRFS: error (device {e}) in *: errno=-12 Out of memory", "BTRFS: error (device {e}*) in *: errno=-12 Out of memory"),
        ],
        Subject = 1,
        Cause = "The disk is not at fault: the kernel had no memory left for a change that was half made, " +
            "so the file system ends the transaction and takes no more changes.",
        Fixes =
        [
            new("Find what used the memory at that time", "dmesg | grep -iE 'oom|page allocation failure'; free -m"),
            new("Then check it while it is not mounted, and mount it again",
                "umount /dev/{1}; e2fsck -fn /dev/{1}   # btrfs: btrfs check --readonly"),
        ],
        CausedBy = ["out-of-memory", "page-allocation-failed", "cgroup-out-of-memory"],
        Explains = ["filesystem-shut-down"],
        Origin = "fs/ext4/super.c ext4_decode_error(), fs/btrfs/messages.c",
    };
}
