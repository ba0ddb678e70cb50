namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// The primitive of the kernel on which a blocked task sleeps, by the innermost function of its stack that belongs to one
/// (kernel/locking; completion.c and wait.c of kernel/sched). It is printed where the stack does not tell what the task waits for.
/// </summary>
/// <param name="Name">With its article: <c>a mutex</c>.</param>
/// <param name="Detail">What the lock is taken for, or who ends the wait.</param>
/// <param name="IsLock">A task holds it: mutexes and rwsems. A semaphore has no owner.</param>
public sealed record SleepKind(string Name, string? Detail = null, bool IsLock = false)
{
    private const string Writing = "for writing";

    private static readonly (NamePattern Functions, SleepKind Kind)[] Kinds =
    [
        (new(["mutex_lock", "ww_mutex"]), Lock("a mutex")),
        (new(["rt_mutex", "rt_spin_lock", "rtlock_slowlock"]), Lock("an rt_mutex")),
        (new(["percpu_down_write"]), Lock("a per-CPU rwsem", Writing)),
        (new(["percpu_rwsem", "percpu_down_read"]), Lock("a per-CPU rwsem")),
        (new(["rwsem_down_write", "down_write", "call_rwsem_down_write"]), Lock("an rwsem", Writing)),
        (new(["rwsem_down_read", "down_read", "call_rwsem_down_read"]), Lock("an rwsem", "for reading")),
        (new(["^__down$", "^__down_", "^down$", "^down_interruptible", "^down_killable", "^down_timeout"]), new("a semaphore")),
        (new(["wait_for_completion", "wait_for_common", "do_wait_for_common"]),
            new("a completion", "which another task or an interrupt gives")),
        (new(["wait_on_bit", "bit_wait"]), new("a bit", "which another task clears")),
    ];

    /// <summary>Functions between the scheduler and the primitive.</summary>
    private static readonly NamePattern Within = new(["schedule", "context_switch", "^__switch_to", "io_schedule"]);

    private const int Deep = 8;

    /// <summary>The name and the detail.</summary>
    public string Words => Detail is null ? Name : $"{Name}, {Detail}";

    /// <summary>Null where the stack begins with none of them.</summary>
    public static SleepKind? Of(IReadOnlyList<StackFrame> frames)
    {
        // Before 4.14 a kernel without frame pointers confirms no frame of a sleeping task.
        bool guessed = !frames.Any(f => f.Reliable);
        foreach (StackFrame frame in frames.Where(f => (f.Reliable || guessed) && !Within.Fits(f.Function)).Take(Deep))
        {
            foreach ((NamePattern functions, SleepKind kind) in Kinds)
            {
                if (functions.Fits(frame.Function))
                    return kind;
            }
            // A function of a subsystem that has its own way to wait.
            if (!Waiting.IsWait(frame.Function))
                return null;
        }
        return null;
    }

    private static SleepKind Lock(string name, string? detail = null) => new(name, detail, IsLock: true);
}
