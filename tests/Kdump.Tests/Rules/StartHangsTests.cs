using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class StartHangsTests
{
    private static string Job(string name, string time, string kind = "start") =>
        $"[ ***  ] A {kind} job is running for {name} ({time})\n";

    [Theory]
    [InlineData("Wait for Network to be Configured", "address")]
    [InlineData("dracut initqueue hook", "root, LUKS")]
    [InlineData("Wait for udev To Complete Device Initialization", "probe")]
    [InlineData("File System Check on /dev/sda1", "checked")]
    [InlineData("Cryptography Setup for luks-1", "passphrase")]
    [InlineData("Initial cloud-init job (metadata service crawler)", "cloud-init")]
    public void A_log_that_ends_in_a_long_job_is_a_start_that_hangs(string name, string says)
    {
        Finding finding = Assert.Single(Explained.Findings("start-hangs", "[    2.000000] systemd[1]: Reached target Swap.\n" +
            Job(name, "1min 2s / no limit") + Job(name, "2min 5s / no limit")));
        Assert.Contains(name, finding.Title, StringComparison.Ordinal);
        Assert.Contains(says, finding.Why, StringComparison.Ordinal);
        Assert.Contains("125 s", finding.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_shutdown_that_waits_is_a_warning()
    {
        Finding finding = Assert.Single(Explained.Findings("start-hangs", Job("User Manager for UID 1000", "1min 25s / 1min 30s", "stop")));
        Assert.Equal(Severity.Warning, finding.Severity);
        Assert.StartsWith("the shutdown waits", finding.Title, StringComparison.Ordinal);
    }

    [Fact]
    public void A_start_that_went_on_did_not_hang()
    {
        string after = string.Concat(Enumerable.Range(0, 9).Select(i => $"[  OK  ] Started Service {i}.\n"));
        Assert.Empty(Explained.Findings("start-hangs", Job("Wait for Network to be Configured", "1min 50s / no limit") + after));
    }

    [Fact]
    public void Some_seconds_are_in_every_start() =>
        Assert.Empty(Explained.Findings("start-hangs", Job("Wait for Network to be Configured", "12s / no limit")));

    [Fact]
    public void Saving_a_dump_takes_its_time() =>
        Assert.Empty(Explained.Findings("start-hangs", Job("Kdump Vmcore Save Service", "4min 12s / no limit")));

    [Fact]
    public void The_root_itself_is_told_as_the_root()
    {
        Verdict verdict = Explained.Verdict(Job("/dev/mapper/live-rw", "1min 30s / no limit"));
        Assert.Contains(verdict.Findings, f => f.Id == "root-not-found");
        Assert.DoesNotContain(verdict.Findings, f => f.Id is "start-hangs" or "unit-device-missing");
    }
}
