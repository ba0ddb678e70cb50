namespace Kdump.Diagnosis.Catalogue.Families;

/// <summary>
/// Why ext4, XFS and btrfs refuse a file system: what ext4_fill_super(), xfs_mountfs(), xlog_recover() and open_ctree() print before
/// they return an error. One telling for each kind: a superblock that makes no sense, features of a newer kernel, a journal that does
/// not fit, options that do not fit, blocks that cannot be read.
/// </summary>
internal static class MountRefusals
{
    private const string Ext = "EXT4-fs ({e}): ", Xfs = "XFS ({e}): ", Btrfs = "BTRFS *(device {d}*";

    private const string Nonsense = "Its superblock holds values that no mkfs writes: it is damaged, or what lies there only looks " +
        "like this file system (the start of a disk that was partitioned or used otherwise).";

    private const string Newer = "It was made, or changed, by tools or a kernel that are newer than this one.";

    private static readonly Fix[] NewerKernel = [new("Start a newer kernel, with which it was used before", "uname -r; blkid /dev/{0}")];

    private static readonly Fix[] Options =
        [new("Correct the options of its line in /etc/fstab (for the root: rootflags=)", "grep -v '^#' /etc/fstab; cat /proc/cmdline")];

    private static readonly Fix[] Size = [new("Compare the size of the device with that of the file system, and look at the disk's errors",
        "blockdev --getsize64 /dev/{0}; dmesg | grep -i -e error -e {0}")];

    public static readonly Telling[] All =
    [
        new("EXT4-fs ({e}): VFS: Found ext4 filesystem with invalid superblock checksum",
            "the ext4 on {1} was not mounted: the checksum of its superblock is wrong",
            "The superblock was written only in part, or changed by something else. Copies of it lie further behind on the device.")
            { Fixes = Repairs.Ext },
        new("EXT4-fs ({e}): VFS: Found ext4 filesystem with unknown checksum algorithm",
            "the ext4 on {1} was not mounted: this kernel does not know its kind of checksum", Newer) { Fixes = NewerKernel },
        new("EXT4-fs ({e}): Couldn't mount because of unsupported optional features ({e})",
            "the ext4 on {1} was not mounted: this kernel does not support its features {2}", Newer) { Fixes = NewerKernel },
        new("EXT4-fs ({e}): Filesystem with * feature cannot be mounted *without {w}",
            "the ext4 on {1} was not mounted: this kernel was built without {2}, which one of its features needs") { Fixes = NewerKernel },
        new("F2FS-fs ({e}): Filesystem with * feature cannot be mounted *without {w}",
            "the f2fs on {1} was not mounted: this kernel was built without {2}, which one of its features needs") { Fixes = NewerKernel },
        .. new[] { "unable to read superblock", "Can't read superblock on 2nd try", "couldn't read superblock of external journal" }
            .Select(w => new Telling(Ext + w,
                "the ext4 on {1} was not mounted: its superblock could not be read",
                "The device is shorter than the place where it should be, or gave an error.") { Fixes = Size }),
        new("EXT4-fs ({e}): can't read group descriptor {w}", "the ext4 on {1} was not mounted: its group descriptor {2} could not be read",
            "The device is shorter than the file system, or gave an error.") { Fixes = Size },
        new("EXT4-fs ({e}): group descriptors corrupted", "the ext4 on {1} was not mounted: its group descriptors are damaged")
            { Fixes = Repairs.Ext },
        .. new[] { "corrupt root inode", "get root inode failed", "get root dentry failed" }
            .Select(w => new Telling(Ext + w,
                "the ext4 on {1} was not mounted: its root directory cannot be used")
                { Fixes = Repairs.Ext }),
        .. new[] { "no journal found", "journal inode is deleted", "invalid journal inode", "Could not load journal inode",
            "filesystem has both journal inode and journal device" }
            .Select(w => new Telling(Ext + w,
                "the ext4 on {1} was not mounted: the inode of its journal is damaged or missing")
                { Fixes = Repairs.Ext }),
        .. new[] { "failed to open journal device {t}", "journal UUID does not match", "external journal has bad superblock",
            "external journal has corrupt superblock", "blocksize too small for journal device" }
            .Select(w => new Telling(Ext + w,
                "the ext4 on {1} was not mounted: its journal is on another device, which does " +
                "not fit or is not there", "The superblock names that device by number or UUID.") { Fixes =
                    [new("Find the journal's device by its UUID", "dumpe2fs -h /dev/{0} | grep -i journal; blkid")] }),
        .. new[] { "write access unavailable, cannot proceed", "journal device read-only, try mounting with",
            "required journal recovery suppressed and not mounted read-only" }
            .Select(w => new Telling(Ext + w,
                "the ext4 on {1} was not mounted: its journal must be replayed, and the device " +
                "or an option forbids writing", "It was not unmounted last time. Without the replay its content is not consistent.")
                { Fixes = [new("Let the device be written, or look at it without the replay", "blockdev --getro /dev/{0}; " +
                    "mount -o ro,noload /dev/{0} /mnt")] }),
        .. new[] { "can't mount with {t}", "Cannot use DAX on a filesystem that may contain inline data",
            "Mount option(s) incompatible with {t}", "Journal does not support requested data journaling mode",
            "unsupported blocksize for DAX" }
            .Select(w => new Telling(Ext + w,
                "the ext4 on {1} was not mounted: it does not fit the options of the mount",
                "The line names the option.") { Fixes = Options }),
        .. new[] { "Invalid log block size: {w}", "Invalid log cluster size: {w}", "bad block size {w}", "unsupported inode size: {w}",
            "unsupported descriptor size {w}", "invalid inodes per group: {w}", "inodes count not valid: {w} vs {w}",
            "Number of reserved GDT blocks insanely large: {w}", "#blocks per group too big: {w}", "invalid #clusters per group: {w}",
            "invalid first ino: {w}", "Magic mismatch, very weird", "unable to set blocksize",
            "cluster size ({w}) smaller than block size" }
            .Select(w => new Telling(Ext + w,
                "the ext4 on {1} was not mounted: its superblock makes no sense", Nonsense)
                { Fixes = Repairs.Ext }),
        new("EXT4-fs ({e}): filesystem too large to mount safely", "the ext4 on {1} was not mounted: it is too large for this kernel",
            "A kernel of 32 bits cannot address it.") { Fixes = NewerKernel },
        new("EXT4-fs ({e}): mount failed", "the ext4 on {1} was not mounted") { Fixes = Repairs.Ext },

        .. new[] { "Deprecated V4 format {t}", "Deprecated ascii case-insensitivity feature {t}" }
            .Select(w => new Telling(Xfs + w, "the XFS on {1} was not mounted: this kernel was built without its old format",
                "Kernels drop old forms of XFS (V4 without checksums: CONFIG_XFS_SUPPORT_V4). The file system itself need not be damaged.")
                {
                    Holds = t => t[^1].Contains("not supported", StringComparison.Ordinal),
                    Fixes = [new("Mount it with a kernel that still has it (of the distribution that used it), and copy its files into a " +
                        "new one: the form cannot be changed in place", "grep XFS_SUPPORT /boot/config-$(uname -r); " +
                        "xfsdump -J - /mnt | xfsrestore -J - /new")],
                }),
        new("XFS ({e}): Filesystem needs repair.", "the XFS on {1} was not mounted: it is marked as in need of a repair",
            "xfs_repair sets the mark while it works and did not come to its end.") { Fixes = Repairs.Xfs },
        .. new[] { "log has mismatched uuid - can't recover", "dirty log entry has mismatched uuid - can't recover",
            "dirty log written in incompatible format - can't recover" }
            .Select(w => new Telling(Xfs + w,
                "the XFS on {1} was not mounted: its log is of another file system or format",
                "The log device is another one, a copy was changed, or another processor's byte order wrote it.") { Fixes = Repairs.Xfs }),
        .. new[] { "failed to find log head", "failed to locate log tail", "empty log check failed",
            "Log inconsistent (didn't find previous header)", "Failed to recover intents", "log mount finish failed" }
            .Select(w => new Telling(Xfs + w,
                "the XFS on {1} was not mounted: its log could not be replayed")
                { Fixes = Repairs.Xfs }),
        new("XFS ({e}): log recovery {w} I/O error at daddr {w} len {w} error {w}",
            "the XFS on {1} was not mounted: its log could not be read or written (error {5})") { Fixes = Repairs.Below },
        .. new[] { "last sector read failed", "log device read failed", "filesystem size mismatch detected", "log size mismatch detected" }
            .Select(w => new Telling(Xfs + w,
                "the XFS on {1} was not mounted: its device is shorter than it, or cannot be read " +
                "at its end") { Fixes = Size }),
        new("XFS ({e}): device supports {w} byte sectors (not {w})",
            "the XFS on {1} was not mounted: the device has sectors of {2} bytes, the file system {3}",
            "The disk, or the layer above it, now has larger sectors than when the file system was made: a copy to another kind of disk.")
            { Fixes = [new("Copy its files into a new file system on this disk", "blockdev --getss --getpbsz /dev/{0}")] },
        new("XFS ({e}): File system with blocksize {w} bytes. Only pagesize ({w}) or less will",
            "the XFS on {1} was not mounted: its blocks ({2} bytes) are larger than this kernel's pages ({3})",
            "Such a file system was made on a machine with larger pages (arm64 or POWER with 64 KiB).") { Fixes = NewerKernel },
        new("XFS ({e}): SB validate failed with error {w}", "the XFS on {1} was not mounted: its superblock is not valid ({2})")
            { Fixes = Repairs.Xfs },
        new("XFS ({e}): Invalid superblock magic number", "{1} was not mounted: no XFS begins there",
            "The type of the mount is wrong, or the start of the file system was overwritten.") { Fixes = Repairs.Xfs },
        new("XFS ({e}): Failed to read root inode {w}, error {w}",
            "the XFS on {1} was not mounted: its root directory cannot be read ({3})")
            { Fixes = Repairs.Xfs },
        .. new[] { "DAX and reflink cannot work with multi-partitions", "reflink not compatible with realtime device",
            "cannot mount a read-only filesystem as read-write", "Cannot mount a V5 filesystem as noattr2" }
            .Select(w => new Telling(Xfs + w,
                "the XFS on {1} was not mounted: it does not fit the options of the mount",
                "The line names the option.") { Fixes = Options }),

        new("BTRFS *(device {d}*cannot mount because of unknown incompat features ({e})",
            "the btrfs on {1} was not mounted: this kernel does not support its features {2}", Newer) { Fixes = NewerKernel },
        new("BTRFS *(device {d}*cannot mount read-write because of unknown compat_ro features ({e})",
            "the btrfs on {1} was not mounted for writing: this kernel does not support its features {2}", Newer) { Fixes = NewerKernel },
        new("BTRFS *(device {d}*cannot replay dirty log with unsupported {t}",
            "the btrfs on {1} was not mounted: its log is of a newer kernel", Newer) { Fixes = NewerKernel },
        new("BTRFS *(device {d}*sectorsize {w} not yet supported for page size {w}",
            "the btrfs on {1} was not mounted: its sectors ({2} bytes) do not fit this kernel's pages ({3})",
            "Such a file system was made on a machine with other pages (arm64 or POWER with 64 KiB).") { Fixes = NewerKernel },
        new("BTRFS *(device {d}*superblock checksum mismatch", "the btrfs on {1} was not mounted: the checksum of its superblock is wrong")
            { Fixes = Repairs.Btrfs },
        new("BTRFS *(device {d}*superblock contains fatal errors", "the btrfs on {1} was not mounted: its superblock makes no sense",
            Nonsense) { Fixes = Repairs.Btrfs },
        .. new[] { "failed to read the system array", "failed to read chunk tree", "failed to read block groups", "failed to read devices",
            "failed to verify dev extents against chunks" }
            .Select(w => new Telling(Btrfs + w,
                "the btrfs on {1} was not mounted: a tree that it needs first could not be " +
                "used", "Its blocks are damaged, or lie on a device that is missing.") { Fixes = Repairs.Btrfs }),
        new("BTRFS *(device {d}*unrecognized mount option '{e}'",
            "the btrfs on {1} was not mounted: this kernel does not know the option {2}")
            { Fixes = Options },
        .. MountOptions,
    ];

    private const string OtherOptions =
        "Options come and go with kernels: what one takes another refuses, and then it does not mount at all.";

    /// <summary>
    /// An option that this kernel does not know, or a value that it does not take: each file system in its own words, and since Linux 5.1
    /// fs_context.c for those that were converted, which names the type but no device.
    /// </summary>
    private static Telling[] MountOptions =>
    [
        new("F2FS-fs ({e}): invalid {w} compress level: {t}",
            "the f2fs on {1} was not mounted as asked: this kernel does not take level {3} of {2} in its mount options", OtherOptions)
            { Fixes = Options },
        new("F2FS-fs ({e}): Unrecognized mount option \"{e}\" or missing value",
            "the f2fs on {1} was not mounted: this kernel does not know the mount option {2}", OtherOptions) { Fixes = Options },
        .. new[] { "EXT4-fs", "EXT3-fs", "EXT2-fs" }.Select(fs => new Telling(
            fs + " ({e}): Unrecognized mount option \"{e}\" or missing value",
            "the ext file system on {1} was not mounted: this kernel does not know the mount option {2}", OtherOptions)
            { Fixes = Options }),
        new("FAT-fs ({e}): Unrecognized mount option \"{e}\" or missing value",
            "the FAT on {1} was not mounted: this kernel does not know the mount option {2}", OtherOptions) { Fixes = Options },
        new("XFS ({e}): unknown mount option [{e}]",
            "the XFS on {1} was not mounted: this kernel does not know the mount option {2}", OtherOptions) { Fixes = Options },
        new("{w}: Unknown parameter '{e}'",
            "a file system of the type {1} was not mounted: this kernel does not know the mount option {2}", OtherOptions)
            { Holds = OnDisk, Fixes = Options },
        new("{w}: Bad value for '{e}'",
            "a file system of the type {1} was not mounted: this kernel does not take the value of its mount option {2}", OtherOptions)
            { Holds = OnDisk, Fixes = Options },
    ];

    /// <summary>systemd and container programs try options on tmpfs, cgroup2 and the like, and go on without.</summary>
    private static readonly string[] Types = ["ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "vfat", "msdos", "exfat", "ntfs3", "iso9660",
        "isofs", "udf", "nfs", "nfs4", "cifs", "smb3", "overlay", "overlayfs", "erofs", "squashfs", "ubifs", "jffs2", "9p", "ceph",
        "virtiofs", "bcachefs", "gfs2", "ocfs2", "hfsplus", "jfs", "nilfs2", "zonefs", "fuse", "fuseblk"];

    private static bool OnDisk(IReadOnlyList<string> taken) => Types.Contains(taken[0]);
}
