using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;

namespace Kdump.Kernel.Views;

/// <summary>A request of a disk's queue that was not finished, struct request of include/linux/blk-mq.h.</summary>
/// <param name="State">in flight (the driver has it), completing, or waiting (in the queue, not given to the driver).</param>
/// <param name="Operation">read, write, flush, discard …</param>
/// <param name="Flags">sync, meta, fua, preflush …</param>
/// <param name="Sector">In units of 512 bytes.</param>
/// <param name="Age">Nanoseconds since it was made; null where the kernel does not keep it.</param>
/// <param name="DriverAge">Nanoseconds since the driver has it; null where it has not, or the kernel does not keep it.</param>
/// <param name="Owner">Who waits for it or made it, in words, with what proves it; null where nothing tells.</param>
/// <param name="EndIo">The function that its first bio calls when it is done.</param>
public sealed record BlockRequest(VirtualAddress Address, int Queue, int Tag, string State, string Operation, IReadOnlyList<string> Flags,
    ulong Sector, uint Bytes, ulong? Age, ulong? DriverAge, uint TimeoutTicks, string? EndIo, TaskStruct? Owner, string? Cgroup);
