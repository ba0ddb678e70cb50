using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class NoCaptureKernelTests
{
    private const string Panic = "[   13.000000] Kernel panic - not syncing: Fatal exception\n";

    [Fact]
    public void A_panic_followed_by_an_ordinary_boot_is_found()
    {
        Assert.Single(Explained.Findings("no-capture-kernel", Explained.FirstBoot + Panic + Explained.FirstBoot));
    }

    [Fact]
    public void A_crash_kernel_behind_the_panic_keeps_it_silent()
    {
        Assert.Empty(Explained.Findings("no-capture-kernel",
            Explained.FirstBoot + Panic + Explained.CaptureBoot + "[   3.000000] x\n" + Explained.FirstBoot));
    }

    [Fact]
    public void A_log_that_ends_with_the_panic_is_an_unknown()
    {
        Verdict verdict = Explained.Verdict(Explained.FirstBoot + Panic);
        Assert.DoesNotContain(verdict.Findings, f => f.Id == "no-capture-kernel");
        Assert.Contains(verdict.Unknowns, u => u.Question.Contains("whether a crash kernel started", StringComparison.Ordinal));
    }
}
