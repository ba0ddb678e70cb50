using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Crashes;

/// <summary>A machine that was not run for minutes: whoever reports it first, that CPU is the beginning.</summary>
public sealed class StoodStillTests
{
    private const string Workers = "[  500.000000] BUG: workqueue lockup - pool cpus=3 node=0 flags=0x0 nice=0 stuck for 249s!\n" +
        "[  500.000001] Showing busy workqueues and worker pools:\n[  500.000002] workqueue mm_percpu_wq: flags=0x8\n";

    private static string Stuck(int seconds) =>
        $"[  501.000000] watchdog: BUG: soft lockup - CPU#3 stuck for {seconds}s! [cook:7]\n" +
        "[  501.000001] CPU: 3 PID: 7 Comm: cook Not tainted 6.1.0 #1\n[  501.000002] Hardware name: QEMU Standard PC, BIOS 1 " +
            "01/01/2020\n" +
        "[  501.000003] RIP: 0010:stir+0x10/0x20\n[  501.000004] Call Trace:\n[  501.000005]  cook_soup+0x10/0x20\n";

    [Fact]
    public void The_CPU_that_stood_still_is_the_cause_of_what_was_reported_before_it()
    {
        Verdict verdict = Explained.Verdict(Explained.FirstBoot +
            string.Concat(Enumerable.Range(0, 30).Select(i => $"[  {100 + i}.000000] frob: ready\n")) + Workers + Stuck(280));
        Assert.StartsWith("CPU 3 stood still", verdict.Headline);
        Finding workers = Assert.Single(verdict.Findings, f => f.Id == "hung-task");
        Assert.Contains(workers.CausedBy, c => c.Id == "soft-lockup");
        Assert.StartsWith("The work items of that pool were not run", workers.Why);
        Assert.DoesNotContain("lock or for I/O", workers.Why);
    }

    [Fact]
    public void A_CPU_that_loops_is_not_put_before_what_was_reported_earlier()
    {
        Verdict verdict = Explained.Verdict(Explained.FirstBoot + Workers + Stuck(22));
        Assert.StartsWith("the workers of a workqueue pool were stuck on CPU 3 for 249 s", verdict.Headline);
    }

    [Fact]
    public void An_idle_CPU_is_not_stuck_in_its_idle_loop()
    {
        Finding stuck = Assert.Single(Explained.Findings("soft-lockup", Explained.FirstBoot +
            "[  501.000000] watchdog: BUG: soft lockup - CPU#2 stuck for 48s! [swapper/2:0]\n" +
            "[  501.000001] CPU: 2 PID: 0 Comm: swapper/2 Not tainted 6.1.0 #1\n" +
            "[  501.000002] Hardware name: VMware, Inc. VMware Virtual Platform, BIOS 6.00 11/12/2020\n" +
            "[  501.000003] RIP: 0010:native_safe_halt+0xe/0x10\n[  501.000004] Call Trace:\n[  501.000005]  default_idle+0x1c/0x140\n" +
            "[  501.000006]  do_idle+0x1f4/0x280\n"));
        Assert.Equal("CPU 2 stood still, without even its timer", stuck.Title);
        Assert.Contains("VMware", stuck.Why);
        Assert.DoesNotContain(stuck.Fixes, f => f.Command?.Contains("faddr2line") == true);
    }

    /// <summary>Whoever is reported first: who sleeps on something else below the lock has it.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Who_waits_for_rtnl_follows_from_the_task_that_has_it(bool waiterFirst)
    {
        string waiter = Hung("kworker/u16:3", 1120, "__schedule", "schedule", "schedule_preempt_disabled", "__mutex_lock", "rtnl_lock",
            "addrconf_verify_work", "process_one_work"),
            holder = Hung("NetworkManager", 900, "__schedule", "schedule", "schedule_timeout", "wait_for_completion", "cook_hw_wait",
                "cook_close", "__dev_close_many", "rtnl_setlink", "rtnetlink_rcv_msg");
        Verdict verdict = Explained.Verdict(Explained.FirstBoot + (waiterFirst ? waiter + holder : holder + waiter));
        Assert.StartsWith("the task NetworkManager hung in cook_close", verdict.Headline);
        Assert.Contains(" -> the task kworker/u16:3 hung", verdict.Headline);
    }

    private static string Hung(string task, int pid, params string[] stack) =>
        $"[  600.000000] INFO: task {task}:{pid} blocked for more than 120 seconds.\n[  600.000001]       Not tainted 6.1.0 #1\n" +
        $"[  600.000002] task:{task} state:D stack:0 pid:{pid} ppid:1 flags:0x00000002\n[  600.000003] Call Trace:\n" +
        "[  600.000004]  <TASK>\n" + string.Concat(stack.Select(f => $"[  600.000005]  {f}+0x10/0x20\n")) + "[  600.000006]  </TASK>\n";
}
