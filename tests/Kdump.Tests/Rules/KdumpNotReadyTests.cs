using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class KdumpNotReadyTests
{
    [Theory]
    [InlineData("DUMP_MODE:        kdump\ncurrent state:    Not ready to kdump\n", "kdump-config load")]
    [InlineData("kdump: Kdump is not operational\n", "systemctl restart kdump")]
    [InlineData("/sys/kernel/kexec_crash_loaded:0\n/sys/kernel/kexec_crash_size:0\n", "crashkernel=")]
    public void Every_status_that_says_no_is_found_with_the_command_of_its_tools(string status, string command)
    {
        Finding finding = Assert.Single(Explained.Findings("kdump-not-ready", status));
        Assert.Contains(finding.Fixes, f => (f.Command ?? "").Contains(command, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("current state:    ready to kdump\n")]
    [InlineData("kdump: Kdump is operational\n")]
    [InlineData("/sys/kernel/kexec_crash_loaded:1\n")]
    [InlineData("current state:    Not ready to kdump\ncurrent state:    ready to kdump\n")]
    public void A_status_that_says_yes_at_last_is_none(string status) => Assert.Empty(Explained.Verdict(status).Findings);

    [Fact]
    public void Less_than_the_estimate_is_a_warning()
    {
        Assert.Contains("192 MB are reserved", Assert.Single(Explained.Findings("crashkernel-below-estimate",
            "Reserved crashkernel:    192M\nRecommended crashkernel: 512M\n")).Title, StringComparison.Ordinal);
        Assert.Empty(Explained.Verdict("Reserved crashkernel:    512M\nRecommended crashkernel: 512M\n").Findings);
    }
}
