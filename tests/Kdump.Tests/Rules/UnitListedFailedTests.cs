using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class UnitListedFailedTests
{
    private const string Mount = "\u00d7 srv-data.mount - /srv/data\n" +
        "     Loaded: loaded (/etc/fstab; generated)\n" +
        "     Active: failed (Result: exit-code) since Mon 2023-05-01 10:00:00 UTC; 1min ago\n" +
        "      Where: /srv/data\n" +
        "       What: /dev/disk/by-uuid/1234-ABCD\n" +
        "    Process: 812 ExecMount=/usr/bin/mount /dev/sdb1 /srv/data (code=exited, status=32)\n" +
        "        CPU: 11ms\n";

    [Fact]
    public void A_unit_that_systemctl_status_shows_as_failed_is_named_with_its_result_and_process()
    {
        Finding failed = Assert.Single(Explained.Findings("unit-listed-failed", Mount));
        Assert.Equal("srv-data.mount failed (exit-code)", failed.Title);
        Assert.Equal(2, failed.Evidence.Count);
        Assert.Empty(Explained.Verdict(Mount).Unknowns);
    }

    [Fact]
    public void The_fields_of_a_status_are_nobodys_words()
    {
        Verdict verdict = Explained.Verdict(Mount);
        Assert.DoesNotContain(verdict.Unknowns, u => u.Question.Contains("Active", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("timeout", "did not finish")]
    [InlineData("core-dump", "crashed")]
    [InlineData("start-limit-hit", "right after each start")]
    public void The_result_tells_how_it_ended(string result, string means) =>
        Assert.Contains(means, Assert.Single(Explained.Findings("unit-listed-failed",
            $"* foo.service - Foo\n   Loaded: loaded (/etc/x)\n   Active: failed (Result: {result}) since Tue\n")).Why,
            StringComparison.Ordinal);

    [Fact]
    public void The_service_of_kdump_has_its_own_finding() =>
        Assert.Contains("kdumpctl start", Assert.Single(Explained.Findings("kdump-service-failed",
            "\u25cf kdump.service - Crash recovery kernel arming\n   Loaded: loaded (/usr/lib/systemd/system/kdump.service; enabled)\n" +
            "   Active: failed (Result: exit-code) since Mon 2016-10-24 18:58:21 UTC; 49s ago\n" +
            "  Process: 812 ExecStart=/usr/bin/kdumpctl start (code=exited, status=1/FAILURE)\n")).Evidence[^1].Text,
            StringComparison.Ordinal);

    [Fact]
    public void A_unit_that_runs_is_no_finding() =>
        Assert.Empty(Explained.Findings("unit-listed-failed",
            "\u25cf foo.service - Foo\n   Loaded: loaded (/etc/x)\n   Active: active (running) since Tue\n" +
            " Main PID: 9 (code=exited, status=0/SUCCESS)\n"));
}
