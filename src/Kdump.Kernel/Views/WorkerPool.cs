using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Symbols;

namespace Kdump.Kernel.Views;

/// <summary>A pool of workers, struct worker_pool of kernel/workqueue.c.</summary>
/// <param name="Cpu">The pool's CPU; negative for a pool of unbound workqueues.</param>
/// <param name="Seconds">Seconds since the pool last started a work item, if any is pending; null if none is pending, or the time is not
/// known.</param>
/// <param name="Stuck">True if that is longer than the kernel's own watchdog allows (wq_watchdog_thresh).</param>
public sealed record WorkerPool(int Id, int Cpu, int Nice, int Workers, int Idle, IReadOnlyList<BusyWorker> Busy,
    IReadOnlyList<PendingWork> Pending, TaskStruct? Manager, double? Seconds, bool Stuck);

/// <summary>A worker and the work item that it runs.</summary>
/// <param name="Queue">Name of the workqueue; null if it cannot be read.</param>
public sealed record BusyWorker(TaskStruct Task, Location? Function, VirtualAddress Work, string? Queue, bool Rescuer);

/// <summary>A work item that waits for a worker.</summary>
public sealed record PendingWork(VirtualAddress Work, Location? Function, string? Queue);

/// <summary>A workqueue with work items.</summary>
/// <param name="Active">Number of work items that were passed to pools and are not finished.</param>
/// <param name="Waiting">Number of work items above the concurrency limit, which are not in a pool yet.</param>
/// <param name="Rescuer">The queue's own thread for memory shortage; null if it has none.</param>
/// <param name="CallsRescuer">True if the queue requested its rescuer and still waits for it.</param>
public sealed record WorkQueue(string Name, VirtualAddress Address, int Active, IReadOnlyList<PendingWork> Waiting, TaskStruct? Rescuer,
    bool CallsRescuer);
