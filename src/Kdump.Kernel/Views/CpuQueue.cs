using Kdump.Kernel.Structs;

namespace Kdump.Kernel.Views;

/// <summary>The run queue of a CPU, struct rq of kernel/sched/sched.h.</summary>
/// <param name="Running">nr_running: number of runnable tasks, including the current one.</param>
/// <param name="Clock">The queue's clock in nanoseconds, at its last update.</param>
/// <param name="Fair">Tasks of CFS or EEVDF in the order of the tree (virtual run time or deadline), without the current one.</param>
/// <param name="RealTime">Real-time tasks, the highest priority first, including the current one.</param>
/// <param name="Deadline">Deadline tasks, the earliest deadline first.</param>
public sealed record CpuQueue(int Cpu, uint Running, ulong Clock, TaskStruct? Current, TaskStruct? Idle,
    IReadOnlyList<QueuedTask> Fair, IReadOnlyList<QueuedTask> RealTime, IReadOnlyList<QueuedTask> Deadline)
{
    /// <summary>
    /// Number of tasks in uninterruptible sleep that this queue counts. It may be negative: only the sum over all CPUs is meaningful.
    /// </summary>
    public long Uninterruptible { get; init; }

    public int WaitingForIo { get; init; }

    public ulong Switches { get; init; }

    /// <summary>True if the real-time tasks used up their share of CPU time and must not run.</summary>
    public bool Throttled { get; init; }

    /// <summary>
    /// Nanoseconds by which this queue's clock is behind the latest of all CPUs: the time for which this CPU had no tick.
    /// </summary>
    public ulong Behind { get; init; }
}

/// <summary>A task in a run queue.</summary>
/// <param name="Order">Sort key of the queue: virtual run time, priority, or deadline.</param>
/// <param name="Group">True if the task is in the queue of a control group.</param>
public sealed record QueuedTask(TaskStruct Task, long Order, bool Group);
