namespace Kdump.Kernel.Structs;

/// <summary>
/// A sleeping lock whose owner the kernel records: kernel/locking/mutex.c, rwsem.c. Its waiters are list entries on the waiters' stacks,
/// each with a pointer to its task. The list head is in the lock (<c>wait_list</c>); since 7.1 the lock has only a pointer to the first
/// waiter (<c>first_waiter</c>).
/// </summary>
public sealed record LockKind(string Name, string Waiter, string[] Functions)
{
    /// <summary>
    /// The low bits of owner are flags: of a mutex waiters, handoff and pickup; of an rw_semaphore reader-owned and not to be spun on.
    /// </summary>
    public const ulong OwnerFlags = 7;

    public const ulong ReaderOwned = 1;

    public static readonly LockKind Mutex =
        new("mutex", "mutex_waiter", ["__mutex_lock", "mutex_lock", "__ww_mutex_lock", "ww_mutex_lock"]);

    public static readonly LockKind RwSemaphore =
        new("rw_semaphore", "rwsem_waiter", ["rwsem_down_", "down_read", "down_write", "__down_read", "__down_write"]);

    /// <summary>
    /// kernel/locking/semaphore.c: the holder is not recorded, except in last_holder with CONFIG_DETECT_HUNG_TASK_BLOCKER (v6.16 and
    /// newer).
    /// </summary>
    public static readonly LockKind Semaphore = new("semaphore", "semaphore_waiter",
        ["__down_common", "___down_common", "down_interruptible", "down_killable", "down_timeout", "__down_interruptible",
            "__down_killable",
            "__down_timeout"]) { Exact = ["down", "__down"] };

    public static readonly LockKind[] All = [Mutex, RwSemaphore, Semaphore];

    /// <summary>Functions that must match exactly, because other functions' names begin with theirs.</summary>
    public string[] Exact { get; init; } = [];

    public bool Enters(string function) => Array.Exists(Functions, f => function.StartsWith(f, StringComparison.Ordinal)) ||
        Array.IndexOf(Exact, function) >= 0;
}
