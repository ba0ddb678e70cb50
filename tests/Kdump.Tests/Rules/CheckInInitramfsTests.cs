using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class CheckInInitramfsTests
{
    private const string Id = "initramfs-check-failed";

    private static string Log(string program, string arguments, int status) =>
        $"[    2.100000] dracut: issuing {program} {arguments}\n[    2.200000] dracut Warning: {program} returned with {status}\n" +
        "[    2.200001] dracut Warning: *** An error occurred during the file system check.\n" +
        "[    2.200002] dracut Warning: *** Dropping you to a shell; the system will try\n";

    [Theory]
    [InlineData("e2fsck", "-a  /dev/sda1", 4, "left uncorrected", "fsck -y /dev/sda1")]
    [InlineData("e2fsck", "-a -f  /dev/sda1", 16, "nothing was checked", "e2fsck -f /dev/sda1")]
    [InlineData("fsck.f2fs", "-a /dev/mapper/root", 8, "an operational error", "fsck -f /dev/mapper/root")]
    [InlineData("jfs_fsck", "-a /dev/sda1", 12, "an operational error", "fsck -y /dev/sda1")]
    public void The_status_is_told_with_what_it_means_and_for_which_disk(string program, string arguments, int status,
        string says, string command)
    {
        Verdict verdict = Explained.Verdict(Log(program, arguments, status));
        Finding f = Assert.Single(verdict.Findings, f => f.Id == Id);
        Assert.Equal(arguments.Split(' ')[^1], f.Subject);
        Assert.Contains(says, f.Why, StringComparison.Ordinal);
        Assert.Equal(command, f.Fixes[0].Command);
        Assert.Equal(Id, verdict.Chain[0].Id);
    }

    [Fact]
    public void Without_the_line_that_names_the_disk_the_status_remains()
    {
        Finding f = Assert.Single(Explained.Findings(Id, "dracut Warning: e2fsck returned with 4\n"));
        Assert.Null(f.Subject);
        Assert.Contains("status 4", f.Title, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[    2.100000] dracut: issuing e2fsck -a  /dev/sda1\n[    2.200000] dracut: e2fsck returned with 0\n")]
    [InlineData("[    2.200000] dracut Warning: e2fsck returned with 1\n")]
    [InlineData("Nov 30 02:00:01 nas backup.sh[300]: e2fsck returned with 12\n")]
    [InlineData("[    2.200000] dracut Warning: my-hook returned with 4\n")]
    [InlineData("[    2.200000] dracut Warning: e2fsck returned with nothing\n")]
    public void A_check_that_went_on_is_quiet(string log) => Assert.Empty(Explained.Findings(Id, log));

    [Theory]
    [InlineData("systemd-fsck[718]: fsck failed with exit status 16.", "nothing was checked", Severity.Warning)]
    [InlineData("systemd-fsck[718]: fsck failed with error code 4.", "left uncorrected", Severity.Error)]
    [InlineData("systemd-fsck[718]: fsck failed with error code 12.", "could not run", Severity.Error)]
    [InlineData("systemd-fsck[718]: fsck failed with error code 8.", "an operational error", Severity.Warning)]
    public void What_systemd_says_of_it_is_read_alike(string line, string says, Severity severity)
    {
        Finding f = Explained.Verdict($"[    5.000000] {line}\n").Findings.First(f => f.Id == "unit-mount-failed");
        Assert.Contains(says, f.Why, StringComparison.Ordinal);
        Assert.DoesNotContain("mount", f.Title, StringComparison.Ordinal);
        Assert.Equal(severity, f.Severity);
    }
}
