using Kdump.Diagnosis.Model;
using Kdump.Tests.Crashes;

namespace Kdump.Tests.Rules;

public sealed class SoftLockupTests
{
    [Fact]
    public void The_report_becomes_a_finding_that_names_the_function_and_quotes_its_first_line()
    {
        Finding finding = Assert.Single(Explained.Findings("soft-lockup", Samples.Boot + Samples.SoftLockup));
        Assert.Equal("spoon_ioctl", finding.Subject);
        Assert.True(finding.Severity >= Severity.Warning);
        Assert.NotEmpty(finding.Evidence);
        Assert.All(finding.Evidence, e => Assert.Contains(e.Text, Samples.SoftLockup));
    }

    [Fact]
    public void The_seconds_that_the_watchdog_measured_are_told()
    {
        const string line = "[  100.000000] watchdog: BUG: soft lockup - CPU#7 stuck for 28s! [qemu-ga:864]\n";
        Finding f = Assert.Single(Explained.Findings("soft-lockup", line));
        Assert.Contains("measured 28 s", f.Why, StringComparison.Ordinal);
        // Its name alone shows that the machine is a guest.
        Assert.Contains("virtual machine", f.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_that_only_looks_like_it_is_no_finding()
    {
        Assert.Empty(Explained.Findings("soft-lockup",
            Samples.Boot + "[    5.000000] watchdog: Enabled. Soft lockup detector watches CPUs\n"));
    }

    [Fact]
    public void The_panic_that_a_setting_makes_of_it_is_its_effect()
    {
        Verdict verdict = Explained.Verdict(
            Samples.Boot + Samples.SoftLockup + "[  200.500000] Kernel panic - not syncing: softlockup: hung tasks\n");
        Finding panic = verdict.Findings.Single(f => f.Id == "kernel-panic");
        Assert.Contains("soft-lockup:spoon_ioctl", panic.CausedBy);
        Assert.Equal("soft-lockup:spoon_ioctl", verdict.RootCauses[0].Key);
    }

    [Fact]
    public void The_title_the_text_and_the_fix_name_one_function_and_no_time_that_was_not_measured()
    {
        Finding f = Assert.Single(Explained.Findings("soft-lockup",
            File.ReadAllText(Path.Combine(Repository.Root, "fixtures", "cases", "soft-lockup", "console.log"))));
        Assert.Contains("lab_spin", f.Title, StringComparison.Ordinal);
        Assert.Contains("The CPU was in lab_spin() of the module kdt_lab.", f.Why, StringComparison.Ordinal);
        Assert.Contains(f.Fixes, x => x.Command == "scripts/faddr2line kdt_lab.ko lab_spin+0xe/0x10");
        Assert.Contains("measured 8 s", f.Why, StringComparison.Ordinal);
        Assert.DoesNotContain("for 20 s", f.Why, StringComparison.Ordinal);
    }
}
