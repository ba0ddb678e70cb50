using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class DumpProgramMissingTests
{
    private const string Fell = "[   22.5] kdump.sh[301]: kdump: saving vmcore failed, _exitcode:127\n";

    [Theory]
    [InlineData("lab-kdump[180]: /usr/bin/lab-kdump: line 10: makedumpfile: command not found", "makedumpfile")]
    [InlineData("kdump.sh[519]: /bin/kdump.sh: line 283: makedumpfile: command not found", "makedumpfile")]
    [InlineData("kdump-tools[527]: /usr/sbin/kdump-config: 623: makedumpfile: not found", "makedumpfile")]
    [InlineData("kdump.sh[519]: /bin/kdump.sh: line 283: /usr/sbin/makedumpfile: No such file or directory", "makedumpfile")]
    [InlineData("kdump.sh[519]: /bin/kdump.sh: line 283: /sbin/makedumpfile: cannot execute: required file not found", "makedumpfile")]
    [InlineData("kdump.sh[519]: /bin/kdump.sh: line 301: ssh: command not found", "ssh")]
    [InlineData("kdump.sh[151]: /lib/kdump-lib-initramfs.sh: line 38: grep: command not found", "grep")]
    [InlineData("kdump-save[201]: /kdump/kdump-save: line 310: df: command not found", "df")]
    [InlineData("save_dump.sh[201]: /kdump/save_dump.sh: line 12: dd: not found", "dd")]
    public void The_program_that_a_script_calls_and_the_crash_kernel_lacks_is_named(string words, string program)
    {
        foreach (string end in (string[])["", Fell])
        {
            Finding finding = Assert.Single(Explained.Findings("dump-program-missing", Explained.CaptureBoot + "[   22.2] " + words +
                "\n" + end));
            Assert.Equal((program, Severity.Critical), (finding.Subject, finding.Severity));
            Assert.Contains(finding.Evidence, e => e.Text.Contains(words, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void The_failure_that_follows_needs_no_other_reason()
    {
        Verdict verdict = Explained.Verdict(Explained.CaptureBoot +
            "[   22.2] kdump.sh[519]: /bin/kdump.sh: line 283: makedumpfile: command not found\n" + Fell);
        Assert.Equal("dump-program-missing", Assert.Single(verdict.RootCauses).Id);
        Assert.DoesNotContain(verdict.Unknowns, u => u.Question.Contains("could not be saved", StringComparison.Ordinal));
    }

    /// <summary>An image by kdump-utils' module whose dracut brought no grep: the target was there, and its place was not found.</summary>
    [Fact]
    public void A_helper_that_is_not_there_is_why_the_target_was_not_found()
    {
        Verdict verdict = Explained.Verdict(Explained.CaptureBoot +
            "[  136.701338] kdump.sh[151]: /lib/kdump-lib-initramfs.sh: line 38: grep: command not found\n" +
            "[  141.458294] kdump[200]: dump path '/sysroot' is not mounted, trying to mount...\n" +
            "[  141.780215] kdump.sh[201]: mount: /sysroot: can't find mount point in /etc/fstab.\n" +
            "[  142.424007] kdump[203]: failed to dump to '/sysroot', it's not a mount point!\n" +
            "[  143.248674] kdump[205]: saving vmcore failed\n");
        Assert.StartsWith("the crash kernel has no grep, and a script that saves the dump calls it", verdict.Headline);
        Assert.Equal("dump-program-missing", Assert.Single(verdict.RootCauses).Id);
    }

    [Theory]
    [InlineData("[   22.2] dracut-cmdline[301]: /lib/net-lib.sh: line 7: wicked: command not found\n")]
    [InlineData("[   22.2] dracut-pre-mount[301]: /lib/fs-lib.sh: line 7: grep: command not found\n")]
    [InlineData("[   22.2] cp: cannot stat '/etc/makedumpfile.conf': No such file or directory\n")]
    [InlineData("[   22.2] kdump.sh[519]: makedumpfile: option '-q' not found\n")]
    public void Other_programs_and_other_files_that_are_not_there_are_not_meant(string line) =>
        Assert.Empty(Explained.Findings("dump-program-missing", Explained.CaptureBoot + line));

    [Fact]
    public void On_the_running_machine_a_script_of_somebody_lacks_what_it_likes() =>
        Assert.Empty(Explained.Findings("dump-program-missing",
            "[    0.000000] Linux version 6.1.0 (x)\n[  100.2] backup.sh[519]: /root/backup.sh: line 3: rsync: command not found\n"));

    [Fact]
    public void A_fallback_that_saved_the_dump_makes_it_a_warning()
    {
        Finding finding = Assert.Single(Explained.Findings("dump-program-missing", Explained.CaptureBoot +
            "[   22.2] kdump-tools[527]: /usr/sbin/kdump-config: 623: makedumpfile: not found\n" +
            "[   22.3] kdump-tools[527]: makedumpfile failed, falling back to 'cp'\n[   80.0] kdump-tools[527]: saved vmcore in " +
                "/var/crash/1\n"));
        Assert.Equal(Severity.Warning, finding.Severity);
    }

    [Fact]
    public void A_server_out_of_reach_costs_the_dump_where_the_kernel_is_certainly_the_crash_kernel()
    {
        const string Line = "[   30.1] ssh: connect to host 10.0.2.100 port 22: Network is unreachable\n";
        Assert.Single(Explained.Findings("dump-write-failed", Explained.CaptureBoot + Line));
        Assert.Empty(Explained.Findings("dump-write-failed", "[    0.000000] Linux version 6.1.0 (x)\n" + Line));
    }
}
