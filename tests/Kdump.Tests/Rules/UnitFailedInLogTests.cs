using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Speakers;

namespace Kdump.Tests.Rules;

/// <summary>Units that fail, in the wordings of systemd's versions, and the reasons that their programs gave.</summary>
public sealed class UnitFailedInLogTests
{
    private const string Id = "unit-failed";

    [Fact]
    public void The_last_words_of_a_units_own_program_are_its_reason_and_what_needs_it_follows_from_it()
    {
        Finding finding = Assert.Single(Explained.Findings(Id, """
            Nov 02 10:00:01 web1 systemd[1]: Starting Frobnicate the widgets...
            Nov 02 10:00:01 web1 frobnicate[812]: fatal: cannot bind to 0.0.0.0:8080: Address already in use
            Nov 02 10:00:01 web1 systemd[1]: frobnicate.service: Main process exited, code=exited, status=1/FAILURE
            Nov 02 10:00:01 web1 systemd[1]: frobnicate.service: Failed with result 'exit-code'.
            Nov 02 10:00:01 web1 systemd[1]: Failed to start Frobnicate the widgets.
            Nov 02 10:00:01 web1 systemd[1]: Dependency failed for Widget consumer.
            Nov 02 10:00:01 web1 systemd[1]: widgetc.service: Job widgetc.service/start failed with result 'dependency'.
            Nov 02 10:00:02 web1 systemd[1]: Dependency failed for Widget dashboard.

            """));
        Assert.Equal("frobnicate.service failed (status 1/FAILURE): fatal: cannot bind to 0.0.0.0:8080: Address already in use",
            finding.Title);
        Assert.Contains("3 units were not started", finding.Why, StringComparison.Ordinal);
        Assert.Contains("Widget dashboard", finding.Why, StringComparison.Ordinal);
    }

    /// <summary>The last words count; systemd's own and those of a program whose name only holds the unit's are another's.</summary>
    [Fact]
    public void The_reason_is_the_last_line_of_the_units_own_program()
    {
        const string Stamp = "Nov 02 10:00:01 web1 ";
        Finding finding = Assert.Single(Explained.Findings(Id, string.Concat(Enumerable.Repeat(
            Stamp + "sshd[7]: error: PAM: Authentication failure\n", 4)) + Stamp + "sshd[7]: fatal: Cannot bind any address.\n" +
            Stamp + "systemd[1]: /lib/systemd/system/foo.service:9: Failed to parse limit value\n" +
            Stamp + "systemd[1]: ssh.service: Main process exited, code=exited, status=255/EXCEPTION\n"));
        Assert.Contains("Cannot bind any address", finding.Title, StringComparison.Ordinal);
        Assert.DoesNotContain("did not run", finding.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("systemd[1432]: Failed to start GNOME Shell on Wayland.")]
    [InlineData("cloud-init[800]: Failed to start httpd.service")]
    [InlineData("ansible[9]: myunit.service: Failed with result 'exit-code'.")]
    public void Other_programs_and_a_sessions_manager_are_not_the_machines_systemd(string line) =>
        Assert.Empty(Explained.Findings(Id, $"Nov 02 10:00:01 web1 {line}\n"));

    /// <summary>What happened hours later, or has words of its own, was no cause.</summary>
    [Fact]
    public void A_later_event_is_no_cause()
    {
        Verdict verdict = Explained.Verdict("Nov 02 10:00:01 web1 nginx[8]: bind() to 0.0.0.0:80 failed: Address already in use\n" +
            "Nov 02 10:00:01 web1 systemd[1]: nginx.service: Main process exited, code=exited, status=1/FAILURE\n" +
            "Nov 02 15:00:01 web1 kernel: Out of memory: Killed process 77 (chrome) total-vm:1kB, anon-rss:1kB, file-rss:0kB\n");
        Assert.Empty(Assert.Single(verdict.Findings, f => f.Id == Id).CausedBy);
    }

    /// <summary>systemd-sysctl goes on after most settings that a kernel lacks, and fails of the others.</summary>
    [Fact]
    public void What_a_program_ignored_is_not_why_it_ended()
    {
        string ignored = string.Concat(Enumerable.Range(0, 30).Select(i =>
            $"[    5.28{i:0000}] systemd-sysctl[250]: Couldn't write '0' to 'net/ipv6/x{i}', ignoring: No such file or directory\n"));
        Finding finding = Assert.Single(Explained.Findings(Id,
            "[    5.280000] systemd-sysctl[250]: Couldn't write 'on' to 'kernel/printk_devkmsg': Invalid argument\n" + ignored +
            "[    5.290000] systemd[1]: systemd-sysctl.service: Main process exited, code=exited, status=1/FAILURE\n"));
        Assert.Contains("printk_devkmsg", finding.Title, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Mar 06 02:30:04 c1 systemd[1]: web.service: main process exited, code=exited, status=1/FAILURE")]
    [InlineData("Mar 06 02:30:04 c1 systemd[1]: web.service: control process exited, code=exited status=1")]
    [InlineData("Mar 06 02:30:04 c1 systemd[1]: Unit web.service entered failed state.")]
    [InlineData("Mar 06 02:30:04 c1 systemd[1]: web.service: Unit entered failed state.")]
    [InlineData("Mar 06 02:30:04 c1 systemd[1]: web.service: Failed with result 'protocol'.")]
    [InlineData("Mar 06 02:30:04 c1 systemd[1]: web.service start operation timed out. Terminating.")]
    [InlineData("Mar 06 02:30:04 c1 systemd[1]: web.service: Start operation timed out. Stopping.")]
    [InlineData("Mar 06 02:30:04 c1 systemd[1]: Failed to start web.service - The web.")]
    [InlineData("[   12.345678] systemd[1]: web.service: Failed with result 'resources'.")]
    [InlineData("[FAILED] Failed to start web.service - The web.")]
    [InlineData("web.service: Main process exited, code=killed, status=11/SEGV")]
    public void Every_version_is_understood(string line) =>
        Assert.Equal("web.service", Assert.Single(Explained.Facts(line + "\n").Of<UnitEnd>()).Unit);

    [Fact]
    public void A_console_names_the_unit_in_the_line_behind()
    {
        UnitEnd unit = Assert.Single(Explained.Facts("[FAILED] Failed to start The web server.\n" +
            "See 'systemctl status web.service' for details.\n").Of<UnitEnd>());
        Assert.Equal("web.service", unit.Unit);
        Assert.Equal(2, unit.Lines.Count);
    }

    [Theory]
    // Who is asked to stop and says so with its status did not fail.
    [InlineData("systemd[1]: tomcat.service: Main process exited, code=exited, status=143/n/a")]
    // A session's own manager.
    [InlineData("systemd[1432]: app-foo.service: Main process exited, code=exited, status=1/FAILURE")]
    // Another program's words.
    [InlineData("dockerd[812]: Failed to start daemon")]
    [InlineData("systemd[1]: web.service: Main process exited, code=exited, status=0/SUCCESS")]
    public void These_are_no_failure_of_a_unit(string line) =>
        Assert.Empty(Explained.Findings(Id, $"Nov 02 10:00:01 web1 {line}\n"));

    [Fact]
    public void A_unit_that_was_started_later_is_a_warning()
    {
        Finding finding = Assert.Single(Explained.Findings(Id, """
            Nov 02 10:00:01 web1 systemd[1]: web.service: Main process exited, code=exited, status=1/FAILURE
            Nov 02 10:00:01 web1 systemd[1]: Failed to start web.service - The web.
            Nov 02 10:00:09 web1 systemd[1]: Started web.service - The web.

            """));
        Assert.Equal(Severity.Warning, finding.Severity);
        Assert.EndsWith("; later it was started", finding.Title, StringComparison.Ordinal);
    }

    [Fact]
    public void A_unit_whose_reason_another_finding_tells_weighs_no_more_than_that()
    {
        Finding finding = Assert.Single(Explained.Findings(Id, """
            Jul 09 22:31:32 h1 systemd-cryptsetup[857]: Failed to deactivate: Device or resource busy
            Jul 09 22:31:32 h1 systemd[1]: systemd-cryptsetup@sda5_crypt.service: Control process exited, code=exited status=1

            """));
        Assert.Equal(Severity.Info, finding.Severity);
        Assert.Equal(["still-in-use-when-closed"], finding.CausedBy.Select(c => c.Id));
    }

    [Fact]
    public void Many_that_failed_without_a_word_are_one_finding_that_names_the_first()
    {
        Finding finding = Assert.Single(Explained.Findings(Id, string.Concat(new[] { "systemd-journald", "a", "b", "c" }.Select(u =>
            $"{u}.service: Main process exited, code=exited, status=1/FAILURE\n"))));
        Assert.StartsWith("4 units failed, systemd-journald.service first", finding.Title, StringComparison.Ordinal);
    }

    [Fact]
    public void What_systemd_said_of_a_step_is_added_to_the_finding_that_names_the_step()
    {
        Finding finding = Assert.Single(Explained.Findings("unit-program-not-run", """
            Nov 02 10:00:01 web1 systemd[901]: named.service: Failed at step NAMESPACE spawning /usr/sbin/named: Permission denied
            Nov 02 10:00:01 web1 systemd[1]: named.service: Main process exited, code=exited, status=226/NAMESPACE

            """));
        Assert.Contains("Permission denied", finding.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_of_twenty_thousand_failures_keeps_few()
    {
        string log = string.Concat(Enumerable.Range(0, 20_000).Select(i =>
            $"Nov 02 10:00:01 web1 systemd[1]: u{i}.service: Main process exited, code=exited, status=1/FAILURE\n" +
            $"Nov 02 10:00:01 web1 u{i}[{i + 1}]: error: cannot open the file\n" +
            $"Nov 02 10:00:01 web1 systemd[1]: Dependency failed for thing {i}.\n"));
        Assert.InRange(Explained.Facts(log).Of<UnitEnd>().Count, 1, 256);
    }
}
