using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class VmcoreIncompleteTests
{
    private const string Saving = "kdump[651]: saving vmcore\n";

    [Fact]
    public void A_next_kernel_without_an_end_of_the_dump_proves_a_piece()
    {
        Assert.Single(Explained.Findings("vmcore-incomplete", Explained.CaptureBoot + Saving + Explained.FirstBoot));
    }

    [Fact]
    public void A_log_that_ends_there_is_an_unknown()
    {
        Verdict verdict = Explained.Verdict(Explained.CaptureBoot + Saving);
        Assert.Empty(verdict.Findings);
        Assert.Contains(verdict.Unknowns, u => u.Question.Contains("whether the dump was completed", StringComparison.Ordinal));
    }

    [Fact]
    public void A_listing_with_the_unfinished_name_is_a_finding_and_the_tools_own_message_is_not()
    {
        Assert.Single(Explained.Findings("vmcore-incomplete", "-rw------- 1 root root 81920 Jul  3 03:51 vmcore-incomplete\n"));
        Assert.Empty(Explained.Findings("vmcore-incomplete",
            Explained.CaptureBoot + Saving + "The dumpfile is saved to /kdumproot/var/crash/vmcore-incomplete.\nkdump[9]: saving vmcore " +
            "complete\n"));
    }
}
