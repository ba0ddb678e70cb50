using Kdump.Diagnosis.Model;
using Kdump.Tests.Crashes;

namespace Kdump.Tests.Rules;

public sealed class HardLockupTests
{
    [Fact]
    public void The_report_becomes_a_finding_that_names_the_function_and_quotes_its_first_line()
    {
        Finding finding = Assert.Single(Explained.Findings("hard-lockup", Samples.Boot + Samples.HardLockup));
        Assert.Equal("ice_cube_take", finding.Subject);
        Assert.True(finding.Severity >= Severity.Warning);
        Assert.NotEmpty(finding.Evidence);
        Assert.All(finding.Evidence, e => Assert.Contains(e.Text, Samples.HardLockup));
    }

    [Fact]
    public void A_line_that_only_looks_like_it_is_no_finding()
    {
        Assert.Empty(Explained.Findings("hard-lockup",
            Samples.Boot + "[    5.000000] NMI watchdog: Enabled. Permanently consumes one hw-PMU counter.\n"));
    }

    [Fact]
    public void The_panic_that_a_setting_makes_of_it_is_its_effect()
    {
        Verdict verdict = Explained.Verdict(Samples.Boot + Samples.HardLockup + "[  210.500000] Kernel panic - not syncing: Hard LOCKUP\n");
        Finding panic = verdict.Findings.Single(f => f.Id == "kernel-panic");
        Assert.Contains("hard-lockup:ice_cube_take", panic.CausedBy);
        Assert.Equal("hard-lockup:ice_cube_take", verdict.RootCauses[0].Key);
    }
}
