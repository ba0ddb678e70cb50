using Kdump.Diagnosis.Model;
using Kdump.Tests.Crashes;

namespace Kdump.Tests.Rules;

public sealed class KernelWarningTests
{
    [Fact]
    public void The_report_becomes_a_finding_that_names_the_function_and_quotes_its_first_line()
    {
        Finding finding = Assert.Single(Explained.Findings("kernel-warning", Samples.Boot + Samples.Warning));
        Assert.Equal("teapot_lift", finding.Subject);
        Assert.True(finding.Severity >= Severity.Warning);
        Assert.NotEmpty(finding.Evidence);
        Assert.All(finding.Evidence, e => Assert.Contains(e.Text, Samples.Warning));
    }

    [Fact]
    public void A_line_that_only_looks_like_it_is_no_finding()
    {
        Assert.Empty(Explained.Findings("kernel-warning",
            Samples.Boot + "[    5.000000] WARNING: The mand mount option has been deprecated and\n"));
    }

    [Fact]
    public void The_panic_that_a_setting_makes_of_it_is_its_effect()
    {
        Verdict verdict = Explained.Verdict(
            Samples.Boot + Samples.Warning + "[   50.500000] Kernel panic - not syncing: kernel: panic_on_warn set ...\n");
        Finding panic = verdict.Findings.Single(f => f.Id == "kernel-panic");
        Assert.Contains("kernel-warning:teapot_lift", panic.CausedBy);
        Assert.Equal("kernel-warning:teapot_lift", verdict.RootCauses[0].Key);
    }
}
