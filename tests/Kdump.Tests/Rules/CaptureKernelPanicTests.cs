using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class CaptureKernelPanicTests
{
    [Fact]
    public void A_panic_of_the_crash_kernel_is_found_beside_the_one_that_started_it()
    {
        Finding finding = Assert.Single(Explained.Findings("capture-kernel-panic",
            Explained.FirstBoot + "[   13.000000] Kernel panic - not syncing: sysrq triggered crash\n" + Explained.CaptureBoot +
                "[    1.300000] Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000009\n"));
        Assert.Contains("Attempted to kill init", finding.Title, StringComparison.Ordinal);
    }

    [Fact]
    public void The_panic_that_started_the_crash_kernel_is_not_its_own()
    {
        Assert.Empty(Explained.Findings("capture-kernel-panic",
            Explained.FirstBoot + "[   13.000000] Kernel panic - not syncing: sysrq triggered crash\n" + Explained.CaptureBoot));
    }
}
