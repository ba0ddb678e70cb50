using Kdump.Diagnosis.Catalogue;

namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// A kernel thread that hangs and whose name says for which device it works: <c>xfsaild/rbd0</c>, <c>jbd2/sda1-8</c>, <c>loop3</c>,
/// <c>md127_raid5</c>. What it waits for is that device, even where its stack was not posted.
/// </summary>
internal static class DeviceThreads
{
    private static readonly (string Start, string Work)[] Threads =
    [
        ("xfsaild/", "writes XFS's metadata to"), ("xfs-sync/", "works for the XFS on"), ("xfs-cil/", "writes the log of the XFS on"),
        ("xfs-buf/", "works for the XFS on"), ("xfs-conv/", "works for the XFS on"), ("xfs-inodegc/", "works for the XFS on"),
        ("xfs_mru_cache/", "works for the XFS on"), ("xfs-log/", "writes the log of the XFS on"), ("jbd2/", "writes the journal (ext4) on"),
        ("dmcrypt_write/", "writes what dm-crypt encrypted to"), ("f2fs_ckpt-", "writes checkpoints of the f2fs on"),
        ("f2fs_gc-", "cleans the f2fs on"), ("f2fs_flush-", "flushes the f2fs on"),
    ];

    public static IEnumerable<Clue> Read(ClueInput input)
    {
        if (input.Kind != "hung-task" || input.Context.Comm is not { Length: > 3 } comm || Of(comm) is not { } told)
            yield break;
        yield return new Clue("device-thread", told, input.Report.Heading);
    }

    private static string? Of(string comm)
    {
        foreach ((string start, string work) in Threads)
        {
            if (!comm.StartsWith(start, StringComparison.Ordinal))
                continue;
            string device = BlockName.WithoutJournal(comm[start.Length..]);
            return PlainWord.Is(device) ? Sentence(comm, work, device) : null;
        }
        int raid = comm.IndexOf("_raid", StringComparison.Ordinal);
        if (raid > 2 && comm.StartsWith("md", StringComparison.Ordinal) && char.IsAsciiDigit(comm[2]))
            return Sentence(comm, "runs the RAID array", comm[..raid]);
        return comm.StartsWith("loop", StringComparison.Ordinal) && comm.AsSpan(4).IndexOfAnyExceptInRange('0', '9') < 0
            ? Sentence(comm, "works for the loop device", comm) : null;
    }

    private static string Sentence(string comm, string work, string device) =>
        $"{comm} is the kernel thread that {work} {device}; it waits until {device} has done what it was given." +
        (BlockName.Below(device) is { } below ? $" {below}" : "");
}
