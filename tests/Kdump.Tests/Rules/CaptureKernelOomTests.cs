using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class CaptureKernelOomTests
{
    private const string Oom = "[    9.000000] Out of memory: Killed process 200 (makedumpfile) total-vm:1000kB\n";

    [Fact]
    public void A_task_killed_for_memory_in_the_crash_kernel_is_found_with_its_name()
    {
        Finding finding = Assert.Single(Explained.Findings("capture-kernel-oom", Explained.CaptureBoot + Oom));
        Assert.Contains("makedumpfile", finding.Why, StringComparison.Ordinal);
        Assert.Contains(finding.Evidence, e => e.Text.Contains("Out of memory", StringComparison.Ordinal));
        Assert.Contains("crashkernel-too-small", finding.CausedBy);
    }

    [Fact]
    public void The_same_line_before_the_crash_is_not_the_crash_kernels()
    {
        Assert.Empty(Explained.Findings("capture-kernel-oom", Explained.FirstBoot + Oom));
    }

    [Fact]
    public void Without_a_command_line_it_is_an_unknown()
    {
        Verdict verdict = Explained.Verdict(Oom.Replace("makedumpfile", "systemd-udevd", StringComparison.Ordinal));
        Assert.DoesNotContain(verdict.Findings, f => f.Id == "capture-kernel-oom");
        Assert.Contains(verdict.Unknowns, u => u.Question.Contains("ran out of memory", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("[    9.000000] Out of memory: Kill process 77 (mysqld) score 688 or sacrifice child\n" +
        "[    9.000001] Killed process 77 (mysqld) total-vm:9551072kB, anon-rss:4469476kB, file-rss:0kB\n", false)]
    [InlineData("[    9.000000] Out of memory: Killed process 77 (mysqld) total-vm:9551072kB, anon-rss:4469476kB\n", false)]
    [InlineData("[    9.000000] Out of memory: Killed process 77 (udevd) total-vm:9551072kB, anon-rss:69476kB\n", true)]
    [InlineData("[    9.000000] Out of memory: Killed process 77 (udevd) total-vm:9551072kB\n", true)]
    public void What_one_process_held_may_be_more_than_any_crash_kernel_has(string log, bool asked) =>
        Assert.Equal(asked, Explained.Verdict(log).Unknowns.Any(u => u.Question.Contains("ran out of memory", StringComparison.Ordinal)));

    [Fact]
    public void Where_the_crash_kernel_is_proven_its_size_is_none_of_this_rules_business() => Assert.Single(Explained.Findings(
        "capture-kernel-oom", Explained.CaptureBoot + "[    9.000000] Out of memory: Killed process 7 (x) anon-rss:4469476kB\n"));

    [Theory]
    [InlineData(Oom)]
    [InlineData("[    9.000000] makedumpfile invoked oom-killer: gfp_mask=0x100cca, order=0\n")]
    [InlineData("makedumpfile invoked oom: gfp_mask=0x6200ca\n")]
    public void Makedumpfile_runs_in_a_crash_kernel(string log)
    {
        Finding finding = Assert.Single(Explained.Findings("capture-kernel-oom", log));
        Assert.NotEmpty(finding.Fixes);
    }

    [Fact]
    public void A_cgroup_at_its_own_limit_is_no_shortage()
    {
        Assert.Empty(Explained.Findings("capture-kernel-oom",
            Explained.CaptureBoot + "[    9.000000] Memory cgroup out of memory: Killed process 200 (x) total-vm:1000kB\n"));
    }
}
