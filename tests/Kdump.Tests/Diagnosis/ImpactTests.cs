using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Diagnosis;

/// <summary>What a finding means is said as far as the findings prove it, and no further.</summary>
public sealed class ImpactTests
{
    [Fact]
    public void What_explains_a_lost_dump_costs_the_dump() =>
        Assert.Equal("No dump can be written: its target is not there.", Of("cause",
            new Finding("cause", "c", Severity.Warning, 0.9, ""),
            new Finding("dump-target-missing", "t", Severity.Critical, 0.9, "") { CausedBy = ["cause"] }));

    [Fact]
    public void It_is_no_surer_than_what_it_rests_on() =>
        Assert.Equal("Likely: no dump can be written: its target is not there.", Of("dump-target-missing",
            new Finding("dump-target-missing", "t", Severity.Critical, 0.8, "")));

    [Fact]
    public void With_a_dump_that_was_written_nothing_costs_it() =>
        Assert.Equal("It took the machine down; the dump was written.", Of("cause",
            new Finding("cause", "c", Severity.Error, 0.9, ""),
            new Finding("dump-target-missing", "t", Severity.Error, 0.9, "") { CausedBy = ["cause"] },
            new Finding("kernel-panic", "p", Severity.Critical, 0.9, "") { CausedBy = ["cause"] },
            new Finding("dump-saved", "s", Severity.Info, 0.9, "")));

    [Fact]
    public void A_panic_that_was_asked_for_is_nobody_s_doing() =>
        Assert.Null(Of("cause", new Finding("cause", "c", Severity.Error, 0.9, ""),
            new Finding("kernel-panic", "p", Severity.Info, 0.9, "") { CausedBy = ["cause"] }));

    [Fact]
    public void An_error_that_explains_nothing_proves_nothing() =>
        Assert.Null(Of("cause", new Finding("cause", "c", Severity.Error, 0.9, "")));

    [Fact]
    public void What_its_rule_says_stands() =>
        Assert.Equal("mine", Of("dump-not-saved", new Finding("dump-not-saved", "c", Severity.Error, 0.9, "") { Impact = "mine" }));

    [Fact]
    public void The_chain_of_the_headline_is_given_as_findings()
    {
        Verdict verdict = Judged(new Finding("b", "then", Severity.Error, 0.9, "") { CausedBy = ["a"] },
            new Finding("a", "first", Severity.Warning, 0.9, ""));
        Assert.Equal(["a", "b"], verdict.Chain.Select(f => f.Id));
        Assert.Equal("first -> then", verdict.Headline);
    }

    private static string? Of(string id, params Finding[] findings) => Judged(findings).Findings.First(f => f.Id == id).Impact;

    private static Verdict Judged(params Finding[] findings) => Verdict.From(new Facts(), [new Says(findings)]);

    private sealed class Says(Finding[] findings) : Rule
    {
        public override string Id => "test";

        public override IEnumerable<Opinion> Judge(Facts facts) => findings;
    }
}
