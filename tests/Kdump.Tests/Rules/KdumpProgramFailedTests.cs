using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class KdumpProgramFailedTests
{
    [Theory]
    [InlineData("kdump-save[512]: ERROR: Cannot mount nfs://192.0.2.7/dump: Connection timed out", "saves the dump", "no answer came")]
    [InlineData("mkdumprd[88]: could not copy /etc/ssh/x into the image: Permission denied", "builds the image", "may not")]
    [InlineData("vmcore-dmesg: Cannot open /proc/vmcore: Permission denied", "saves the crashed kernel's log", "may not")]
    [InlineData("zgetdump: could not open /dev/dasdb1: No such device", "stand-alone dump", "no such device")]
    public void Who_failed_at_what_and_why_is_told_of_words_that_no_rule_knows(string line, string does, string why)
    {
        Finding finding = Assert.Single(Explained.Findings("kdump-program-failed", line + "\n"));
        Assert.Contains(does, finding.Why, StringComparison.Ordinal);
        Assert.Contains(why, finding.Why, StringComparison.Ordinal);
        Assert.NotEmpty(finding.Fixes);
    }

    [Fact]
    public void Without_a_reason_it_stays_an_unknown() =>
        Assert.NotEmpty(Explained.Verdict("crash: cannot set context for pid 0\n").Unknowns);

    [Fact]
    public void A_dump_that_was_saved_needs_none() => Assert.Empty(Explained.Findings("kdump-program-failed",
        "kdump.sh[498]: rm: cannot remove '/tmp/x': No such file or directory\nkdump[531]: saving vmcore complete\n"));
}
