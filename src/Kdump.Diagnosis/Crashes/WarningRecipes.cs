namespace Kdump.Diagnosis.Crashes;

/// <summary>
/// Reports that begin with <c>WARNING:</c>: WARN_ON of any code, told apart by the file that holds a shared check, and lockdep's.
/// </summary>
internal static class WarningRecipes
{
    private static readonly NamePattern DebugObjects = new(
        ["debug_", "rcu", "hrtimer_", "timer_", "work_", "percpu_", "vunmap", "vfree", "__free_", "kobject_"]);

    public static readonly Recipe[] All =
    [
        Warn("warning", "*lib/debugobjects.c*", "ODEBUG bug", DebugObjects),
        Warn("usercopy", "*mm/usercopy.c*", "bad usercopy", new(["usercopy", "__check"])),
        Warn("warning", "*lib/kobject.c*", "kobject bug", new(["kobject_"])),
        Warn("warning", "*fs/proc/generic.c*", "proc registration bug", new(["proc_"])),
        Warn("refcount", "*lib/refcount.c*", "refcount bug", new(["refcount", "kobject_"])),
        Warn("refcount", "*refcount_error_report*", "refcount bug", new(["refcount", "fixup_exception", "kobject_"])),
        Warn("lockdep", "*kernel/locking/lockdep.c*lock_", "locking bug", new(["lock_sock", "release_sock"])),
        new("lockdep", "WARNING: *still has locks held!",
            "WARNING: still has locks held in {f}") { Walk = s => s.Named("at: ", exact: true) },
        Warn("lockdep", "Nested lock was not taken", "nested lock was not taken"),
        new("lockdep", "WARNING: lock held when returning to user space",
            "WARNING: lock held when returning to user space in {f}") { Walk = Walks.StillHeld, NoTrace = true },
        .. new[] { "kmalloc", "kvmalloc", "vmalloc" }
            .Select(f => Warn("warning", $"*mm/*.c* {f}", "kmalloc bug", new(["kmalloc", "krealloc", "slab", "kmem"]))),
        Warn("warning", "*mm/vmalloc.c*__vmalloc_node", "zero-size vmalloc"),
        new("warning", "WARNING: * usb_submit_urb", "WARNING in {f}/usb_submit_urb")
        {
            Walk = Walks.Warning, Otherwise = Walks.Trace,
            Skip = new(["usb_submit_urb", "usb_start_wait_urb", "usb_bulk_msg", "usb_interrupt_msg", "usb_control_msg"]),
        },
        new("warning", "WARNING: ", "WARNING in {f}") { Accept = Details.HasPlace, Walk = Walks.Warning, Otherwise = Walks.Trace },
        new("lockdep", "WARNING: possible circular locking dependency detected", "possible deadlock in {f}")
        {
            Walk = Walks.LockedAt, Detail = Details.Lines("is trying to acquire lock"),
            // These functions take locks that stand for the work items they run or wait for.
            Skip = new(["process_one_work", "flush_workqueue", "drain_workqueue", "destroy_workqueue"]),
        },
        new("lockdep", "WARNING: possible irq lock inversion dependency detected",
            "possible deadlock in {f}") { Walk = Walks.ChangedState },
        new("lockdep", "WARNING: *-safe -> *-unsafe lock order detected", "possible deadlock in {f}") { Walk = Walks.BecameUnsafe },
        new("lockdep", "WARNING: possible recursive locking detected", "possible deadlock in {f}") { Walk = Walks.TriesToAcquire },
        new("lockdep", "WARNING: inconsistent lock state", "inconsistent lock state in {f}") { Walk = Walks.Trace,
            Detail = Details.Lines("takes", "at: ") },
        new("lockdep", "WARNING: suspicious RCU usage", "WARNING: suspicious RCU usage in {f}") { Walk = Walks.Trace,
            Skip = new(["rcu", "kmem", "slab"]), Detail = Details.Place },
        new("unwinder", "WARNING: kernel stack regs at * has bad '{e}' value",
            "WARNING: kernel stack regs has bad '{1}' value") { NoTrace = true },
        new("unwinder", "WARNING: kernel stack frame pointer at * has bad value",
            "WARNING: kernel stack frame pointer has bad value") { NoTrace = true },
        new("lockdep", "WARNING: bad unlock balance detected!", "WARNING: bad unlock balance in {f}") { Walk = Walks.AddressThenTrace,
            Otherwise = Walks.Trace },
        new("lockdep", "WARNING: held lock freed!", "WARNING: held lock freed in {f}") { Walk = s => s.Named("at:", exact: true) },
    ];

    /// <summary>
    /// What is left of a WARN when its first line is cut off or garbled: who ran, the registers, the stack, the end mark. An oops prints
    /// its modules, or its code, between the stack and the mark; a WARN does not (kernel/panic.c __warn(), arch/x86/kernel/dumpstack.c).
    /// </summary>
    public static readonly Recipe[] Headless =
    [
        new("warning", " Comm: ", "WARNING in {f}")
        {
            Walk = Walks.Warning, Otherwise = Walks.Trace, Torn = true, Silent = true, Detail = Details.EndOfWarning,
        },
        // arm of 32 bits, an oops whose first lines are lost: the place, the stack as words, code that is none.
        new("oops", " Comm: ", "Oops in {f}")
        {
            Walk = Walks.Fault, Torn = true, Silent = true, Detail = Details.EndOfArmOops,
        },
        // The same of arm64, which prints its code only in an oops.
        new("oops", " Comm: ", "Oops in {f}")
        {
            Walk = Walks.FaultThenTrace, Torn = true, Silent = true, Detail = Details.EndOfArm64Oops,
        },
        // … and its end too: ud2 at the place is what both WARN and BUG leave.
        new("warning", " Comm: ", "a failed check (WARN or BUG) in {f}")
        {
            Walk = Walks.Warning, Otherwise = Walks.Trace, Torn = true, Silent = true, Detail = Details.FailedCheck,
        },
        .. OtherRecipes.BareStack,
    ];

    private static Recipe Warn(string kind, string shape, string what, NamePattern? skip = null)
    {
        var recipe = new Recipe(kind, "WARNING: " + shape, $"WARNING: {what} in {{f}}") { Walk = Walks.Warning, Otherwise = Walks.Trace };
        return skip is null ? recipe : recipe with { Skip = skip };
    }
}
