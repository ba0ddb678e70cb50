using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Views;

/// <summary>A disk, struct gendisk of include/linux/blkdev.h, with its queue.</summary>
/// <param name="Kind">nvme, scsi, virtio, dm, md, loop …; the name of its operations where it is none that we know.</param>
/// <param name="Parent">The device that it is of, with its driver; null for disks made of others.</param>
/// <param name="Openers">How many have it open; null where the kernel does not tell (until 5.10, and where bd_openers is no
/// atomic).</param>
/// <param name="Queues">Hardware queues; 0 for a disk that takes bios and has no requests.</param>
/// <param name="Counted">Reads and writes in flight by its own counters, for disks without requests too; null where they are
/// missing.</param>
/// <param name="QueueState">quiesced, frozen, dying …; empty for a queue that runs.</param>
/// <param name="Slaves">Disks below it.</param>
/// <param name="Holders">Disks above it.</param>
/// <param name="Details">What its driver knows: name and value.</param>
/// <param name="Trouble">Details that show a problem.</param>
/// <param name="Requests">The oldest first.</param>
public sealed record BlockDisk(VirtualAddress Address, string Name, string Device, string Kind, string? Parent, ulong Sectors,
    bool ReadOnly,
    int? Openers, uint Queues, string? Scheduler, (long Reads, long Writes)? Counted, IReadOnlyList<string> QueueState,
    IReadOnlyList<string> Slaves, IReadOnlyList<string> Holders, IReadOnlyList<BlockPartition> Partitions,
    IReadOnlyList<(string Name, string Value)> Details, IReadOnlyList<string> Trouble, IReadOnlyList<BlockRequest> Requests);
