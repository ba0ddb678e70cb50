using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Rules.Crashes;
using Kdump.Tests.Crashes;

namespace Kdump.Tests.Rules;

public sealed class HungTaskTests
{
    [Fact]
    public void The_report_becomes_a_finding_that_names_the_function_and_quotes_its_first_line()
    {
        Finding finding = Assert.Single(Explained.Findings("hung-task", Samples.Boot + Samples.HungTask));
        Assert.Equal("kitchen_enter", finding.Subject);
        Assert.True(finding.Severity >= Severity.Warning);
        Assert.NotEmpty(finding.Evidence);
        Assert.All(finding.Evidence, e => Assert.Contains(e.Text, Samples.HungTask));
    }

    [Fact]
    public void A_line_that_only_looks_like_it_is_no_finding()
    {
        Assert.Empty(Explained.Findings("hung-task", Samples.Boot + "[    5.000000] INFO: lockdep is turned off.\n"));
    }

    [Fact]
    public void The_panic_that_a_setting_makes_of_it_is_its_effect()
    {
        Verdict verdict = Explained.Verdict(
            Samples.Boot + Samples.HungTask + "[  360.500000] Kernel panic - not syncing: hung_task: blocked tasks\n");
        Finding panic = verdict.Findings.Single(f => f.Id == "kernel-panic");
        Assert.Contains("hung-task:kitchen_enter", panic.CausedBy);
        Assert.Equal("hung-task:kitchen_enter", verdict.RootCauses[0].Key);
    }

    [Fact]
    public void A_task_that_a_dump_shows_waiting_too_long_is_a_finding_where_the_log_is_silent()
    {
        Finding finding = Assert.Single(
            DumpFacts.Findings(new HungTask(),
            DumpFacts.Of(DumpFacts.Waiter(8, "waiter", 130, null, null), DumpFacts.Waiter(9, "guest", 119, null, null))));
        Assert.Equal("waiter (8) hung in kitchen_enter", finding.Title);
        Assert.Equal("kitchen_enter", finding.Subject);
    }

    [Fact]
    public void A_task_of_which_the_log_speaks_is_told_once()
    {
        Facts facts = Explained.Facts(Samples.Boot + Samples.HungTask);
        facts.Add(DumpFacts.Waiter(8, "waiter", 130, null, null));
        Assert.Single(DumpFacts.Findings(new HungTask(), facts));
    }
}
