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
}
