using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class KdumpCheckFailedTests
{
    [Theory]
    [InlineData("kdumpctl[900]: kdump: no kernel for version 5.14.0 found", "5.14.0")]
    [InlineData("kdumpctl[900]: kdump: Error: /etc/kdump/pre.sh is not executable.", "/etc/kdump/pre.sh")]
    [InlineData("kdumpctl[900]: kdump: Device UUID=1234 doesn't exist.", "UUID=1234")]
    [InlineData("kdumpctl[900]: kdump: Dump target /dev/sdb1 is not mounted.", "/dev/sdb1")]
    [InlineData("kdumpctl[900]: kdump: Could not create kdump@host:/var/crash, you should check the privilege on server side",
        "kdump@host:/var/crash")]
    [InlineData("kdumpctl[900]: kdump: Invalid ssh destination foo provided.", "foo")]
    [InlineData("mkdumprd[900]: Failed to get IP of eth0", "eth0")]
    [InlineData("dracut: FATAL: No dracut module 'kdumpbase' found", "kdumpbase")]
    [InlineData("load.sh[900]: Kernel /boot/vmlinuz-5.3 does not exist.", "/boot/vmlinuz-5.3")]
    [InlineData("vmcore-dmesg: No program header covering vaddr 0x1234 found kexec bug?", "0x1234")]
    public void What_is_refused_is_named(string line, string what)
    {
        Finding finding = Assert.Single(Explained.Findings("kdump-check-failed", line + "\n"));
        Assert.Contains(what, finding.Title, StringComparison.Ordinal);
        Assert.NotEmpty(finding.Fixes);
    }

    [Fact]
    public void It_explains_the_service_that_did_not_start() =>
        Assert.Equal("kdump-check-failed", Assert.Single(Explained.Verdict(
            "kdumpctl[900]: kdump: Dump target /dev/sdb1 is not mounted.\nkdumpctl[900]: kdump: Starting kdump: [FAILED]\n").RootCauses)
                .Id);

    [Fact]
    public void Waiting_for_the_network_is_no_failure() =>
        Assert.Empty(Explained.Findings("kdump-check-failed", "kdumpctl[9]: kdump: Waiting for network to be ready (10s / 10min)\n"));

    [Theory]
    [InlineData("Failed to restart kdump.service: Unit kdump.service not found.")]
    [InlineData("Unit kdump-tools.service could not be found.")]
    [InlineData("Failed to enable unit: Unit file kdump.service does not exist.")]
    [InlineData("-bash: kdumpctl: command not found")]
    public void A_machine_without_kdump_is_told_which_package_brings_it(string line)
    {
        Finding finding = Assert.Single(Explained.Findings("kdump-check-failed", line + "\n"));
        Assert.Contains("not installed", finding.Title, StringComparison.Ordinal);
        Assert.Contains(finding.Fixes, f => f.Command?.Contains("apt-get install kdump-tools", StringComparison.Ordinal) == true);
    }
}
