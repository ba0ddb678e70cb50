using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Views;

/// <summary>A disk, struct gendisk of include/linux/blkdev.h, with its queue.</summary>
/// <param name="Kind">nvme, scsi, virtio, dm, md, loop …; for other drivers the symbol of the disk's operations.</param>
/// <param name="Parent">The device of the disk, with its driver; null for disks that consist of other disks.</param>
/// <param name="Openers">Number of times the disk is open; null if the kernel does not record it (until 5.10, and if bd_openers is not
/// atomic).</param>
/// <param name="Queues">Number of hardware queues; 0 for a disk without requests, whose driver takes bios.</param>
/// <param name="Counted">Reads and writes in flight by the disk's counters, also for disks without requests; null if the counters are
/// missing.</param>
/// <param name="QueueState">quiesced, frozen, dying …; empty for a running queue.</param>
/// <param name="Slaves">Disks below it.</param>
/// <param name="Holders">Disks above it.</param>
/// <param name="Details">Data of the driver: name and value.</param>
/// <param name="Trouble">Details that show a problem.</param>
/// <param name="Requests">The unfinished requests, the oldest first.</param>
public sealed record BlockDisk(VirtualAddress Address, string Name, string Device, string Kind, string? Parent, ulong Sectors,
    bool ReadOnly,
    int? Openers, uint Queues, string? Scheduler, (long Reads, long Writes)? Counted, IReadOnlyList<string> QueueState,
    IReadOnlyList<string> Slaves, IReadOnlyList<string> Holders, IReadOnlyList<BlockPartition> Partitions,
    IReadOnlyList<(string Name, string Value)> Details, IReadOnlyList<string> Trouble, IReadOnlyList<BlockRequest> Requests);
