using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class DumpWriteFailedTests
{
    [Theory]
    [InlineData("write_buffer: Can't write the dump file(/kdumproot/var/crash/vmcore-incomplete). Input/output error", "EIO")]
    [InlineData("cp: error writing '/mnt/vmcore-incomplete': Read-only file system", "read-only")]
    [InlineData("Host key verification failed.", "host key")]
    [InlineData("kdump@192.0.2.1: Permission denied (publickey,password).", "kdump's key")]
    [InlineData("ssh: connect to host nas.example port 22: No route to host", "nas.example")]
    [InlineData("ssh: Could not resolve hostname nas.example: Name or service not known", "nas.example")]
    [InlineData("rsync error: error in rsync protocol data stream (code 12) at io.c(226)", "code 12")]
    public void The_first_words_before_the_failure_are_the_reason(string words, string why)
    {
        Finding finding = Assert.Single(Explained.Findings("dump-write-failed", Explained.CaptureBoot + "[ 9.1] kdump: saving vmcore\n" +
            words + "\n[ 9.9] kdump: saving vmcore failed, exitcode:1\n"));
        Assert.Contains(why, finding.Why, StringComparison.Ordinal);
        Assert.NotEmpty(finding.Fixes);
    }

    [Fact]
    public void Where_no_dump_was_saved_the_same_words_are_nothing()
    {
        Assert.Empty(Explained.Verdict(Explained.FirstBoot + "Host key verification failed.\nlost connection\n").Findings);
    }
}
