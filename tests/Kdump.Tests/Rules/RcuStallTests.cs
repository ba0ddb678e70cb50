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
}
