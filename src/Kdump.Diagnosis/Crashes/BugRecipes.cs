namespace Kdump.Diagnosis.Crashes;

/// <summary>Reports that begin with <c>BUG:</c>, apart from the sanitizers.</summary>
internal static class BugRecipes
{
    private static readonly NamePattern SpinLocks = new(["spin_", "_lock", "_unlock"]);
    private static readonly NamePattern Preemption = new(["dump_stack", "preempt", "debug_", "processor_id", "this_cpu"]);
    private static readonly NamePattern Schedule = new(["schedule"]);
    private static readonly NamePattern SocketLocks = new(["lock_sock", "release_sock"]);
    private static readonly NamePattern Pages = new(
        ["free_page", "put_page", "get_page", "prep_new_page", "prep_compound_page", "update_page", "release_page", "free_unref", "^folio",
            "^_folio", "^__folio", "truncate_inode_pages", "page_frag_free", "alloc", "vmap", "page_owner"]);
    private static readonly NamePattern Allocations = new(
        ["kmemleak", "mmap", "kmem", "slab", "alloc", "create_object", "idr_get", "list_lru_init", "asprintf", "pcpu_create", "strdup",
            "strndup", "memdup"]);

    public static readonly Recipe[] All =
    [
        .. Faults("page-fault", "paging request", "unable to handle kernel paging request", "unable to handle page fault for address",
            "Unable to handle kernel data access"),
        .. Faults("null-dereference", "NULL pointer dereference", "unable to handle kernel NULL pointer dereference",
            "kernel NULL pointer dereference", "Kernel NULL pointer dereference"),
        .. Faults("page-fault", "instruction fetch", "Unable to handle kernel instruction fetch",
            "unable to handle kernel instruction fetch"),
        // Until 4.20 the rest of the first line was printed in a second step, and lines of another CPU may stand between them.
        .. new[] { ("null-dereference", "NULL pointer dereference"), ("page-fault", "paging request") }.Select(x =>
            new Recipe(x.Item1, "BUG: unable to handle kernel", $"BUG: unable to handle kernel {x.Item2} in {{f}}")
                { Walk = Walks.FaultThenTrace, Merge = "bad-access", Detail = Details.RestOfFirst(x.Item2) }),
        new("page-fault", "BUG: unable to handle kernel", "BUG: unable to handle kernel") { Torn = true },
        new("page-fault", "BUG: Unable to handle kernel", "BUG: unable to handle kernel") { Torn = true },
        .. SpinLock("lockup suspected", "lockup on CPU", "already unlocked", "recursion", "cpu recursion", "bad magic", "wrong owner",
            "wrong CPU", "trylock failure on UP"),
        new("soft-lockup", "BUG: soft lockup", "BUG: soft lockup in {f}") { Walk = Walks.FaultThenTrace, Pick = Pick.BelowDispatcher,
            Merge = "stall" },
        new("lockdep", "BUG: *still has locks held!", "BUG: still has locks held in {f}") { Walk = s => s.Named("] ", exact: true) },
        new("atomic-sleep", "BUG: scheduling while atomic", "BUG: scheduling while atomic in {f}") { Walk = Walks.Trace, Skip = Schedule },
        new("lockdep", "BUG: lock held when returning to user space",
            "BUG: lock held when returning to user space in {f}") { Walk = Walks.StillHeld, NoTrace = true },
        new("lockdep", "BUG: bad unlock balance detected!", "BUG: bad unlock balance in {f}") { Walk = Walks.AddressThenTrace,
            Otherwise = Walks.Trace },
        new("lockdep", "BUG: held lock freed!", "BUG: held lock freed in {f}") { Walk = s => s.Named("] ", exact: true) },
        new("bad-page", "BUG: Bad rss-counter state", "BUG: Bad rss-counter state") { NoTrace = true },
        new("bad-page", "BUG: non-zero {w} on freeing mm", "BUG: non-zero {1} on freeing mm") { NoTrace = true },
        new("filesystem", "BUG: Dentry * still in use (*) [{w} of {e}]",
            "BUG: Dentry still in use in {1}") { Alternative = "BUG: Dentry still in use [{1} of {2}]" },
        new("bad-page", "BUG: Bad page state", "BUG: Bad page state in {f}") { Walk = Walks.PageAllocation, Skip = Pages },
        new("bad-page", "BUG: Bad page cache", "BUG: Bad page cache in {f}") { Walk = Walks.PageAllocation, Skip = Pages },
        new("bad-page", "BUG: Bad page map", "BUG: Bad page map"),
        new("workqueue-lockup", "BUG: workqueue lockup", "BUG: workqueue lockup") { NoTrace = true },
        new("atomic-sleep", "BUG: sleeping function called from invalid context at ",
            "BUG: sleeping function called from invalid context in {f}") { Walk = Walks.Trace },
        new("lockdep", "BUG: using {e}() in preemptible", "BUG: using {1}() in preemptible code in {f}") { Walk = Walks.Trace,
            Skip = Preemption },
        new("lockdep", "BUG: workqueue leaked lock or atomic",
            "BUG: workqueue leaked lock or atomic in {1}") { Detail = Details.LastFunction, NoTrace = true },
        new("memory-leak", "BUG: memory leak", "memory leak in {f}") { Walk = Walks.Leak, Skip = Allocations },
        new("stack-overflow", "BUG: *stack guard page was hit at", "BUG: stack guard page was hit in {f}") { Walk = Walks.FaultThenTrace,
            Pick = Pick.BelowDispatcher, Merge = "stack-overflow" },
        new("stack-overflow", "BUG: *stack guard hit at", "BUG: stack guard page was hit in {f}") { Walk = Walks.FaultThenTrace,
            Pick = Pick.BelowDispatcher, Merge = "stack-overflow" },
        new("lockdep", "BUG: Invalid wait context", "WARNING: locking bug in {f}") { Walk = Walks.Trace, Skip = SocketLocks },
    ];

    private static List<Recipe> Faults(string kind, string name, params string[] wordings) => [.. wordings.Select(w =>
        new Recipe(kind, "BUG: " + w, $"BUG: unable to handle kernel {name} in {{f}}") { Walk = Walks.FaultThenTrace,
            Merge = "bad-access" })];

    private static List<Recipe> SpinLock(params string[] troubles) =>
        [.. troubles.SelectMany(trouble => new[] { "spinlock", "rwlock" }.Select(kind =>
        new Recipe("lockdep", $"BUG: {kind} {trouble}", $"BUG: {kind} {trouble} in {{f}}") { Walk = Walks.Trace, Skip = SpinLocks }))];
}
