using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Evidence.Dumps;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Rules.Crashes;
using Kdump.Tests.Crashes;

namespace Kdump.Tests.Rules;

public sealed class CrashWithoutReportTests
{
    private static readonly CrashWithoutReport Rule = new();

    [Fact]
    public void A_silent_log_leaves_the_function_that_the_memory_names()
    {
        Finding finding = Assert.Single(DumpFacts.Findings(Rule, DumpFacts.Of(Stopped("kitchen_enter"))));
        Assert.Equal("the kernel stopped in kitchen_enter() of the module kitchen", finding.Title);
        Assert.Equal("CPU 1: cook, kitchen_enter+0x4/0x20 [kitchen]", Assert.Single(finding.Evidence).Text);
    }

    [Fact]
    public void A_log_that_tells_of_the_crash_speaks_for_itself()
    {
        Facts facts = Explained.Facts(Samples.Boot + Samples.HungTask);
        Crash told = facts.Of<Crash>()[0];
        facts.Boot = told.Boot;
        facts.Add(Stopped("kitchen_enter"));
        Assert.Empty(DumpFacts.Findings(Rule, facts));
    }

    [Fact]
    public void Without_a_stack_nothing_is_claimed()
    {
        Verdict verdict = Verdict.From(DumpFacts.Of(Stopped(null)), [Rule]);
        Assert.Empty(verdict.Findings);
        Assert.Single(verdict.Unknowns);
    }

    private static DumpCrash Stopped(string? function) =>
        new(new Source(DumpFacts.Path, $"CPU 1: cook, {(function is null ? "no stack" : $"{function}+0x4/0x20 [kitchen]")}"), 1, 7, "cook",
            function, function is null ? null : "kitchen");
}
