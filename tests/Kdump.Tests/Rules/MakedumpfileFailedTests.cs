using Kdump.Diagnosis;

namespace Kdump.Tests.Rules;

public sealed class MakedumpfileFailedTests
{
    [Fact]
    public void What_it_said_before_is_the_evidence_and_the_reason()
    {
        Finding finding = Assert.Single(Explained.Findings("makedumpfile-failed", File.ReadAllText(Repository.Path("fixtures", "cases", "makedumpfile-failed", "console.log"))));
        Assert.Contains("could not make sense", finding.Why, StringComparison.Ordinal);
        Assert.Contains(finding.Evidence, e => e.Text.Contains("readpage_elf", StringComparison.Ordinal));
    }

    [Fact]
    public void Its_warning_about_the_kernel_version_is_no_failure()
    {
        Assert.Empty(Explained.Findings("makedumpfile-failed", Explained.CaptureBoot +
            "[   18.000000] kdump[174]: The kernel version is not supported.\nThe makedumpfile operation may be incomplete.\nThe dumpfile is saved to /var/crash/vmcore-incomplete.\nmakedumpfile Completed.\n"));
    }
}
