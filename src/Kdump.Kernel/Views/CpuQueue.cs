using Kdump.Kernel.Structs;

namespace Kdump.Kernel.Views;

/// <summary>The run queue of a CPU, struct rq of kernel/sched/sched.h.</summary>
/// <param name="Running">nr_running: tasks that want the CPU, the current one included.</param>
/// <param name="Clock">Nanoseconds of its own clock when it was last brought up to date.</param>
/// <param name="Fair">CFS or EEVDF, in the order of the tree (virtual run time or deadline), without the current one.</param>
/// <param name="RealTime">Highest priority first, the current one included.</param>
/// <param name="Deadline">Earliest first.</param>
public sealed record CpuQueue(int Cpu, uint Running, ulong Clock, TaskStruct? Current, TaskStruct? Idle,
    IReadOnlyList<QueuedTask> Fair, IReadOnlyList<QueuedTask> RealTime, IReadOnlyList<QueuedTask> Deadline)
{
    /// <summary>Tasks in uninterruptible sleep that it counts; may be negative, only the sum of all CPUs means something.</summary>
    public long Uninterruptible { get; init; }

    public int WaitingForIo { get; init; }

    public ulong Switches { get; init; }

    /// <summary>Real-time tasks have used up their share of time and must not run.</summary>
    public bool Throttled { get; init; }

    /// <summary>Nanoseconds by which its clock is behind the latest one of all CPUs: it has not ticked for so long.</summary>
    public ulong Behind { get; init; }
}

/// <summary>A task that stands in a run queue.</summary>
/// <param name="Order">What the queue goes by: virtual run time, priority, or deadline.</param>
/// <param name="Group">It stands in the queue of a control group.</param>
public sealed record QueuedTask(TaskStruct Task, long Order, bool Group);
