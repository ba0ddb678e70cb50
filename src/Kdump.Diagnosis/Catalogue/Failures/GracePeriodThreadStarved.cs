namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class GracePeriodThreadStarved
{
    public static readonly Failure Entry =
        new("grace-period-thread-starved", "the thread that ends RCU grace periods was given no CPU for {1} jiffies")
    {
        Area = Area.Crashing,
        Signs = ["kthread starved for {w} jiffies!"],
        Severity = Severity.Warning,
        Explains = ["rcu-stall"],
        Cause = "The thread itself does not run. If the report lists no CPU that blocks the grace period, no CPU loops in the kernel: " +
            "a real-time task that never yields occupies the thread's CPU (with kernel.sched_rt_runtime_us=-1 nothing stops it), " +
            "or a hypervisor does not run the virtual CPU. Meanwhile, memory that waits for grace periods is not freed.",
        Fixes = [new("In a virtual machine: look at the host at that time (CPU time that others took, memory swapped out, a pause, a " +
            "migration)", "vmstat 1 5; grep -h steal /proc/stat; top -bn1 | head -5"),
            new("Find the real-time task, and let it sleep or move it to another CPU", "ps -eLo cls,rtprio,psr,comm | grep -E 'FF|RR'")],
        Origin = "kernel/rcu/tree_stall.h rcu_check_gp_kthread_starvation()",
    };
}
