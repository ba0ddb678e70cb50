namespace Kdump.Diagnosis.Catalogue.Families;

/// <summary>
/// Failures when a file system is mounted or asked for space: why it was refused, which earlier errors it recorded, an image that
/// cannot be unpacked, and what is full. Errors of a file system in use are not among them.
/// </summary>
internal static class MountFamilies
{
    public static readonly Family NotMounted = new("filesystem-not-mounted", "a file system could not be mounted")
    {
        Area = Area.Crashing,
        OnBlockDevice = true,
        CausedBy = ["filesystem-damaged", "filesystem-io-error", "volume-io-error", "raid-failed", "volume-damaged"],
        Cause = "The kernel refused to mount it.",
        Fixes = Repairs.Any,
        Tellings =
        [
            new("XFS ({e}): Filesystem has duplicate UUID", "{1} was not mounted: an XFS with the same UUID is mounted already",
                "A copy (clone, snapshot, second path) of a mounted file system has its UUID.")
                { Fixes = [new("Mount the copy without the check, or give it a new UUID while it is not mounted",
                    "mount -o nouuid /dev/{0} MOUNTPOINT")] },
            new("XFS ({e}): log mount/recovery failed: error {t}", "the XFS on {1} was not mounted: its log could not be replayed ({2})")
                { Fixes = Repairs.Xfs },
            new("XFS ({e}): Superblock has unknown compatible features {t}",
                "the XFS on {1} has optional features that this kernel does not know",
                "It is mounted all the same: compatible features may be ignored.") { Severity = Severity.Info, Fixes =
                [new("Use the kernel of the distribution that created it, or a newer one", "uname -r")] },
            new("XFS ({e}): Superblock has unknown read-only compatible features {t}",
                "the XFS on {1} can only be mounted read-only: it has features that this kernel does not know",
                "It was created by tools that are newer than this kernel. A mount for writing is refused.")
                { Fixes = [new("Boot a newer kernel, or mount it read-only", "mount -o ro /dev/{0} MOUNTPOINT")] },
            new("XFS ({e}): Superblock has unknown {e} features {t}", "the XFS on {1} was not mounted: it has features that this kernel " +
                "does not support", "It was created by tools that are newer than this kernel.")
                { Fixes = [new("Boot a newer kernel, or recreate it with mkfs.xfs of this distribution")] },
            new("EXT4-fs ({e}): bad geometry: block count {w} exceeds size of device",
                "the ext4 on {1} was not mounted: it is larger than its device",
                "The device became smaller, or is another one: a smaller clone, a wrong partition table, an array of another size.")
                { Fixes = [new("Compare the size of the device with that of the file system",
                    "blockdev --getsize64 /dev/{0}; dumpe2fs -h /dev/{0}")] },
            new("EXT4-fs ({e}): couldn't mount RDWR because of unsupported optional features ({e})",
                "the ext4 on {1} was not mounted for writing: this kernel does not support the features {2}")
                { Fixes = [new("Boot a newer kernel; or make it without the feature (mke2fs -O ^FEATURE)")] },
            new("EXT4-fs ({e}): error loading journal", "the ext4 on {1} was not mounted: its journal could not be loaded")
                { Fixes = Repairs.Ext },
            new("JBD2: recovery failed", "its journal could not be replayed") { Subject = 0, Fixes =
                [new("Check the file system unmounted", "e2fsck -fn /dev/DISK")] },
            new("BTRFS*(device {d}*super_total_bytes {w} mismatch with fs_devices total_rw_bytes {w}",
                "the btrfs on {1} was not mounted: it should have {2} bytes in all, and its devices have {3}",
                "A device of it was made smaller or larger, or one of them is seen twice (two names of one disk, a copy with the same " +
                "UUID), so that its size is counted twice.")
                { Fixes = [new("See which devices belong to it, and whether one is there under two names",
                    "btrfs filesystem show; lsblk -o NAME,SIZE,FSTYPE,UUID; blkid"),
                    new("If no device is counted twice: write the true size (unmounted)", "btrfs rescue fix-device-size /dev/{0}")] },
            .. new[] { "BTRFS*(device {d}*Failed to recover log tree", "BTRFS*(device {d}*failed to read log tree",
                "BTRFS*(device {d}) in btrfs_replay_log:" }
                .Select(w => new Telling(w, "the btrfs on {1} was not mounted: its log (of the last fsyncs) could not be replayed",
                    "The tree itself is mostly sound; what programs had synced in the last seconds before the crash is in that log.")
                    { Fixes = [new("First try to mount it without the log, for reading",
                        "mount -o ro,rescue=nologreplay /dev/{0} /mnt"),
                        new("If only the log is damaged: drop it (unmounted)", "btrfs rescue zero-log /dev/{0}",
                            "the last seconds before the crash are lost")] }),
            new("BTRFS*(device {d}*open_ctree failed", "the btrfs on {1} was not mounted") { Fixes = Repairs.Btrfs },
            new("ntfs3: {w}: volume is dirty and \"force\" flag is not set!", "the NTFS on {1} was not mounted: it was not closed cleanly")
                { Severity = Severity.Warning, Fixes = [new(
                    "Start Windows, let it check the volume, switch its fast start off, and shut it down; or ntfsfix -d /dev/{0}")] },
            new("F2FS-fs ({e}): Failed to get valid F2FS checkpoint", "the f2fs on {1} was not mounted: it has no valid checkpoint")
                { Severity = Severity.Warning },
            .. MountRefusals.All,
        ],
        Origin = "fs/xfs/xfs_mount.c, fs/ext4/super.c, fs/jbd2/recovery.c, fs/btrfs/super.c, fs/ntfs3/super.c",
    };

    /// <summary>Words before the error that are not the name of a file.</summary>
    private static readonly string[] NoNames = ["stdout", "write error", "standard output", "cannot write", "error writing"];

    /// <summary>A date or time begins the line, and no name stands before the error: <c>2024-05-14 10:02:11 dracut[12] E</c>.</summary>
    private static bool IsStamp(string name)
    {
        ReadOnlySpan<char> text = name.AsSpan().Trim().TrimStart('[');
        int digits = text.IndexOfAnyExcept("0123456789");
        return digits < 0 || (digits is 2 or 4 && text[digits] is ':' or '-' && digits + 1 < text.Length &&
            char.IsAsciiDigit(text[digits + 1]));
    }

    public static readonly Family Full = new("filesystem-full", "a file system has no space left")
    {
        Area = Area.Crashing,
        In = Life.First,
        Confidence = 0.9,
        Cause = "No block or no inode is left, or a quota is used up.",
        Fixes = [new("See which file system is full, of blocks or of inodes", "df -h; df -i")],
        Tellings =
        [
            new("BTRFS*(device {d}*errno=-28 No space left", "the btrfs on {1} has no space for metadata",
                "btrfs manages space for data and for metadata separately; df may still show free space.")
                { Fixes = [new("Show both kinds", "btrfs filesystem usage MOUNTPOINT"),
                    new("Free some files or add a device, then balance data chunks that are nearly empty",
                        "btrfs balance start -dusage=10 MOUNTPOINT")] },
            new("block I/O error in device '{e}': No space left on device", "QEMU could not write the image of {1}: " +
                "the host's file system is full, and the guest is paused",
                "QEMU pauses the guest (werror=enospc) instead of passing the error on to it. No data is lost.")
                { Fixes = [new("On the host: free space on the file system of the images", "df -h"), new("Then resume the guests",
                    "virsh list --state-paused; virsh resume GUEST")] },
            new("critical space allocation error, dev {d}", "the storage behind {1} has no space left",
                "A thin volume of the storage system (or the host) is full: writes fail although the disk seems to have free space.")
                { Fixes = [new("Give the volume behind it more space on the storage system")] },
            new("{e}: No space left on device", "a program met a full file system: {1}") { Subject = 0,
                Holds = t => !IsStamp(t[0]) && !LimitFamilies.Is(t[0]) &&
                    !NoNames.Any(n => t[0].EndsWith(n, StringComparison.OrdinalIgnoreCase)) },
            new("'{e}': failed to write (No space left on device)", "a program met a full file system: it could not write {1}")
                { Subject = 0 },
            new("{e}: No space left on device", "a program met a full file system") { Subject = 0, Holds = t => !LimitFamilies.Is(t[0]) },
            new("{e}: Disk quota exceeded", "a program met its quota: {1}") { Subject = 0, Severity = Severity.Warning,
                Holds = t => !LimitFamilies.Is(t[0]),
                Fixes = [new("See the quota", "quota -s; repquota -as")] },
        ],
        Origin = "fs/btrfs, block/blk-core.c BLK_STS_NOSPC, qemu block/block-backend.c, inotify(7)",
    };

    public static readonly Family Unreadable = new("packed-filesystem-unreadable", "a packed read-only file system cannot be unpacked")
    {
        Area = Area.Crashing,
        Confidence = 0.9,
        Cause = "The data read differs from the data packed: the image is damaged or truncated, or the medium (flash, SD card, network, " +
            "memory) gives wrong data. Every program whose blocks are affected fails.",
        Fixes =
        [
            new("Compare the image with its checksum, and rewrite it"),
            new("If the image is good but is read wrongly: check how the medium is read (SPI speed and driver, SD card, cable) " +
                "and the memory"),
        ],
        Tellings =
        [
            new("SQUASHFS error: {w} decompression failed, data probably corrupt",
                "a squashfs contains damaged data: {1} decompression failed") { Subject = 0 },
            new("SQUASHFS error: Failed to read block {w}: {w}", "a squashfs contains damaged data: block {1} cannot be " +
                "read") { Subject = 0 },
            new("SQUASHFS error: {w} uncompress error, data probably corrupt", "a squashfs contains damaged data: " +
                "{1} error") { Subject = 0 },
            new("SQUASHFS error: {w} error, data probably corrupt", "a squashfs contains damaged data: {1} error") { Subject = 0 },
            new("SQUASHFS error: Unable to read {t}", "a squashfs cannot read {1}") { Subject = 0 },
            new("SQUASHFS error: squashfs_read_data failed to read block {w}", "a squashfs cannot read block {1}") { Subject = 0 },
            new("erofs*: failed to decompress {t}", "an erofs contains damaged data: {1}") { Subject = 0 },
            new("erofs (device {e}): {w}: bogus {t}", "the erofs on {1} is damaged: bogus {3}"),
            new("erofs (device {e}): *read error {w} @ {w} of nid {w}", "the erofs on {1} cannot read a file (error {2}, nid {4})"),
            new("erofs (device {e}): *invalid logical cluster {w} at nid {w}",
                "the erofs on {1} is damaged: an invalid cluster in nid {3}"),
            new("erofs: read error {w} @ {w} of nid {w}", "an erofs cannot read a file (error {1}, nid {3})") { Subject = 0 },
            new("erofs: invalid logical cluster {w} at nid {w}", "an erofs is damaged: an invalid cluster in nid {2}") { Subject = 0 },
            new("cramfs: Error {w} while decompressing!", "a cramfs contains damaged data (error {1})") { Subject = 0 },
        ],
        Origin = "fs/squashfs/block.c and decompressors, fs/erofs/zdata.c, fs/cramfs/uncompress.c",
    };

    public static readonly Family OldError = new("filesystem-error-noted", "a file system has recorded an earlier error")
    {
        Area = Area.Crashing,
        OnBlockDevice = true,
        Severity = Severity.Warning,
        Cause = "The superblock keeps the first and the last error until a check clears them: " +
            "it happened before this boot, perhaps long ago, and was never repaired.",
        Fixes = Repairs.Ext,
        Tellings =
        [
            new("EXT4-fs ({e}): error count since last fsck: {w}", "the ext4 on {1} has recorded {2} errors since its last check"),
            new("EXT4-fs ({e}): warning: mounting fs with errors, running e2fsck is recommended",
                "the ext4 on {1} was mounted although it has errors"),
            new("EXT4-fs ({e}): warning: maximal mount count reached", "the ext4 on {1} is due for a check") { Severity = Severity.Info },
            new("BTRFS info (device {d}*): bdev {e} errs: wr {w}, rd {w}, flush {w}, corrupt {w}, gen {w}",
                "btrfs has recorded errors of {2}: {3} writes, {4} reads, {5} flushes, {6} corrupt, {7} old")
                { Holds = FilesystemFamilies.AnyCount, Fixes = Repairs.Btrfs[1..2] },
        ],
        Origin = "fs/ext4/super.c print_daily_error_info, fs/btrfs/dev-stats",
    };

    public static readonly Family[] All = [NotMounted, Full, Unreadable, OldError];
}
