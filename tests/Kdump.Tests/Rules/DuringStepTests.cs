using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>An error right after a sleep, a wake-up or a shutdown is told with that, and one at work is not.</summary>
public sealed class DuringStepTests
{
    private static string Failed(double at) => FormattableString.Invariant(
        $"[{at,12:0.000000}] I/O error, dev sda, sector 8 op 0x1:(WRITE) flags 0x0 phys_seg 1 prio class 2\n");

    private static Finding Found(string log) => Explained.Findings("disk-io-error", log).Single();

    [Theory]
    [InlineData("PM: suspend entry (deep)", "while the machine went to sleep")]
    [InlineData("PM: hibernation: hibernation entry", "while the machine went to sleep")]
    [InlineData("PM: suspend exit", "after the machine woke up from sleep")]
    [InlineData("ACPI: PM: Waking up from system sleep state S3", "after the machine woke up from sleep")]
    [InlineData("reboot: Power down", "while the machine was shut down")]
    [InlineData("systemd-shutdown[1]: Syncing filesystems and block devices.", "while the machine was shut down")]
    public void An_error_right_after_a_step_of_the_machine_is_told_with_it(string step, string says)
    {
        Finding f = Found($"[  100.000000] {step}\n{Failed(103)}");
        Assert.EndsWith(says, f.Title, StringComparison.Ordinal);
        Assert.Contains("3 s after that", f.Why, StringComparison.Ordinal);
        Assert.Contains(step[..10], f.Evidence[0].Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PM: suspend exit", 200)]
    [InlineData("PM: suspend entry (deep)", 900)]
    [InlineData("PM: suspend entry (deep)", 99)]
    [InlineData("app[77]: reboot: Power down is planned for tomorrow", 101)]
    public void An_error_long_after_it_or_before_it_is_one_at_work(string step, double at)
    {
        string[] lines = at < 100 ? [Failed(at), $"[  100.000000] {step}\n"] : [$"[  100.000000] {step}\n", Failed(at)];
        Assert.DoesNotContain("while the machine", Found(string.Concat(lines)).Title, StringComparison.Ordinal);
        Assert.DoesNotContain("woke up", Found(string.Concat(lines)).Title, StringComparison.Ordinal);
    }

    [Fact]
    public void The_last_step_before_it_counts() => Assert.EndsWith("after the machine woke up from sleep",
        Found($"[  100.000000] PM: suspend entry (deep)\n[  101.000000] PM: suspend exit\n{Failed(102)}").Title, StringComparison.Ordinal);
}
