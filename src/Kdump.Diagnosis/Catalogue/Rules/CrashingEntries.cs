namespace Kdump.Diagnosis.Catalogue.Rules;

/// <summary>What the catalogue says of rules written by hand: what the kernel says of itself.</summary>
internal static class CrashingEntries
{
    public static readonly Entry[] All =
    [
        new("kernel-oops", "the kernel met a fault of its own")
        {
            Area = Area.Crashing,
            Signature =
            [
                "BUG: kernel NULL pointer dereference, address: …",
                "BUG: unable to handle page fault for address: …",
                "Oops: general protection fault, probably for non-canonical address …",
                "kernel BUG at …!",
                "BUG: KASAN: …",
                "Unable to handle kernel … at virtual address …",
            ],
            Cause = "A bad pointer, a failed check, corrupted memory. kdt log names the function to blame, which is rarely the one where the CPU stopped.",
            Fixes = [new("Find the line", "scripts/faddr2line vmlinux FUNCTION+0xOFF/0xSIZE")],
            Origin = "arch/*/mm/fault.c, arch/*/kernel/traps.c, lib/bug.c",
        },
        new("kernel-warning", "a check in the kernel failed that does not stop it")
        {
            Area = Area.Crashing,
            Signature =
            [
                "WARNING: CPU: … PID: … at …:… …+0x…/0x…",
                "WARNING: possible circular locking dependency detected",
                "UBSAN: … in …",
                "INFO: … reference leak",
            ],
            Cause = "An unexpected state; the first of a log counts, later ones may follow from it.",
            Origin = "kernel/panic.c __warn(), kernel/locking/lockdep.c",
        },
        new("soft-lockup", "a CPU ran kernel code too long without a pause")
        {
            Area = Area.Crashing,
            Signature = ["watchdog: BUG: soft lockup - CPU#… stuck for …s! […:…]"],
            Cause = "A loop, a lock held by somebody who does not run, or a virtual machine that was not given its CPU.",
            Origin = "kernel/watchdog.c",
        },
        new("hard-lockup", "a CPU took no interrupt for too long")
        {
            Area = Area.Crashing,
            Signature =
            [
                "NMI watchdog: Watchdog detected hard LOCKUP on cpu …",
                "csd: … non-responsive CSD lock",
            ],
            Cause = "Interrupts are off: a lock that is waited for so, firmware (SMM), or hardware.",
            Origin = "kernel/watchdog_perf.c, kernel/smp.c",
        },
        new("hung-task", "a task waited without end")
        {
            Area = Area.Crashing,
            Signature =
            [
                "INFO: task …:… blocked for more than … seconds.",
                "BUG: workqueue lockup - pool …",
            ],
            Cause = "It is a victim: look for who holds the lock, or for the disk that does not answer.",
            Origin = "kernel/hung_task.c, kernel/workqueue.c",
        },
        new("rcu-stall", "an RCU grace period did not end")
        {
            Area = Area.Crashing,
            Signature =
            [
                "rcu: INFO: rcu_… self-detected stall on CPU",
                "rcu: INFO: rcu_… detected stalls on CPUs/tasks:",
            ],
            Cause = "A CPU that loops in the kernel, interrupts that never end, or a grace-period thread that is not given the CPU.",
            Origin = "kernel/rcu/tree_stall.h",
        },
        new("out-of-memory", "the machine ran out of memory")
        {
            Area = Area.Crashing,
            Signature =
            [
                "… invoked oom-killer: …",
                "Out of memory: Killed process … (…)",
            ],
            Cause = "The table above the line shows who held it.",
            Origin = "mm/oom_kill.c",
        },
        new("kernel-panic", "the kernel stopped on purpose")
        {
            Area = Area.Crashing,
            Signature = ["Kernel panic - not syncing: …"],
            Cause = "Its reason tells: no root file system, no init, init ended, a machine check, or a setting (panic_on_oops, panic_on_warn, hung_task_panic, softlockup_panic, hardlockup_panic, panic_on_rcu_stall) that makes an earlier report the end. Somebody may have asked for it (sysrq).",
            Origin = "kernel/panic.c, init/do_mounts.c, init/main.c",
        },
    ];
}
