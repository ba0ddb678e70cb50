namespace Kdump.Kernel.Structs;

/// <summary>
/// A sleeping lock whose owner the kernel keeps: kernel/locking/mutex.c, rwsem.c. Its waiters stand in a ring on their own stacks, each
/// naming
/// its task; the lock is in that ring as the head, <c>wait_list</c>, or since 7.1 outside of it with a pointer, <c>first_waiter</c>.
/// </summary>
public sealed record LockKind(string Name, string Waiter, string[] Functions)
{
    /// <summary>
    /// owner's low bits are flags in both: handoff and pickup of a mutex; reader-owned and not to be spun on of an rw_semaphore.
    /// </summary>
    public const ulong OwnerFlags = 7;

    public const ulong ReaderOwned = 1;

    public static readonly LockKind Mutex =
        new("mutex", "mutex_waiter", ["__mutex_lock", "mutex_lock", "__ww_mutex_lock", "ww_mutex_lock"]);

    public static readonly LockKind RwSemaphore =
        new("rw_semaphore", "rwsem_waiter", ["rwsem_down_", "down_read", "down_write", "__down_read", "__down_write"]);

    /// <summary>
    /// kernel/locking/semaphore.c: who took it is not kept, but by last_holder since Linux commit 194a9b9e843b ("hung_task: show the
    /// blocker
    /// task if the task is hung on semaphore") (v6.16), CONFIG_DETECT_HUNG_TASK_BLOCKER.
    /// </summary>
    public static readonly LockKind Semaphore = new("semaphore", "semaphore_waiter",
        ["__down_common", "___down_common", "down_interruptible", "down_killable", "down_timeout", "__down_interruptible",
            "__down_killable",
            "__down_timeout"]) { Exact = ["down", "__down"] };

    public static readonly LockKind[] All = [Mutex, RwSemaphore, Semaphore];

    /// <summary>Functions whose names others begin with.</summary>
    public string[] Exact { get; init; } = [];

    public bool Enters(string function) => Array.Exists(Functions, f => function.StartsWith(f, StringComparison.Ordinal)) ||
        Array.IndexOf(Exact, function) >= 0;
}
