using Kdump.Kernel.Structs;
using Kdump.Kernel.Symbols;
using Kdump.Kernel.Unwind;

namespace Kdump.Kernel.Views;

/// <summary>A task in uninterruptible sleep at the time of the crash: where it sleeps, for what, and the maximum time.</summary>
/// <param name="Within">The innermost function that is neither the scheduler's nor a lock's.</param>
/// <param name="Wait">The object for which it waits; null if that is not proven.</param>
public sealed record BlockedTask(TaskStruct Task, Stack Stack, Location? Within, TaskWait? Wait)
{
    public double? Seconds => Task.NanosecondsSinceRun / 1e9;
}

/// <summary>
/// Tasks in uninterruptible sleep, the longest wait first. Those that a fatal signal could wake are among them, because they may wait for
/// a lock, too; kernel/hung_task.c does not examine them. Frozen tasks are not.
/// </summary>
public sealed class BlockedTasks
{
    /// <summary>
    /// Maximum number of tasks: a storage failure can block every thread of a large machine, and each stack takes a fraction of a
    /// millisecond.
    /// </summary>
    private const int MaxTasks = 2000;

    /// <summary>Default of sysctl_hung_task_timeout_secs, in seconds.</summary>
    private const double DefaultLimit = 120;

    private readonly Stacks stacks;

    public BlockedTasks(CrashedKernel kernel, IReadOnlyList<TaskStruct> tasks, Stacks stacks)
    {
        this.stacks = stacks;
        Limit = ReadLimit(kernel);
        Dictionary<ulong, TaskStruct> byAddress = tasks.ToDictionary(t => t.Address.Value);
        TaskStruct[] blocked = [.. tasks.Where(t => t is { State: "UN", OnCpu: false, Frozen: false })
            .OrderByDescending(t => t.NanosecondsSinceRun)];
        LeftOut = Math.Max(0, blocked.Length - MaxTasks);
        All = [.. blocked.Take(MaxTasks).Select(t => Look(kernel, t, byAddress))];
    }

    public IReadOnlyList<BlockedTask> All { get; }

    public int LeftOut { get; }

    /// <summary>Seconds after which the crashed kernel itself would have reported a task as hung.</summary>
    public double Limit { get; }

    /// <summary>Where a task waits: the innermost function that belongs neither to the scheduler nor to a lock.</summary>
    public static Location? Within(Stack stack) =>
        stack.Frames.FirstOrDefault(f => f.Kind != FrameKind.Guess && f.Location is { } at && !IsWaiting(at.Symbol))?.Location;

    public Stack StackOf(TaskStruct task) => stacks.Of(task);

    private BlockedTask Look(CrashedKernel kernel, TaskStruct task, Dictionary<ulong, TaskStruct> tasks)
    {
        Stack stack = stacks.Of(task);
        return new BlockedTask(task, stack, Within(stack), TaskWait.Of(kernel, task, stack, tasks));
    }

    private static bool IsWaiting(string function) => function.Contains("schedule", StringComparison.Ordinal) ||
        Array.Exists(Waiting, w => function.StartsWith(w, StringComparison.Ordinal)) || Array.Exists(LockKind.All, k => k.Enters(function));

    /// <summary>Functions whose only purpose is to wait: kernel/sched/{wait_bit,completion}.c, kernel/locking, mm/filemap.c.</summary>
    private static readonly string[] Waiting =
    [
        "__switch_to", "bit_wait", "msleep", "wait_for_completion", "wait_for_common", "__wait_for_common", "do_wait_for_common",
        "percpu_rwsem_wait", "__percpu_down_read", "percpu_down_", "rt_mutex_slowlock", "__rt_mutex_slowlock", "rt_mutex_wait_proxy_lock",
        "rwbase_", "out_of_line_wait_on_bit", "__wait_on_bit", "folio_wait_bit", "wait_on_page_bit", "__folio_lock", "__lock_page",
        "__wait_on_buffer", "__lock_buffer",
    ];

    private static double ReadLimit(CrashedKernel kernel) =>
        kernel.FindSymbol("sysctl_hung_task_timeout_secs") is { } at && kernel.Memory.TryU64(at, out ulong seconds) && seconds is > 0 and
            < 1_000_000 ? seconds : DefaultLimit;
}
