using Kdump.Diagnosis.Evidence.Dumps;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Rules.Dumps;

namespace Kdump.Tests.Rules;

public sealed class DumpLacksPagesTests
{
    private static readonly DumpLacksPages Rule = new();

    [Fact]
    public void Pages_of_the_kernel_that_a_level_left_out_are_one_finding_that_names_the_level()
    {
        Finding finding = Assert.Single(
            DumpFacts.Findings(Rule, DumpFacts.Of(Gap("stacks", 31), Gap("interrupts", 31), Gap("interrupts", 31))));
        Assert.Equal("the kernel's own pages were left out of the dump: stacks, interrupts", finding.Title);
        Assert.StartsWith("Level 31 ", finding.Why, StringComparison.Ordinal);
        Assert.Equal(3, finding.Evidence.Count);
    }

    [Fact]
    public void A_high_level_alone_is_as_it_should_be()
    {
        Assert.Empty(DumpFacts.Findings(Rule,
            DumpFacts.Of(new DumpFile(new Source(DumpFacts.Path, "kdump-compressed v6"), "kdump-compressed v6", Incomplete: false, Lost: 0,
            Level: 31))));
    }

    private static DumpGap Gap(string what, int? level) =>
        new(new Source(DumpFacts.Path, $"{what}: address ffff888001234000 is in a page that was excluded from the dump"), what, level);
}
