using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class DumpNotSavedTests
{
    [Fact]
    public void A_failure_without_a_reason_asks_for_the_crash_kernels_log()
    {
        Verdict verdict = Explained.Verdict(Explained.CaptureBoot + "[ 9.0] kdump: saving vmcore\n[ 9.9] kdump: saving vmcore failed\n");
        Assert.Contains(verdict.Findings, f => f.Id == "dump-not-saved");
        Assert.Contains(verdict.Unknowns, u => u.Settle.Contains("kexec-dmesg.log", StringComparison.Ordinal));
    }

    [Fact]
    public void A_second_try_that_succeeds_is_no_failure()
    {
        Assert.Empty(Explained.Findings("dump-not-saved", Explained.CaptureBoot +
            "[ 9.0] kdump: saving vmcore\n[ 9.9] kdump: saving vmcore failed\n[ 11.0] kdump: saving vmcore complete\n"));
    }
}
