using Kdump.Diagnosis.Model;
using Kdump.Tests.Crashes;

namespace Kdump.Tests.Rules;

public sealed class KernelOopsTests
{
    [Fact]
    public void The_report_becomes_a_finding_that_names_the_function_and_quotes_its_first_line()
    {
        Finding finding = Assert.Single(Explained.Findings("kernel-oops", Samples.Boot + Samples.Oops));
        Assert.Equal("brew_pour", finding.Subject);
        Assert.True(finding.Severity >= Severity.Warning);
        Assert.NotEmpty(finding.Evidence);
        Assert.All(finding.Evidence, e => Assert.Contains(e.Text, Samples.Oops));
    }

    [Fact]
    public void A_line_that_only_looks_like_it_is_no_finding()
    {
        Assert.Empty(Explained.Findings("kernel-oops",
            Samples.Boot + "[    5.000000] traps: brewer[12] general protection fault ip:7feb96eb56a1 sp:20000fd0 error:0 in " +
            "libbrew.so[7feb96e75000+84000]\n"));
    }

    [Fact]
    public void The_panic_that_a_setting_makes_of_it_is_its_effect()
    {
        Verdict verdict = Explained.Verdict(Samples.Boot + Samples.Oops + "[  100.500000] Kernel panic - not syncing: Fatal exception\n");
        Finding panic = verdict.Findings.Single(f => f.Id == "kernel-panic");
        Assert.Contains("kernel-oops:brew_pour", panic.CausedBy);
        Assert.Equal("kernel-oops:brew_pour", verdict.RootCauses[0].Key);
    }

    /// <summary>oops_end() of x86 starts the crash kernel before the end mark: what vmcore-dmesg saves ends there.</summary>
    [Theory]
    [InlineData("", Severity.Critical)]
    [InlineData("\n", Severity.Critical)]
    [InlineData("[  100.500000] ---[ end trace 0000000000000000 ]---\n", Severity.Error)]
    [InlineData("[  160.000000] eth0: ready\n[  161.000000] eth0: ready\n[  162.000000] eth0: ready\n", Severity.Error)]
    public void A_report_with_which_a_whole_log_ends_took_the_machine_down(string after, Severity severity)
    {
        string oops = string.Concat(Samples.Oops.Split('\n').TakeWhile(l => !l.Contains("end trace", StringComparison.Ordinal))
            .Where(l => l.Length > 0).Select(l => l + "\n"));
        string boot = Samples.Boot + string.Concat(Enumerable.Range(0, 200).Select(i => $"[   {i / 100.0 + 50:f6}] frob: {i}\n"));
        Finding whole = Assert.Single(Explained.Findings("kernel-oops", boot + oops + after));
        Assert.Equal((severity, severity == Severity.Critical), (whole.Severity, whole.Why.Contains("log ends", StringComparison.Ordinal)));
        // Of a piece nobody knows what followed.
        Assert.Equal(Severity.Error, Assert.Single(Explained.Findings("kernel-oops", oops)).Severity);
    }

    [Theory]
    [InlineData("BUG: KASAN: slab-out-of-bounds in foo+0x16/0x30 [bar]", "", "the kernel reports a misuse of its memory: KASAN: ")]
    [InlineData("BUG: KFENCE: use-after-free read in foo+0x16/0x30 [bar]", "", "the kernel reports a misuse of its memory: KFENCE: ")]
    [InlineData("BUG: KASAN: slab-out-of-bounds in foo+0x16/0x30 [bar]",
        "[ 2759.600000] Kernel panic - not syncing: panic_on_warn set ...\n", "the kernel crashed: KASAN: ")]
    public void A_report_of_a_checker_is_no_crash_until_the_kernel_panics(string heading, string after, string title)
    {
        Finding finding = Assert.Single(Explained.Findings("kernel-oops", $"[ 2759.540327] {heading}\n" +
            "[ 2759.543552] Read of size 4 at addr ffff8881d4332414 by task swapper/22/0\n" +
            "[ 2759.543553] CPU: 22 PID: 0 Comm: swapper/22 Not tainted 5.15.0 #1\n[ 2759.543554] Call Trace:\n" +
            "[ 2759.543555]  foo+0x16/0x30 [bar]\n" + after));
        Assert.StartsWith(title, finding.Title, StringComparison.Ordinal);
    }
}
