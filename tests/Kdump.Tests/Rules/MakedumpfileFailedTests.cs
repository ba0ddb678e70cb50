using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class MakedumpfileFailedTests
{
    [Fact]
    public void What_it_said_before_is_the_evidence_and_the_reason()
    {
        Finding finding = Assert.Single(
            Explained.Findings("makedumpfile-failed",
            File.ReadAllText(Repository.Path("fixtures", "cases", "makedumpfile-failed", "console.log"))));
        Assert.Contains("could not make sense", finding.Why, StringComparison.Ordinal);
        Assert.Contains(finding.Evidence, e => e.Text.Contains("readpage_elf", StringComparison.Ordinal));
    }

    [Fact]
    public void Its_warning_about_the_kernel_version_is_no_failure()
    {
        Assert.Empty(Explained.Findings("makedumpfile-failed", Explained.CaptureBoot +
            "[   18.000000] kdump[174]: The kernel version is not supported.\nThe makedumpfile operation may be incomplete.\nThe " +
                "dumpfile is saved to /var/crash/vmcore-incomplete.\nmakedumpfile Completed.\n"));
    }

    [Fact]
    public void A_reason_in_words_that_nobody_knows_is_quoted()
    {
        Finding finding = Assert.Single(
            Explained.Findings("makedumpfile-failed",
            "[   28.75] kdump-tools[527]: makedumpfile: version 1.7.6 (released on 23 Oct 2024)\n" +
            "[   28.86] kdump-tools[527]: PAGE SIZE 0x1000 and VA Bits 52 not supported\n[   28.87] kdump-tools[527]: makedumpfile " +
                "Failed.\n"));
        Assert.Equal([2L, 3L], finding.Evidence.Select(e => e.Line));
    }
}
