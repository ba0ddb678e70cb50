using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.ProbeReports;
using Kdump.Diagnosis.Rules.Dumps;

namespace Kdump.Tests.Rules;

public sealed class ForecastMissedTests
{
    private const string Whole = "kdump-probe: vectoroutcome";

    [Fact]
    public void More_interrupts_than_were_possible_are_told_with_the_device()
    {
        Finding finding = Assert.Single(Judge(Outcome("", "", 10, 12, 14), Outcome("0000:01:00.0", "nvme", 2, 2, 6)));
        Assert.Contains("nvme 0000:01:00.0: 6, predicted 2", finding.Why, StringComparison.Ordinal);
        Assert.Equal(Severity.Warning, finding.Severity);
        Assert.Equal(2, finding.Evidence.Count);
    }

    [Fact]
    public void A_card_that_was_opened_is_within_what_was_foretold() =>
        Assert.Empty(Judge(Outcome("", "", 10, 16, 13), Outcome("0000:01:00.0", "e1000e", 0, 3, 3)));

    [Fact]
    public void Fewer_where_a_probe_failed_is_another_rules_matter()
    {
        var facts = Facts(Outcome("0000:01:00.0", "virtio_blk", 2, 2, 0));
        Assert.Single(new ForecastMissed().Judge(facts));
        facts.Add(new ProbeFailed(new Source("dmesg", "virtio_blk: probe of virtio1 failed with error -28", 1), "virtio_blk", "virtio1",
            28));
        Assert.Empty(new ForecastMissed().Judge(facts));
    }

    [Fact]
    public void Fewer_where_refusals_were_foretold_is_no_miss()
    {
        VectorOutcome whole = Outcome("", "", 222, 230, 201) with { Short = 201 };
        Assert.Empty(Judge(whole, Outcome("0000:01:00.0", "virtio_blk", 2, 2, 0)));
        Assert.Single(Judge(whole, Outcome("0000:01:00.0", "virtio_blk", 2, 2, 4)));
        Assert.Empty(Judge(Outcome("0000:01:00.0", "virtio_blk", 2, 2, 0) with { Refused = true }));
    }

    [Fact]
    public void Lines_of_a_report_are_read_back()
    {
        var facts = new Facts();
        facts.Add(Outcome("0000:01:00.0", "nvme", 2, 2, 6));
        string line = Assert.Single(ProbeReport.Lines(facts, 8));
        Assert.StartsWith(Whole, line, StringComparison.Ordinal);
        Assert.Equal("vector-forecast-missed", Assert.Single(Explained.Findings("vector-forecast-missed", $"[   12.000000] {line}\n")).Id);
    }

    private static VectorOutcome Outcome(string device, string driver, int likely, int most, int real) =>
        new(new Source("/etc/kdump-probe/vectors", "x", 1), 1, device, driver, likely, most, real);

    private static Facts Facts(params VectorOutcome[] outcomes)
    {
        var facts = new Facts();
        facts.AddRange(outcomes);
        return facts;
    }

    private static Finding[] Judge(params VectorOutcome[] outcomes) => [.. new ForecastMissed().Judge(Facts(outcomes)).OfType<Finding>()];
}
