using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class ModuleEatsCrashKernelTests
{
    private const string Table = " dracut-pre-pivot[676]: ======== Report format module_summary: ========\n" +
        " dracut-pre-pivot[676]: Module qed using 149.6MB (2394 pages), peak allocation 149.6MB (2394 pages)\n" +
        " dracut-pre-pivot[676]: Module qede using 65.3MB (1045 pages), peak allocation 65.3MB (1045 pages)\n" +
        " dracut-pre-pivot[676]: Module xfs using 2.0MB (32 pages), peak allocation 2.0MB (32 pages)\n";

    [Fact]
    public void Allocations_that_failed_beside_it_are_its_doing()
    {
        Verdict verdict = Explained.Verdict(Explained.CaptureBoot +
            " kworker/0:6: page allocation failure: order:6, mode:0x60c0c0(GFP_KERNEL|__GFP_COMP|__GFP_ZERO), nodemask=(null)\n" +
            "[    9.000000] qede: probe of 0000:05:00.1 failed with error -12\n" + Table);
        Finding finding = verdict.Findings.Single(f => f.Id == "module-eats-crash-kernel");
        Assert.Equal(Severity.Error, finding.Severity);
        Assert.Contains("214.9 MB", finding.Title, StringComparison.Ordinal);
        Assert.Contains(finding.Evidence, e => e.Text.Contains("error -12", StringComparison.Ordinal));
        Assert.Contains(finding.Fixes, f => f.Text.Contains("qed qede", StringComparison.Ordinal));
    }

    [Fact]
    public void Where_nothing_failed_it_is_a_warning_and_small_ones_are_none()
    {
        Assert.Equal(Severity.Warning,
            Assert.Single(Explained.Findings("module-eats-crash-kernel", Explained.CaptureBoot + Table)).Severity);
        Assert.Empty(Explained.Findings("module-eats-crash-kernel", Explained.CaptureBoot +
            "Module xfs using 2.0MB (32 pages), peak allocation 2.0MB (32 pages)\n"));
    }

    [Fact]
    public void Without_a_table_the_allocation_that_failed_is_told_and_a_table_asked_for()
    {
        Verdict verdict = Explained.Verdict(Explained.CaptureBoot +
            "[    8.000000] kworker/0:6: page allocation failure: order:6, mode:0x60c0c0(GFP_KERNEL|__GFP_COMP), nodemask=(null)\n" +
            "[    9.000000] qede: probe of 0000:05:00.1 failed with error -12\n");
        Finding finding = verdict.Findings.Single(f => f.Id == "crash-kernel-allocation-failed");
        Assert.Contains("256 KiB", finding.Title, StringComparison.Ordinal);
        Assert.Contains(finding.Fixes, f => f.Text.Contains("qede", StringComparison.Ordinal));
        Assert.Contains(verdict.Unknowns, u => u.Settle.Contains("rd.memdebug=3", StringComparison.Ordinal));
    }

    [Fact]
    public void In_an_ordinary_boot_it_is_no_matter_of_a_crash_kernel() =>
        Assert.Empty(Explained.Findings("crash-kernel-allocation-failed", Explained.FirstBoot +
            "[    8.000000] kworker/0:6: page allocation failure: order:6, mode:0x60c0c0(GFP_KERNEL|__GFP_COMP), nodemask=(null)\n"));
}
