using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class CrashkernelTooSmallTests
{
    private const string Memory = "[    0.100000] Memory: 119084K/196588K available (14343K kernel code)\n";

    [Fact]
    public void Running_out_proves_it_and_the_title_says_how_much_there_was()
    {
        Finding finding = Assert.Single(
            Explained.Findings("crashkernel-too-small",
            Explained.CaptureBoot + Memory + "[    2.000000] Out of memory and no killable processes...\n"));
        Assert.Equal("the crash kernel has only 191 MB of memory", finding.Title);
        Assert.Contains("116 MB left", finding.Why, StringComparison.Ordinal);
        Assert.Contains(finding.Evidence, e => e.Text.Contains("119084K/196588K", StringComparison.Ordinal));
    }

    [Fact]
    public void An_initramfs_that_does_not_fit_proves_it()
    {
        Assert.Single(Explained.Findings("crashkernel-too-small",
            Explained.CaptureBoot + Memory + "[    2.000000] Initramfs unpacking failed: write error\n"));
    }

    [Fact]
    public void A_damaged_initramfs_proves_nothing_of_the_size()
    {
        Assert.Empty(Explained.Findings("crashkernel-too-small",
            Explained.CaptureBoot + Memory + "[    2.000000] Initramfs unpacking failed: junk within compressed archive\n"));
    }

    [Fact]
    public void Little_memory_alone_is_no_fault()
    {
        Assert.Empty(Explained.Findings("crashkernel-too-small", Explained.CaptureBoot + Memory));
    }
}
