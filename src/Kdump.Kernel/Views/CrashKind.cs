namespace Kdump.Kernel.Views;

/// <summary>Kinds of crashes, as far as they determine what to examine first.</summary>
public enum CrashKind : byte
{
    /// <summary>The kernel did not crash: a dump of a running machine, or of one that hung without a message.</summary>
    Running,

    /// <summary>A bad access, a failed check, corrupted memory.</summary>
    Fault,

    /// <summary>Tasks or work items did not make progress.</summary>
    Hang,

    /// <summary>A CPU did not make progress.</summary>
    Lockup,

    /// <summary>There was no memory left.</summary>
    OutOfMemory,

    /// <summary>Any other panic.</summary>
    Panic,
}

/// <summary>Determines the kind by the log line with the reason.</summary>
public static class CrashKinds
{
    private static readonly (CrashKind Kind, string[] Words)[] Words =
    [
        (CrashKind.Hang, ["hung_task", "workqueue lockup", "workqueue: panic"]),
        (CrashKind.OutOfMemory, ["Out of memory", "out of memory", "System is deadlocked on memory"]),
        (CrashKind.Lockup, ["softlockup", "soft lockup", "hard LOCKUP", "Hard LOCKUP", "RCU Stall", "rcu_sched", "rcu_preempt",
            "csd_lock", "NMI: Not continuing", "Watchdog detected"]),
    ];

    public static CrashKind Of(Crash crash)
    {
        if (crash.Panic is not { } panic)
            return crash.Running == false ? CrashKind.Panic : CrashKind.Running;
        foreach ((CrashKind kind, string[] words) in Words)
            if (Array.Exists(words, w => panic.Contains(w, StringComparison.Ordinal)))
                return kind;
        return panic.StartsWith("Kernel panic", StringComparison.Ordinal) || panic.StartsWith("sysrq", StringComparison.Ordinal)
            ? CrashKind.Panic : CrashKind.Fault;
    }
}
