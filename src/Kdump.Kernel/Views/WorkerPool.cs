using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Symbols;

namespace Kdump.Kernel.Views;

/// <summary>A pool of workers, struct worker_pool of kernel/workqueue.c.</summary>
/// <param name="Cpu">Its CPU; negative for a pool of unbound work.</param>
/// <param name="Seconds">Since it last took up a work while some was pending; null where nothing is pending, or the time is not
/// known.</param>
/// <param name="Stuck">Longer than the kernel's own watchdog allows (wq_watchdog_thresh).</param>
public sealed record WorkerPool(int Id, int Cpu, int Nice, int Workers, int Idle, IReadOnlyList<BusyWorker> Busy,
    IReadOnlyList<PendingWork> Pending, TaskStruct? Manager, double? Seconds, bool Stuck);

/// <summary>A worker with the work that it runs.</summary>
/// <param name="Queue">Name of the workqueue; null where it cannot be read.</param>
public sealed record BusyWorker(TaskStruct Task, Location? Function, VirtualAddress Work, string? Queue, bool Rescuer);

/// <summary>Work that waits for a worker.</summary>
public sealed record PendingWork(VirtualAddress Work, Location? Function, string? Queue);

/// <summary>A workqueue that has something to do.</summary>
/// <param name="Active">Works that were given to pools and are not done.</param>
/// <param name="Waiting">Works over the limit of concurrency, which wait before any pool.</param>
/// <param name="Rescuer">Its own thread for times without memory; null where it has none.</param>
/// <param name="CallsRescuer">It has asked its rescuer for help and still waits.</param>
public sealed record WorkQueue(string Name, VirtualAddress Address, int Active, IReadOnlyList<PendingWork> Waiting, TaskStruct? Rescuer,
    bool CallsRescuer);
