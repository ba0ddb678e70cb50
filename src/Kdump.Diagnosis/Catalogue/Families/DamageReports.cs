namespace Kdump.Diagnosis.Catalogue.Families;

/// <summary>
/// Further words by which XFS, jbd2 and btrfs report wrong content: XFS' alerts of single structures and its request for xfs_repair
/// behind them, checksums of a journal while it is replayed, and every message that btrfs itself calls critical.
/// </summary>
internal static class DamageReports
{
    private const string Replay = "What was in the journal when the machine went down was not replayed completely. " +
        "Possible causes: writes that reached the disk in another order or not at all, or an older fault of the disk.";

    private static readonly Fix[] Journal = [new("Check the file system unmounted", "e2fsck -fn /dev/DISK")];

    public static readonly Telling[] All =
    [
        new("XFS ({e}): log record CRC mismatch: found {w}, expected {w}", "the log of the XFS on {1} has a record with a wrong checksum",
            Replay) { Fixes = Repairs.Xfs },
        new("XFS ({e}): Access to block zero in inode {w} {t}", "the XFS on {1} is damaged: inode {2} points to block zero")
            { Fixes = Repairs.Xfs },
        new("XFS ({e}): Allocated a known in-use inode {w}", "the XFS on {1} is damaged: inode {2} is in use and counted as free")
            { Fixes = Repairs.Xfs },
        new("XFS ({e}): Bad inode {w}", "the XFS on {1} is damaged: inode {2} in its log makes no sense") { Fixes = Repairs.Xfs },
        .. new[] { "bad inode magic/vsn daddr {t}", "invalid sparse inode record: {t}", "corrupted root inode {t}",
            "Uncorrected metadata errors detected", "Tail block ({w}) overwrite detected" }
            .Select(w => new Telling($"XFS ({{e}}): {w}", "the XFS on {1} is damaged") { Fixes = Repairs.Xfs }),
        .. new[] { "Unmount and run xfs_repair", "Please run xfs_repair", "Please unmount and run xfs_repair" }
            .Select(w => new Telling($"XFS ({{e}}): {w}", "the XFS on {1} asks for a repair",
                "The lines before it tell what was found.") { Confidence = 0.8, Fixes = Repairs.Xfs }),
        new("JBD2: Invalid checksum recovering data block {w} in journal block {w}",
            "an ext4 journal has a block with a wrong checksum ({1})", Replay) { Subject = 0, Fixes = Journal },
        new("JBD2: Invalid checksum found in transaction {w}", "transaction {1} of an ext4 journal has a wrong checksum", Replay)
            { Subject = 0, Fixes = Journal },
        new("JBD2: recovery pass {w} ended at transaction {w}, expected {w}",
            "the replay of an ext4 journal ended at transaction {2} instead of {3}", Replay) { Subject = 0, Fixes = Journal },
        .. new[] { "JBD2: bad block at offset {w}", "JBD2: journal file too short {w},{w}", "JBD2: Journal too short (blocks {e})" }
            .Select(w => new Telling(w, "an ext4 journal is shorter than it should be, or damaged") { Subject = 0, Fixes = Journal }),
        new("{w}: journal block not found at offset {w} on {d}", "the journal of {3} has a hole at block {2}")
            { Subject = 3, Fixes = Journal },
        new("BTRFS critical (device {d}*): {t}", "btrfs on {1} reports a critical error: {2}",
            "btrfs uses this level where its trees contradict each other, or a block of them cannot be found. " +
                "The cause may be lost writes, faulty memory or a fault of btrfs itself.") { Confidence = 0.75, Fixes = Repairs.Btrfs },
    ];
}
