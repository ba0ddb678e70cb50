namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class RcuTasksStalled
{
    public static readonly Failure Entry =
        new("rcu-tasks-stalled", "a task keeps RCU's task lists waiting: a grace period of {1} does not end")
    {
        Area = Area.Crashing,
        Signs = [new Sign("tasks_rcu_exit_srcu_stall: {w} grace period number", "INFO: {w} detected stalls on tasks:",
            "{w} wait_duration *ms; check_holdouts")],
        Severity = Severity.Warning,
        CausedBy = ["hung-task", "network-storage-silent"],
        Cause = "A task that neither sleeps nor returns to user space, or one that is ending and cannot (it waits in the kernel for " +
            "a disk or a server that does not answer), holds the grace period up. " +
            "What waits for it: changes of tracing (ftrace, kprobes) and BPF programs, and live patches.",
        Fixes = [new("Look at the tasks that hang, and at what they wait for", "echo w > /proc/sysrq-trigger; dmesg | tail -200")],
        Origin = "kernel/rcu/tasks.h tasks_rcu_exit_srcu_stall(), check_holdout_task(), rcu_tasks_wait_gp()",
    };
}
