using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class KdumpServiceFailedTests
{
    private const string Failed = "Jul 18 14:44:32 web kdumpctl[807]: kdump: Starting kdump: [FAILED]\nJul 18 14:44:32 web systemd[1]: " +
        "Failed to start Crash recovery kernel arming.\n";

    [Fact]
    public void A_reason_that_nobody_knows_is_quoted()
    {
        Verdict verdict = Explained.Verdict(
            "Jul 18 14:44:31 web kdumpctl[700]: *** Creating initramfs image file done ***\nJul 18 14:44:32 web kdumpctl[4638]: sed: -e " +
            "expression #1, char 14: unknown command: `/'\n" + Failed);
        Finding finding = Assert.Single(verdict.RootCauses);
        Assert.Equal("kdump-service-failed", finding.Id);
        Assert.Equal([2L, 3L], finding.Evidence.Select(e => e.Line));
    }

    [Fact]
    public void A_known_reason_stands_above_it()
    {
        Verdict verdict = Explained.Verdict("Oct 24 18:58:21 web kdumpctl[812]: No memory reserved for crash kernel.\n" + Failed);
        Assert.Equal("crashkernel-not-reserved", Assert.Single(verdict.RootCauses).Id);
        Assert.Equal(["crashkernel-not-reserved"], Assert.Single(verdict.Findings, f => f.Id == "kdump-service-failed").CausedBy);
    }

    [Fact]
    public void A_service_that_started_later_is_no_trouble() =>
        Assert.Empty(Explained.Findings("kdump-service-failed",
            Failed + "Jul 18 14:50:00 web kdumpctl[900]: kdump: Starting kdump: [OK]\n"));

    [Fact]
    public void What_another_service_says_is_not_quoted() =>
        Assert.Empty(Assert.Single(Explained.Findings("kdump-service-failed",
            "Jul 18 14:44:32 web sshd[1]: error: Could not load host key\n" + Failed[Failed.IndexOf('\n')..])).Evidence.SkipLast(1));
}
