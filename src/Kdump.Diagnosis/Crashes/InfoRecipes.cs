namespace Kdump.Diagnosis.Crashes;

/// <summary>Reports that begin with <c>INFO:</c>: stalls, hung tasks, and lockdep of kernels before 4.13.</summary>
internal static class InfoRecipes
{
    internal static readonly NamePattern Rcu = new(["apic_timer_interrupt", "rcu"]);

    public static readonly Recipe[] All =
    [
        new("lockdep", "INFO: possible circular locking dependency detected", "possible deadlock in {f}") { Walk = Walks.TriesToAcquire },
        new("lockdep", "INFO: possible irq lock inversion dependency detected", "possible deadlock in {f}") { Walk = Walks.ChangedState },
        new("lockdep", "INFO: *-safe -> *-unsafe lock order detected", "possible deadlock in {f}") { Walk = Walks.TriesToAcquire },
        new("lockdep", "INFO: possible recursive locking detected", "possible deadlock in {f}") { Walk = Walks.TriesToAcquire },
        new("lockdep", "INFO: inconsistent lock state", "inconsistent lock state in {f}") { Walk = Walks.Takes },
        .. new[] { "self-detected", "detected", "detected expedited", "self-detected expedited" }
            .Select(d => new Recipe("rcu-stall", $"INFO: rcu_{{w}} {d} stall", "INFO: rcu detected stall in {f}")
        {
            Walk = Walks.BelowTimerInterrupt, Otherwise = Walks.BelowAnyInterrupt, Skip = Rcu, Pick = Pick.BelowDispatcher, Merge = "stall",
        }),
        new("lockdep", "INFO: trying to register non-static key", "INFO: trying to register non-static key in {f}") { Walk = Walks.Trace,
            Skip = new(["stack", "lock", "IRQ"]) },
        new("lockdep", "INFO: suspicious RCU usage", "INFO: suspicious RCU usage in {f}") { Walk = Walks.Trace,
            Skip = new(["rcu", "kmem", "slab"]), Detail = Details.Place },
        new("hung-task", "INFO: task * blocked for more than ", "INFO: task hung in {f}") { Walk = Walks.Trace, Pick = Pick.Waiting,
            Merge = "hang" },
        new("hung-task", "INFO: task * blocked in I/O wait for more than ", "INFO: task hung in {f}") { Walk = Walks.Trace,
            Pick = Pick.Waiting, Merge = "hang" },
        new("hung-task", "INFO: task * can't die for more than ", "INFO: task can't die in {f}") { Walk = Walks.Trace,
            Skip = new(["schedule"]), Merge = "hang" },
        new("kasan", "INFO: Freed in {t}", "INFO: Freed in {1}") { Torn = true },
        new("kasan", "INFO: Allocated in {t}", "INFO: Allocated in {1}") { Torn = true },
    ];
}
