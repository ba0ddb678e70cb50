using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;

namespace Kdump.Kernel.Views;

/// <summary>An unfinished request in a disk's queue, struct request of include/linux/blk-mq.h.</summary>
/// <param name="State">in flight (the driver has it), completing, or waiting (in the queue, not yet passed to the driver).</param>
/// <param name="Operation">read, write, flush, discard …</param>
/// <param name="Flags">sync, meta, fua, preflush …</param>
/// <param name="Sector">First sector, in units of 512 bytes.</param>
/// <param name="Age">Nanoseconds since the request was created; null if the kernel does not record it.</param>
/// <param name="DriverAge">Nanoseconds since the driver got the request; null if it did not get it, or the kernel does not record
/// it.</param>
/// <param name="Owner">Text with the task that waits for the request or created it, and the evidence; null if not known.</param>
/// <param name="EndIo">The function that is called at the end of its first bio (bi_end_io).</param>
public sealed record BlockRequest(VirtualAddress Address, int Queue, int Tag, string State, string Operation, IReadOnlyList<string> Flags,
    ulong Sector, uint Bytes, ulong? Age, ulong? DriverAge, uint TimeoutTicks, string? EndIo, TaskStruct? Owner, string? Cgroup);
