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

    /// <summary>Its stack begins with sched_show_task and the timer interrupt, by which the CPU found itself stalled.</summary>
    [Fact]
    public void What_printed_the_stack_is_not_where_the_cpu_was()
    {
        Finding finding = Assert.Single(Explained.Findings("rcu-stall",
            File.ReadAllText(Repository.Path("fixtures", "reports", "rcu-old.log"))));
        Assert.Equal("RCU stalled in outer_work", finding.Title);
        Assert.DoesNotContain("sched_show_task", finding.Why, StringComparison.Ordinal);
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
        Assert.Contains("its thread rcu_preempt was last active 17 jiffies before", why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_task_that_an_expedited_grace_period_waits_for_is_named() =>
        Assert.Contains("The task with the pid 392 is within an RCU read section", Explained.Verdict(
            "[   21.0] rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { P392 } 21382 jiffies s: 117 root: 0x0/T\n")
            .Findings.First(f => f.Id == "rcu-stall").Why, StringComparison.Ordinal);

    [Fact]
    public void The_place_behind_the_interrupt_is_where_the_CPU_was()
    {
        string title = Explained.Verdict("""
            [ 1234.567890] rcu: INFO: rcu_preempt self-detected stall on CPU
            [ 1234.567895] rcu: 	3-....: (20999 ticks this GP) idle=5a7/1/0x4000000000000002 softirq=3034/3034 fqs=5249
            [ 1234.567899] rcu: 	(t=21000 jiffies g=3517 q=104 ncpus=4)
            [ 1234.567902] CPU: 3 PID: 2077 Comm: kworker/3:2 Not tainted 6.1.0-18-amd64 #1  Debian 6.1.76-1
            [ 1234.567920] Call Trace:
            [ 1234.567922]  <IRQ>
            [ 1234.567925]  dump_stack_lvl+0x44/0x5c
            [ 1234.567930]  rcu_dump_cpu_stacks+0xc4/0x100
            [ 1234.567970]  sysvec_apic_timer_interrupt+0x69/0x90
            [ 1234.567975]  </IRQ>
            [ 1234.567977]  <TASK>
            [ 1234.567979]  asm_sysvec_apic_timer_interrupt+0x16/0x20
            [ 1234.567984] RIP: 0010:pan_fry_wait+0x8f/0x1a0 [pan]
            [ 1234.567990] Code: 48 89 df e8 74 b5 1b c8 48 85 c0 0f 85 cc 00 00 00
            [ 1234.567995] RSP: 0018:ffffb0f4c0a7fd28 EFLAGS: 00000246
            [ 1234.568030]  lid_lift+0x2b/0x50 [lid]
            [ 1234.568040]  process_one_work+0x1c7/0x380
            """).Findings.First(f => f.Id == "rcu-stall").Title;
        Assert.Contains("pan_fry_wait [pan]", title, StringComparison.Ordinal);
    }
}
