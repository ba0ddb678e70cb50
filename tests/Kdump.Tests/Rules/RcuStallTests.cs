using Kdump.Diagnosis.Model;
using Kdump.Tests.Crashes;

namespace Kdump.Tests.Rules;

public sealed class RcuStallTests
{
    [Fact]
    public void The_report_becomes_a_finding_that_names_the_function_and_quotes_its_first_line()
    {
        Finding finding = Assert.Single(Explained.Findings("rcu-stall", Samples.Boot + Samples.RcuStall));
        Assert.Equal("mixer_write", finding.Subject);
        Assert.True(finding.Severity >= Severity.Warning);
        Assert.NotEmpty(finding.Evidence);
        Assert.All(finding.Evidence, e => Assert.Contains(e.Text, Samples.RcuStall));
    }

    [Fact]
    public void A_line_that_only_looks_like_it_is_no_finding()
    {
        Assert.Empty(Explained.Findings("rcu-stall", Samples.Boot + "[    5.000000] rcu: INFO: Stall ended before state dump start\n"));
    }

    [Fact]
    public void The_panic_that_a_setting_makes_of_it_is_its_effect()
    {
        Verdict verdict = Explained.Verdict(Samples.Boot + Samples.RcuStall + "[  410.500000] Kernel panic - not syncing: RCU Stall\n");
        Finding panic = verdict.Findings.Single(f => f.Id == "kernel-panic");
        Assert.Contains("rcu-stall:mixer_write", panic.CausedBy);
        Assert.Equal("rcu-stall:mixer_write", verdict.RootCauses[0].Key);
    }

    [Fact]
    public void Where_all_have_passed_it_is_the_thread_of_the_grace_period_that_is_late()
    {
        string why = Explained.Verdict("""
            [   21.000000] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:
            [   21.000001]  (detected by 2, t=21010 jiffies, g=1809, q=1791)
            [   21.000002] rcu: All QSes seen, last rcu_preempt kthread activity 17 (4294918797-4294918780), jiffies_till_next_fqs=1, root ->qsmask 0x0
            """).Findings.First(f => f.Id == "rcu-stall").Why;
        Assert.Contains("the thread rcu_preempt, which was last active 17 jiffies before", why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_task_that_an_expedited_grace_period_waits_for_is_named() =>
        Assert.Contains("The task with the pid 392 is within an RCU read section", Explained.Verdict(
            "[   21.0] rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { P392 } 21382 jiffies s: 117 root: 0x0/T\n")
            .Findings.First(f => f.Id == "rcu-stall").Why, StringComparison.Ordinal);
}
