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
        Cause = "The thread itself does not run. Where the report lists no CPU that is waited for, none loops in the kernel: a real-time " +
            "task that never yields occupies its CPU (with kernel.sched_rt_runtime_us=-1 nothing stops it), or a hypervisor does not " +
            "run the virtual CPU. Memory that waits for grace periods is not freed meanwhile.",
        Fixes = [new("In a virtual machine: look at the host at that time (CPU time that others took, memory swapped out, a pause, a " +
            "migration)", "vmstat 1 5; grep -h steal /proc/stat; top -bn1 | head -5"),
            new("Find the real-time task, and give it a pause or another CPU", "ps -eLo cls,rtprio,psr,comm | grep -E 'FF|RR'")],
        Origin = "kernel/rcu/tree_stall.h rcu_check_gp_kthread_starvation()",
    };
}
