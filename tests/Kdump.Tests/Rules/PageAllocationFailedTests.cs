using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class PageAllocationFailedTests
{
    [Fact]
    public void A_large_order_is_fragmentation_and_the_driver_that_asked_is_named()
    {
        Finding finding = Found("[ 9.1] tcpdump: page allocation failure: order:9, mode:0x20\n[ 9.2] Call Trace:\n" +
            "[ 9.3]  [<ffffffff8113a6c6>] warn_alloc_failed+0xf6/0x150\n[ 9.4]  [<ffffffff81370567>] swiotlb_alloc_coherent+0x67/0x130\n" +
            "[ 9.5]  [<ffffffffa0104e3a>] alloc_dma_memory+0x8a/0xe0 [fbcapture]\n[ 9.6]  [<ffffffffa0109286>] txAllocArea+0x66/0x300 " +
            "[fbcapture]\n");
        Assert.Contains("fbcapture", finding.Title, StringComparison.Ordinal);
        Assert.Contains("2 MiB", finding.Title, StringComparison.Ordinal);
        Assert.Contains("fragmented", finding.Why, StringComparison.Ordinal);
        Assert.Contains("GFP_ATOMIC", finding.Title, StringComparison.Ordinal);
    }

    [Fact]
    public void One_page_in_an_interrupt_is_the_reserve()
    {
        Finding finding = Found("[86554.2] irq/5-600c0004.: page allocation failure: order:0, mode:0x820(GFP_ATOMIC), nodemask=(null)\n");
        Assert.Contains("reserve", finding.Why, StringComparison.Ordinal);
        Assert.DoesNotContain("fragment", finding.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void The_map_of_plugged_memory_falls_back_and_is_no_fault()
    {
        Assert.Equal(Severity.Info, Found("[ 9.1] kworker/0:2: vmemmap alloc failure: order:9, " +
            "mode:0x4cc0(GFP_KERNEL|__GFP_RETRY_MAYFAIL), nodemask=(null),cpuset=/,mems_allowed=0\n").Severity);
    }

    [Fact]
    public void In_the_crash_kernel_it_is_left_to_the_rule_for_that() => Assert.Empty(Explained.Findings("page-allocation-failed",
        Explained.CaptureBoot + "[ 9.1] swapper/0: page allocation failure: order:0, mode:0x820(GFP_ATOMIC), nodemask=(null)\n"));

    private static Finding Found(string text) => Assert.Single(Explained.Findings("page-allocation-failed", text));
}
