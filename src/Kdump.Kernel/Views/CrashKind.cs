namespace Kdump.Kernel.Views;

/// <summary>How a kernel ended, as far as that decides what to look at first.</summary>
public enum CrashKind : byte
{
    /// <summary>It had not ended: a dump of a machine that ran, or hung without a word.</summary>
    Running,

    /// <summary>A bad access, a failed check, corrupted memory.</summary>
    Fault,

    /// <summary>Tasks or work that did not go on.</summary>
    Hang,

    /// <summary>A CPU that did not go on.</summary>
    Lockup,

    /// <summary>No memory was left.</summary>
    OutOfMemory,

    /// <summary>Another panic.</summary>
    Panic,
}

/// <summary>Tells kinds by the line that is the reason.</summary>
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
