namespace Kdump.Diagnosis.Catalogue.Families;

/// <summary>
/// reiserfs: its lines begin with the number of a check (<c>vs-13070: </c>, fs/reiserfs/*.c) and name a device only since 2.6.
/// </summary>
internal static class Reiser
{
    private const string NotRead = "an inode or a directory of a reiserfs cannot be read";

    /// <summary>The device below did not give what was read.</summary>
    public static Telling[] Unreadable =>
    [
        new("ReiserFS: {e}: warning: *: i/o failure occurred trying to find {t}", "the reiserfs on {1} could not read the {2}"),
        new("i/o failure occurred trying to find {t}", NotRead, "The reiserfs met a read error of the device below it; which device, the " +
            "lines of that device tell.") { Subject = 0 },
        new("ReiserFS: {e}: warning: zam-7001: io error in {t}", "the reiserfs on {1} got a read error in {2}"),
        new("zam-7001: io error in {t}", NotRead) { Subject = 0 },
        new("journal-601, buffer write failed", "a reiserfs could not write its journal") { Subject = 0 },
    ];

    public static Telling[] Damaged =>
    [
        new("REISERFS error (device {e}): {t}", "the reiserfs on {1} is damaged: {2}"),
        new("REISERFS panic (device {e}): {t}", "the reiserfs on {1} is damaged, and the kernel stopped for it: {2}"),
        new("REISERFS: panic (device {e}): {t}", "the reiserfs on {1} is damaged, and the kernel stopped for it: {2}"),
        new("ReiserFS: {e}: warning: vs-5150: search_by_key: {t}", "the reiserfs on {1} is damaged: {2}"),
        new("ReiserFS: {e}: warning: is_tree_node: {t}", "the reiserfs on {1} is damaged: {2}"),
        new("vs-5150: search_by_key: {t}", "a reiserfs is damaged: {1}") { Subject = 0 },
        new("is_tree_node: node level {t}", "a reiserfs is damaged: node level {1}") { Subject = 0 },
    ];
}
