using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;

namespace Kdump.Tests.Diagnosis;

/// <summary>The wall around each rule and each reader: a fault of ours costs that one, and is reported.</summary>
public sealed class FaultTests
{
    [Fact]
    public void A_rule_that_throws_costs_its_own_findings_and_is_named()
    {
        Verdict verdict = Verdict.From(new Facts(), [new Says("before"), new Throws(), new Says("after")]);
        Assert.Equal(["after", "before"], verdict.Findings.Select(f => f.Id).Order());
        Fault fault = Assert.Single(verdict.Faults);
        Assert.Equal("the rule throws", fault.Where);
        Assert.StartsWith("OverflowException in Kdump.Tests.Diagnosis.FaultTests.", fault.Source.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_rule_said_before_it_threw_is_kept() =>
        Assert.Equal("half", Assert.Single(Verdict.From(new Facts(), [new ThrowsLater()]).Findings).Id);

    [Fact]
    public void A_fault_is_no_all_clear()
    {
        Verdict verdict = Verdict.From(new Facts(), [new Throws()]);
        Assert.DoesNotContain("othing wrong", verdict.Headline, StringComparison.Ordinal);
        Assert.Contains("the rule throws", verdict.Headline, StringComparison.Ordinal);
    }

    [Fact]
    public void A_parser_that_throws_costs_that_line_and_others_read_on()
    {
        var facts = new Facts();
        var counts = new Counts();
        var parsers = new LineParsers([new ThrowsAt(), counts]);
        for (int i = 1; i <= 20; i++)
            parsers.Line(new TextLine("console.log", i, "text"), facts);
        parsers.End(facts);
        Assert.Equal(20, counts.Lines);
        Fault[] faults = [.. Verdict.From(facts, []).Faults];
        Assert.Equal(Fault.MaxOfOnePart, faults.Length);
        Assert.Equal("console.log:1", faults[0].Source.Place);
        Assert.Contains(nameof(ThrowsAt), faults[0].Where, StringComparison.Ordinal);
    }

    [Fact]
    public void A_verdict_joined_from_two_keeps_the_faults_of_both() => Assert.Equal(2,
        Verdict.From(new Facts(), [new Throws()]).With(Verdict.From(new Facts(), [new Throws()])).Faults.Count);

    private static Finding Found(string id) => new(id, "a title", Severity.Error, 1, "why");

    private sealed class Says(string id) : Rule
    {
        public override string Id => id;

        public override IEnumerable<Opinion> Judge(Facts facts) => [Found(id)];
    }

    private sealed class Throws : Rule
    {
        public override string Id => "throws";

        public override IEnumerable<Opinion> Judge(Facts facts) => [Found(Cast(-1).ToString())];

        private static uint Cast(long value) => (uint)value;
    }

    private sealed class ThrowsLater : Rule
    {
        public override string Id => "half";

        public override IEnumerable<Opinion> Judge(Facts facts)
        {
            yield return Found("half");
            throw new InvalidOperationException("a fault");
        }
    }

    private sealed class ThrowsAt : LineParser
    {
        public override string Kind => "a form";

        public override bool Line(in TextLine line, Facts facts) => throw new InvalidOperationException("a fault");
    }

    private sealed class Counts : LineParser
    {
        public int Lines { get; private set; }

        public override string Kind => "another form";

        public override bool Line(in TextLine line, Facts facts)
        {
            Lines++;
            return true;
        }
    }
}
