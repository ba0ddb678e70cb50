namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// On which of the kernel's means a blocked task sleeps, by the innermost function of its stack that is one (kernel/locking, kernel/sched
/// completion.c and wait.c): said where what stands behind it is not known.
/// </summary>
public static class SleepKind
{
    private static readonly (NamePattern Names, string Words)[] Kinds =
    [
        (new(["mutex_lock", "ww_mutex"]), "a mutex"),
        (new(["rt_mutex", "rt_spin_lock", "rtlock_slowlock"]), "an rt_mutex"),
        (new(["percpu_down_write"]), "a per-CPU rwsem, for writing"),
        (new(["percpu_rwsem", "percpu_down_read"]), "a per-CPU rwsem"),
        (new(["rwsem_down_write", "down_write", "call_rwsem_down_write"]), "an rwsem, for writing"),
        (new(["rwsem_down_read", "down_read", "call_rwsem_down_read"]), "an rwsem, for reading"),
        (new(["^__down$", "^__down_", "^down$", "^down_interruptible", "^down_killable", "^down_timeout"]), "a semaphore"),
        (new(["wait_for_completion", "wait_for_common", "do_wait_for_common"]), "a completion, which another task or an interrupt gives"),
        (new(["wait_on_bit", "bit_wait"]), "a bit, which another task clears"),
    ];

    /// <summary>Functions between the scheduler and the means.</summary>
    private static readonly NamePattern Within = new(["schedule", "context_switch", "^__switch_to", "io_schedule"]);

    private const int Deep = 8;

    /// <summary>Null where the stack begins with none of them.</summary>
    public static string? Of(IReadOnlyList<StackFrame> frames)
    {
        // Before 4.14 a kernel without frame pointers confirms no frame of a sleeping task.
        bool guessed = !frames.Any(f => f.Reliable);
        foreach (StackFrame frame in frames.Where(f => (f.Reliable || guessed) && !Within.Fits(f.Function)).Take(Deep))
        {
            foreach ((NamePattern names, string words) in Kinds)
            {
                if (names.Fits(frame.Function))
                    return words;
            }
            // Somebody else's function: it waits in a way of its own.
            if (!Waiting.IsWait(frame.Function))
                return null;
        }
        return null;
    }
}
