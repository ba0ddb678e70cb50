using Kdump.Diagnosis.Model;
using Kdump.Tests.Crashes;

namespace Kdump.Tests.Rules;

public sealed class KernelPanickedTests
{
    [Fact]
    public void A_panic_on_request_is_no_fault()
    {
        Verdict verdict = Explained.Verdict(
            Samples.Boot + "[   13.661845] sysrq: Trigger a crash\n[   13.662271] Kernel panic - not syncing: sysrq triggered crash\n");
        Assert.Equal(Severity.Info, verdict.Findings.Single(f => f.Id == "kernel-panic").Severity);
        Assert.False(verdict.Bad);
    }

    [Fact]
    public void A_panic_without_a_report_before_it_has_the_reason_in_its_words()
    {
        Finding panic = Assert.Single(
            Explained.Findings("kernel-panic",
            Samples.Boot + "[    2.000000] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\n"));
        Assert.Equal(Severity.Critical, panic.Severity);
        Assert.Contains("root file system was not found", panic.Why, StringComparison.Ordinal);
        Assert.Equal(["root-not-found"], panic.CausedBy);
    }

    [Fact]
    public void The_panic_of_the_crash_kernel_is_left_to_the_rule_for_that()
    {
        Assert.Empty(Explained.Findings("kernel-panic", Samples.CaptureBoot + Samples.FatalException));
        Assert.Single(Explained.Findings("capture-kernel-panic", Samples.CaptureBoot + Samples.FatalException));
    }

    [Fact]
    public void Two_kernels_of_one_log_keep_their_crashes_apart()
    {
        Verdict verdict = Explained.Verdict(
            Samples.Boot + Samples.Oops + Samples.FatalException + Samples.CaptureBoot + Samples.Oops + Samples.FatalException);
        Assert.Equal(["kernel-oops:brew_pour", "kernel-oops:brew_pour in the crash kernel"],
            verdict.Findings.Where(f => f.Id == "kernel-oops").Select(f => f.Key).Order());
        Assert.Equal(["kernel-oops:brew_pour"], verdict.Findings.Single(f => f.Id == "kernel-panic").CausedBy);
    }
}
