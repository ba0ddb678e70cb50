using System.Globalization;
using System.Numerics;

namespace Kdump.Diagnosis.Catalogue.Families;

/// <summary>What file systems say while they are at work: damage, errors from below, a fault of their own, a stop.</summary>
internal static class FilesystemFamilies
{
    private static bool Damage(IReadOnlyList<string> taken) => ExtErrors.Of(taken[^1]) == ExtCause.Damage;

    private static bool Below(IReadOnlyList<string> taken) => ExtErrors.Of(taken[^1]) == ExtCause.Below;

    /// <summary>False for optical drives and floppies: without a medium they answer every request with such an error.</summary>
    private static bool Disk(IReadOnlyList<string> taken) =>
        !taken[0].StartsWith("sr", StringComparison.Ordinal) && !taken[0].StartsWith("fd", StringComparison.Ordinal);

    private static int? DifferentBit(string a, string b) =>
        ulong.TryParse(a, NumberStyles.None, CultureInfo.InvariantCulture, out ulong x) &&
        ulong.TryParse(b, NumberStyles.None, CultureInfo.InvariantCulture, out ulong y) && BitOperations.PopCount(x ^ y) == 1
            ? BitOperations.TrailingZeroCount(x ^ y) : null;

    private static string? WhichBit(IReadOnlyList<string> t) =>
        DifferentBit(t[^2], t[^1]) is { } bit ? $"{t[^2]} and {t[^1]} differ in bit {bit} alone." : null;

    private static bool OneBit(IReadOnlyList<string> t) => DifferentBit(t[^2], t[^1]) is >= 20;

    internal static bool AnyCount(IReadOnlyList<string> t) => t.Skip(t.Count - 5).Any(n => n != "0");

    /// <summary>74 (EBADMSG) and 117 (EUCLEAN) are XFS's own: a wrong checksum, and damage. The device answered the read.</summary>
    private static bool OfDevice(IReadOnlyList<string> taken) => taken[^1].TrimStart('-') is not ("74" or "117");

    private static bool OfContent(IReadOnlyList<string> taken) => !OfDevice(taken);

    /// <summary>Quota blocks are counted anew at the next mount (quotacheck).</summary>
    private static string? OfQuota(IReadOnlyList<string> taken) => taken.Any(t => t.Contains("dquot", StringComparison.Ordinal))
        ? "It is a block of the quotas: XFS can count them anew by itself when it is mounted (\"Quotacheck needed\")." : null;

    private const string BitWhy = "The expected generation number and the one that was found differ in a single bit. " +
        "A disk does not cause that (the block's checksum is right): a memory cell flipped the bit before the block was written.";

    private const string Trans = "The block on the disk is not the one that its parent was written for: a write was lost, " +
        "or writes reached the disk in another order (a drive's or bridge's cache at a power cut), or the disk gave old data.";

    public static readonly Family Damaged = new("filesystem-damaged", "a file system found itself damaged")
    {
        Area = Area.Crashing,
        OnBlockDevice = true,
        Confidence = 0.95,
        CausedBy = ["filesystem-io-error", "volume-io-error", "volume-damaged", "cache-lost", "disk-offline", "disk-link-frozen"],
        Cause = "Its metadata are inconsistent. Possible causes: writes that were lost earlier, a faulty disk, faulty memory, " +
            "or a bug of the file system's own code. The line alone does not show which.",
        Fixes = Repairs.Any,
        Tellings =
        [
            new("BTRFS *(device {d}*): parent transid verify failed on {e} wanted {w} found {w}",
                "one bit of memory flipped before btrfs wrote the block to {1}", BitWhy)
                { Holds = OneBit, Reads = WhichBit, Fixes = Repairs.Memory },
            new("BTRFS *(device {d}*): parent transid verify failed on logical {w} mirror {w} wanted {w} found {w}",
                "one bit of memory flipped before btrfs wrote the block to {1}", BitWhy)
                { Holds = OneBit, Reads = WhichBit, Fixes = Repairs.Memory },
            new("BTRFS *(device {d}*): corrupt leaf: * invalid block group used, have {w} expect [",
                "the btrfs on {1} counts more used bytes in a block group ({2}) than there are",
                "The counter on the disk is wrong, its checksum right: who wrote it miscounted " +
                    "(an older kernel, another system's driver as WinBtrfs), or faulty memory; not the disk.") { Fixes = Repairs.Btrfs },
            new("BTRFS *(device {d}*): block={w} write time tree block corruption detected",
                "btrfs on {1} found a block wrong before it was written",
                "The block was wrong while it was still in memory. The cause is faulty memory or a fault of btrfs itself, not the disk.")
                { Fixes = Repairs.Memory },
            new("BTRFS *(device {d}*): parent transid verify failed on logical {w} mirror {w} wanted {w} found {w}",
                "the btrfs on {1} is damaged: generation {4} was expected, {5} was found", Trans) { Fixes = Repairs.Btrfs },
            new("BTRFS *(device {d}*): parent transid verify failed on {w} wanted {w} found {w}",
                "the btrfs on {1} is damaged: generation {3} was expected, {4} was found", Trans) { Fixes = Repairs.Btrfs },
            new("BTRFS *(device {d}*): corrupt leaf: * invalid extent data ref hash, item has {w} key has {w}",
                "btrfs on {1} refused an extent data ref (corrupt leaf): its key {3} is not the hash of its content ({2})",
                "Two references may have one hash; the second then gets the next key, hash plus one, which is legal. " +
                    "Kernels whose check does not know that (5.x before 5.13) call such a sound file system damaged. " +
                    "A key that is little above the hash is that; " +
                    "one that differs in a single bit is faulty memory.") { Confidence = 0.7, Severity = Severity.Warning,
                Fixes = [new("Mount it with a newer kernel, which does not refuse it", "uname -r"),
                    new("Check it without changes", "btrfs check --readonly /dev/{1}")] },
            new("BTRFS *(device {d}*): corrupt leaf: {t}", "the btrfs on {1} is damaged: corrupt leaf ({2})",
                "The block's checksum is right, but its content is wrong: it was wrong in memory before it was written (faulty memory), " +
                    "or an older kernel wrote it.") { Fixes = Repairs.Btrfs },
            new("BTRFS *(device {d}*): corrupt node: {t}", "the btrfs on {1} is damaged: corrupt node ({2})",
                "The block's checksum is right, but its content is wrong: it was wrong in memory before it was written (faulty memory), " +
                    "or an older kernel wrote it.") { Fixes = Repairs.Btrfs },
            new("BTRFS *(device {d}*): bad tree block start*want {w} have {w}",
                "the btrfs on {1} is damaged: a tree block is not where it should be",
                "The block that was read does not belong to this place: the right one was never written, was written elsewhere, " +
                    "or was trimmed.") { Fixes = Repairs.Btrfs },
            new("BTRFS *(device {d}*): checksum verify failed on {t}", "the btrfs on {1} read metadata with a wrong checksum",
                "The data that was read is not the data that was written. The disk, the cable, " +
                    "or memory on the way is at fault.") { Fixes = Repairs.Btrfs },
            new("BTRFS *(device {d}*): csum failed root {w} ino {w} {t}",
                "the btrfs on {1} read a file with a wrong checksum (inode {3})",
                "The data that was read is not the data that was written. The disk, the cable or memory is at fault, " +
                    "or a program that writes with O_DIRECT and changes its buffer meanwhile (databases, " +
                    "virtual machines).") { Fixes = Repairs.Btrfs },
            new("BTRFS *(device {d}*): unable to find ref byte nr {t}", "the btrfs on {1} is damaged: a reference is missing")
                { Fixes = Repairs.Btrfs },
            new("BTRFS *(device {d}*): failed to read {w} root", "the btrfs on {1} is damaged: its {2} root cannot be read")
                { Fixes = Repairs.Btrfs },
            new("XFS ({e}): Internal error {e} at line {w} of file {e}.", "the XFS on {1} found an inconsistency, in {2}",
                "XFS stops when its metadata is inconsistent. xfs_trans_cancel alone only means that a change was cancelled half-way: " +
                    "then the line before it gives the reason.") { Fixes = Repairs.Xfs },
            new("XFS: Internal error {w} at line {w} of file {e}.", "an XFS is damaged: it found an inconsistency ({1} in {3})",
                "Kernels until 2.6.38, and some messages of later ones, do not name the device. It is the one whose mount then fails.")
                { Subject = 0, Fixes = Repairs.Xfs },
            new("XFS internal error {w} at line {w} of file {e}.", "an XFS is damaged: it found an inconsistency ({1} in {3})",
                "Kernels until 2.6.38 do not name the device in this line. It is the one whose mount then fails.")
                { Subject = 0, Fixes = Repairs.Xfs },
            new("XFS ({e}): xfs_buf_find: daddr {w} out of range, EOFS {w}",
                "the XFS on {1} asks for block {2}, which is after its end ({3})",
                "Its log or its metadata name a place that the superblock's size does not include: " +
                "the file system was made larger and the machine went down before that was complete on the disk, or it is damaged. " +
                "While it is mounted this way the mount fails, so nothing can be written to it.") { Fixes = Repairs.Xfs },
            new("XFS ({e}): xfs_buf_map_verify: daddr {w} out of range, EOFS {w}",
                "the XFS on {1} asks for block {2}, which is after its end ({3})") { Fixes = Repairs.Xfs },
            new("XFS ({e}): Metadata corruption detected at {e}, {t}", "the XFS on {1} is damaged: found by {2}, {3}")
                { Fixes = Repairs.Xfs },
            new("XFS ({e}): Metadata CRC error detected at {e}, {t}", "the XFS on {1} read metadata with a wrong checksum ({3})",
                "The data that was read is not the data that was written.") { Fixes = Repairs.Xfs, Reads = OfQuota },
            new("XFS ({e}): metadata I/O error in \"{e}\" at daddr {w} len {w} error {w}",
                "the XFS on {1} read damaged metadata at {3} ({2}, error {5})",
                "74 is a wrong checksum, 117 content that cannot be right. The device itself answered the read.")
                { Holds = OfContent, Fixes = Repairs.Xfs, Reads = OfQuota },
            new("XFS ({e}): metadata I/O error: block {w} (\"{e}\") error {w}",
                "the XFS on {1} read damaged metadata at {2} ({3}, error {4})",
                "74 is a wrong checksum, 117 content that cannot be right. The device itself answered the read.")
                { Holds = OfContent, Fixes = Repairs.Xfs, Reads = OfQuota },
            new("XFS ({e}): Corruption of * detected", "the XFS on {1} is damaged") { Fixes = Repairs.Xfs },
            new("XFS ({e}): Corruption detected", "the XFS on {1} is damaged") { Fixes = Repairs.Xfs },
            new("XFS ({e}): Corruption warning: {t}", "the XFS on {1} warns of damage: {2}") { Fixes = Repairs.Xfs },
            new("XFS ({e}): *returned error -117", "the XFS on {1} is damaged (-117, EUCLEAN)") { Fixes = Repairs.Xfs },
            new("EXT4-fs error (device {e}): {w}:{w}: {t}", "the ext4 on {1} is damaged, found by {2}: {4}")
                { Holds = Damage, Fixes = Repairs.Ext },
            new("EXT4-fs error (device {e}): {w}:{w} inode {t}", "the ext4 on {1} is damaged, found by {2}: inode {4}")
                { Holds = Damage, Fixes = Repairs.Ext },
            new("EXT4-fs error (device {e}): {w}: {t}", "the ext4 on {1} is damaged, found by {2}: {3}")
                { Holds = Damage, Fixes = Repairs.Ext },
            new("EXT4-fs error (device {e}) in {w}:{w}: Corrupt filesystem", "the ext4 on {1} is damaged (found by {2})")
                { Fixes = Repairs.Ext },
            new("EXT4-fs error (device {e}) in {w}:{w}: Filesystem failed CRC",
                "the ext4 on {1} read metadata with a wrong checksum (found by {2})") { Fixes = Repairs.Ext },
            new("EXT3-fs error (device {e}): {w}: {t}", "the ext3 on {1} is damaged, found by {2}: {3}")
                { Holds = Damage, Fixes = Repairs.Ext },
            new("EXT2-fs error (device {e}): {w}: {t}", "the ext2 on {1} is damaged, found by {2}: {3}")
                { Holds = Damage, Fixes = Repairs.Ext },
            new("EXT2-fs ({e}): error: {w}: {t}", "the ext2 on {1} is damaged, found by {2}: {3}") { Holds = Damage, Fixes = Repairs.Ext },
            new("EXT4-fs ({e}): ext4_check_descriptors: {t}", "the ext4 on {1} is damaged: {2}") { Fixes = Repairs.Ext },
            new("JBD2: Invalid checksum recovering *block {w} in log", "an ext4 journal has a block with a wrong checksum ({1})")
                { Subject = 0, Fixes = [new("Check the file system unmounted", "e2fsck -fn /dev/DISK")] },
            new("F2FS-fs ({e}): Mismatch valid blocks {t}", "the f2fs on {1} is damaged: counts of valid blocks differ"),
            new("F2FS-fs ({e}): inconsistent {t}", "the f2fs on {1} is damaged: inconsistent {2}"),
            new("F2FS-fs ({e}): *should run fsck to repair", "the f2fs on {1} is damaged"),
            new("FAT-fs ({e}): error, {t}", "the FAT file system on {1} is damaged: {2}"),
            new("ntfs3: {w}: *corrupt*run chkdsk", "the NTFS on {1} is damaged"),
            new("UBIFS error ({d} *): {w}: bad node {t}", "the UBIFS on {1} is damaged: bad node {3}",
                "A node in the flash is not the one that belongs there. Possible causes: " +
                    "an interrupted write, worn flash, or a driver that reads it wrongly.")
                { Fixes = [new("Read the flash's ECC errors before it; rewrite the image", "dmesg | grep -i -e ubi -e ecc")] },
            new("jffs2: *CRC * failed on node at {w}", "the JFFS2 has a node with a wrong checksum (at {1})")
                { Subject = 0, Severity = Severity.Warning, Fixes =
                    [new("A power cut during a write leaves one such node; many mean worn flash or a driver that reads it wrongly")] },
            new("bcachefs ({e}): *error validating {t}", "the bcachefs on {1} is damaged: {2}"),
            new("gfs2: fsid={d}: fatal: {t}", "the GFS2 {1} is damaged or lost its device: {2}"),
            new("OCFS2: ERROR (device {e}): {t}", "the OCFS2 on {1} is damaged: {2}"),
            .. Reiser.Damaged,
            new("BTRFS *(device {d}*): * read time tree block corruption detected", "the btrfs on {1} read a damaged tree block")
                { Fixes = Repairs.Btrfs },
            .. DamageReports.All,
        ],
        Origin = "fs/xfs/xfs_error.c, fs/ext4/super.c, fs/btrfs/disk-io.c and tree-checker.c, fs/f2fs, fs/fat/misc.c, fs/ubifs/io.c, " +
            "fs/jffs2, fs/gfs2/util.c, fs/ocfs2/super.c",
    };

    public static readonly Family IoError = new("filesystem-io-error", "a file system got errors from the device below it")
    {
        Area = Area.Crashing,
        OnBlockDevice = true,
        CausedBy = ["volume-io-error", "loop-file-not-written", "client-blocklisted", "network-storage-silent", "multipath-path-failed",
            "thin-pool-full", "raid-failed", "cache-lost", "disk-offline", "disk-link-frozen"],
        Cause = "The device below it failed a read or a write. The file system is affected, but not at fault.",
        Fixes = Repairs.Below,
        Tellings =
        [
            .. Reiser.Unreadable,
            new("XFS ({e}): log I/O error {t}", "the XFS on {1} could not write its log ({2})"),
            new("XFS ({e}): metadata I/O error in \"{e}\" at daddr {w} len {w} error {w}",
                "the XFS on {1} could not read or write metadata at {3} (error {5})") { Holds = OfDevice },
            new("XFS ({e}): metadata I/O error: block {w} (\"{e}\") error {w}",
                "the XFS on {1} could not read or write metadata at {2} (error {4})") { Holds = OfDevice },
            new("XFS ({e}): writeback error on {t}", "the XFS on {1} could not write data back ({2})"),
            new("EXT4-fs warning (device {e}): ext4_end_bio:{w}: I/O error {t}", "the ext4 on {1} could not write data: I/O error {3}"),
            new("EXT4-fs error (device {e}): {w}:{w}: {t}", "the ext4 on {1} got an error from below, in {2}: {4}") { Holds = Below },
            new("EXT4-fs error (device {e}): {w}:{w} inode {t}", "the ext4 on {1} got an error from below, in {2}: inode {4}")
                { Holds = Below },
            new("EXT3-fs error (device {e}): {w}: {t}", "the ext3 on {1} got an error from below, in {2}: {3}") { Holds = Below },
            new("EXT2-fs error (device {e}): {w}: {t}", "the ext2 on {1} got an error from below, in {2}: {3}") { Holds = Below },
            new("EXT2-fs ({e}): error: {w}: {t}", "the ext2 on {1} got an error from below, in {2}: {3}") { Holds = Below },
            new("EXT4-fs error (device {e}) in {w}:{w}: IO failure", "the ext4 on {1} got an error from below, in {2}"),
            new("EXT4-fs ({e}): I/O error while writing superblock", "the ext4 on {1} could not write its superblock"),
            new("EXT4-fs ({e}): previous I/O error to superblock detected", "the ext4 on {1} could not write its superblock"),
            new("EXT4-fs ({e}): Delayed block allocation failed for inode {w} at*with error {w}",
                "the ext4 on {1} lost data of inode {2} (error {3})", "Data that a program wrote could not be stored on the device."),
            new("JBD2: Error {w} detected when updating journal superblock for {d}", "the journal of {2} could not be written ({1})")
                { Subject = 2 },
            new("JBD2: Detected IO errors while flushing file data on {d}", "data of files on {1} could not be written"),
            new("BTRFS error (device {d}*): bdev {e} errs: wr {w}, rd {w}, flush {w}, corrupt {w}, gen {w}",
                "btrfs counts errors of {2}: {3} writes, {4} reads, {5} flushes, {6} corrupt, {7} old",
                "The counters increase with each error: wr, rd and flush are errors of the device, corrupt is a wrong checksum, " +
                    "gen an old block.")
                { Holds = AnyCount, Fixes = Repairs.Btrfs },
            new("BTRFS *(device {d}*): lost page write due to IO error on {t}", "the btrfs on {1} lost a write on {2}"),
            new("BTRFS*error (device {d}*errno=-5 IO failure", "the btrfs on {1} got an I/O failure",
                "btrfs returns -5 for an error of the device and also for a block that failed its checks. " +
                    "The lines before show which it was."),
            new("F2FS-fs ({e}): *I/O error {t}", "the f2fs on {1} got an error from below ({2})"),
            new("F2FS-fs ({e}): Issue discard({e}) failed, ret: {w}", "discards of the f2fs on {1} fail ({3})",
                "A discard only tells the device which blocks are no longer used. Stored data is not affected.")
                { Severity = Severity.Warning },
            new("Buffer I/O error on dev {d}, logical block {w}, lost * write", "a write to {1} was lost (block {2})")
                { Holds = Disk },
            new("Buffer I/O error on dev {d}, logical block {w}, async page read", "a read of {1} failed (block {2})")
                { Holds = Disk, Severity = Severity.Warning },
            new("Buffer I/O error on device {d}, logical block {w}", "a read or write of {1} failed (block {2})") { Holds = Disk },
            new("lost page write due to I/O error on {d}", "a write to {1} was lost"),
            new("ubi{w} error: ubi_io_{w}: error {w} (ECC error)", "flash read by ubi{1} has more wrong bits than ECC can correct"),
            new("ubi{w}: ubi_io_{w}: error {w} (ECC error)", "flash read by ubi{1} has more wrong bits than ECC can correct"),
        ],
        Origin = "fs/xfs/xfs_log.c, fs/xfs/xfs_buf.c, fs/ext4/page-io.c and super.c, fs/jbd2/journal.c, fs/btrfs/volumes.c, fs/buffer.c, " +
            "drivers/mtd/ubi/io.c",
    };

    public static readonly Family ShutDown = new("filesystem-shut-down", "a file system was shut down after an error")
    {
        Area = Area.Crashing,
        OnBlockDevice = true,
        CausedBy = ["filesystem-damaged", "filesystem-io-error", "filesystem-fault", "filesystem-full", "volume-io-error",
            "client-blocklisted", "cache-lost", "raid-failed", "thin-pool-full", "disk-offline", "disk-link-frozen"],
        Cause = "It cannot write its journal or found itself damaged, and takes no more changes.",
        Fixes =
        [
            new("Read the messages before it, and fix that first", "dmesg | grep -B20 {0}"),
            new("Then unmount the file system and mount it again, so that its journal is replayed; check it if that fails"),
        ],
        Tellings =
        [
            new("XFS ({e}): Log I/O Error*Shutting down filesystem", "the XFS on {1} shut itself down: its log could not be written " +
                "or accounted", "\"Log I/O Error\" is the name of the reason flag (0x2): " +
                "only a line about an I/O error before it would show an error of the disk.") { Fixes = Repairs.Xfs[..1] },
            new("XFS ({e}): Metadata I/O Error*Shutting down filesystem", "the XFS on {1} shut itself down: metadata could not be written")
                { Fixes = Repairs.Below },
            new("XFS ({e}): Corruption of *Shutting down filesystem", "the XFS on {1} shut itself down: it is damaged")
                { Fixes = Repairs.Xfs },
            new("XFS ({e}): I/O Error Detected. Shutting down filesystem", "the XFS on {1} shut itself down",
                "\"I/O Error Detected\" is the wording of this shutdown's flag (0x1) and does not prove an error of the disk. " +
                    "The lines before it give the reason.") { Fixes = Repairs.Xfs },
            new("XFS ({e}): *Shutting down filesystem", "the XFS on {1} shut itself down"),
            new("XFS ({e}): Filesystem has been shut down due to {t}", "the XFS on {1} was shut down ({2})"),
            new("XFS ({e}): xfs_log_force: error {w} returned", "the XFS on {1} is shut down: every access fails"),
            new("Aborting journal on device {d}", "the journal of {1} was aborted: its file system turns read-only")
                { Fixes = [Repairs.Below[0], .. Repairs.Ext] },
            new("EXT4-fs ({e}): Remounting filesystem read-only", "the ext4 on {1} turned read-only after an error")
                { Fixes = [Repairs.Below[0], .. Repairs.Ext] },
            new("EXT4-fs error (device {e}): {w}:{w}: Detected aborted journal", "the ext4 on {1} has an aborted journal")
                { Fixes = [Repairs.Below[0], .. Repairs.Ext] },
            new("EXT4-fs error (device {e}) in {w}:{w}: Journal has aborted", "the ext4 on {1} has an aborted journal")
                { Fixes = [Repairs.Below[0], .. Repairs.Ext] },
            new("EXT4-fs error (device {e}): {w}:{w}: *Abort forced by user",
                "the ext4 on {1} was stopped because somebody asked for it (mount -o abort)"),
            new("EXT3-fs ({e}): *remounting filesystem read-only", "the ext3 on {1} turned read-only after an error")
                { Fixes = [Repairs.Below[0], .. Repairs.Ext] },
            new("BTRFS* (device {d}*forced readonly", "the btrfs on {1} turned read-only after an error") { Fixes = Repairs.Btrfs[..3] },
            new("BTRFS*(device {d}*Transaction aborted (error {w})", "a transaction of the btrfs on {1} was aborted (error {2})")
                { Fixes = Repairs.Btrfs[..3] },
            new("F2FS-fs ({e}): Stopped filesystem due to reason: {w}", "the f2fs on {1} stopped (reason {2})"),
            new("UBIFS error ({d} *): {e}: switched to read-only mode, error {w}", "the UBIFS on {1} turned read-only (error {3})"),
            new("UBIFS warning ({d} *): {e}: switched to read-only mode, error {w}", "the UBIFS on {1} turned read-only (error {3})"),
            new("FAT-fs ({e}): Filesystem has been set read-only", "the FAT file system on {1} turned read-only"),
            new("bcachefs ({e}): *emergency read only", "the bcachefs on {1} turned read-only"),
            new("gfs2: fsid={d}: *withdrawn", "the GFS2 {1} was withdrawn from this node"),
            new("OCFS2: File system is now read-only", "an OCFS2 turned read-only") { Subject = 0 },
            new("NILFS error (device {e}): {t}", "the nilfs on {1} met an error: {2}"),
        ],
        Origin = "fs/ext4/super.c, fs/jbd2/journal.c, fs/xfs/xfs_fsops.c, fs/btrfs/super.c, fs/f2fs/super.c, fs/ubifs/io.c, fs/fat/misc.c",
    };

    public static readonly Family Fault = new("filesystem-fault", "a file system's own code has a fault")
    {
        Area = Area.Crashing,
        OnBlockDevice = true,
        Cause = "The file system's code violated one of its own rules; neither the device nor its content is at fault.",
        Fixes = [new("Unmount and mount it again; update the kernel, and report it to the file system's developers",
            "umount /dev/{0}; mount /dev/{0} MOUNTPOINT")],
        Tellings =
        [
            new("XFS ({e}): *ticket reservation ran out. Need to up reservation",
                "XFS's own count of log space is wrong on {1}: a ticket used more than its reservation",
                "A transaction wrote more to the log than it had reserved. This is a fault of XFS itself, not the result of an I/O error."),
            new("XFS ({e}): Assertion failed: {t}", "an assertion of XFS failed on {1}: {2}"),
            new("XFS ({e}): *ran out of log space", "the XFS on {1} ran out of log space",
                "XFS reserves space of its log before it begins a change; that this did not suffice is a fault of its own count."),
            new("XFS ({e}): *head has wrapped tail", "the XFS on {1} ran into the end of its own log"),
            new("XFS ({e}): *attempting to delete a log item that is not in the AIL", "the XFS on {1} lost count of its log items"),
            new("XFS: Assertion failed: {t}", "an assertion of XFS failed: {1}") { Subject = 0, Fixes =
                [new("Update the kernel, and report it to the file system's developers")] },
            new("Assertion failure in {w}() at {t}", "an assertion of jbd2 failed in {1}") { Subject = 0, Fixes =
                [new("Update the kernel, and report it to the file system's developers")] },
            new("assertion failed: {e}, in fs/btrfs/{t}", "an assertion of btrfs failed: {1}") { Subject = 0, Fixes =
                [new("Update the kernel, and report it to the file system's developers")] },
        ],
        Origin = "fs/xfs/xfs_log.c xlog_write, fs/xfs/xfs_message.c, fs/jbd2, fs/btrfs/messages.h",
    };

    public static readonly Family[] All = [Damaged, IoError, Fault, ShutDown];
}
