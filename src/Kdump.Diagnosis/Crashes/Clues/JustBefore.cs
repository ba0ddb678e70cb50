namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// A device went away seconds before code that works on such devices got stuck or fell: the line is quoted beside the stack. Whether the
/// one made the other is for the reader to judge.
/// </summary>
internal static class JustBefore
{
    private const int MaxWords = 90;

    private static readonly string[] Kinds = ["soft-lockup", "hard-lockup", "hung-task", "rcu-stall", "null-dereference", "bad-access",
        "page-fault", "oops", "kernel-bug", "general-protection", "internal-error"];

    private sealed record Group(string What, string[] Said, NamePattern Frames);

    private static readonly Group[] Groups =
    [
        new("a disk or its path", ["removing handle(", "Synchronize Cache(10) failed", "rejecting I/O to", "Device offlined",
            "device_remove", "detected capacity change from", "Removing after probe failure", "surprise removal", "Disk failure on",
            "blocked FC remote port time out", "remote port time out", "connection timed out. ", "detected conn error"],
            new(["raid", "^md_", "^dm_", "multipath", "scsi", "^sd_", "nvme", "^blk_", "block", "bio_", "ext4", "jbd2", "xfs", "btrfs",
                "zfs", "zio_", "mpt3sas", "iscsi", "^fc_", "ata_"])),
        new("a USB device", ["USB disconnect"],
            new(["usb", "xhci", "ehci", "^hid", "uvc", "tty", "serial", "cdc", "input_", "snd_", "scsi"])),
        new("a PCI device or its link", ["Link Down", "Card not present", "link down", "containment event"],
            new(["pci", "nvme", "^igb", "^mlx", "^ixgbe", "^ice_", "iommu", "qi_submit", "amdgpu", "nv", "msi", "irq"])),
    ];

    public static IEnumerable<Clue> Read(ClueInput input)
    {
        if (!Kinds.Contains(input.Kind))
            yield break;
        List<ReportLine> before = input.Report.Before;
        for (int i = before.Count - 1; i >= 0; i--)
        {
            string text = before[i].Text;
            Group? group = Array.Find(Groups, g => Array.Exists(g.Said, w => text.Contains(w, StringComparison.Ordinal)));
            if (group is null || !input.Frames.Where(f => f.Reliable).Take(12)
                .Any(f => group.Frames.Fits(f.Function) || (f.Module is { } module && group.Frames.Fits(module))))
                continue;
            yield return new Clue("just-before", $"Just before, {group.What} went away: «{Printable.Quoted(text.Trim(), MaxWords)}». " +
                "The code on this stack works on such.", input.SourceOf(before[i]));
            yield break;
        }
    }
}
