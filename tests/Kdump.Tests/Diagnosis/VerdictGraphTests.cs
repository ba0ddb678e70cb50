using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;
using Kdump.Diagnosis.Rules;
using Kdump.Sources.Cases;

namespace Kdump.Tests.Verdicts;

public sealed class VerdictGraphTests
{
    [Fact]
    public void The_order_of_the_inputs_changes_nothing()
    {
        string[] texts = [Explained.CaptureBoot + "[    5.000000] virtio_blk: probe of virtio0 failed with error -28\n",
            "[    5.000000] xhci_hcd: probe of 0000:00:14.0 failed with error -28\n",
            "[*] A start job is running for dev-sda1.device (50s / 1min 30s)\n"];
        string folder = Directory.CreateTempSubdirectory("kdt-order").FullName;
        try
        {
            for (int i = 0; i < texts.Length; i++)
                File.WriteAllText(Path.Combine(folder, $"{i}.log"), texts[i]);
            string[] files = Directory.GetFiles(folder);
            var said = new HashSet<string>();
            foreach (int seed in Enumerable.Range(0, 6))
            {
                new Random(seed).Shuffle(files);
                var text = new StringWriter();
                new VerdictText(text).Write(Verdict.From(Case.Read(files, () => Stream.Null).Facts, RuleBook.All));
                said.Add(text.ToString());
            }
            Assert.Single(said);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Roots_are_those_that_nothing_explains_and_the_headline_is_the_chain()
    {
        Verdict verdict = Of(Make("a"), Make("b", "a"), Make("c", "b"));
        Assert.Equal(["a"], verdict.RootCauses.Select(f => f.Id));
        Assert.Equal("a happened -> b happened -> c happened", verdict.Headline);
    }

    [Fact]
    public void A_cycle_loses_one_edge_and_keeps_a_root()
    {
        Verdict verdict = Of(Make("a", "c"), Make("b", "a"), Make("c", "b"));
        Assert.Single(verdict.RootCauses);
        Assert.Equal(2, verdict.Findings.Sum(f => f.CausedBy.Count));
    }

    [Fact]
    public void A_cause_that_nobody_found_is_dropped()
    {
        Assert.Empty(Assert.Single(Of(Make("a", "nowhere")).Findings).CausedBy);
    }

    [Fact]
    public void Several_at_one_place_of_the_chain_are_counted_in_the_headline()
    {
        Verdict verdict = Of(Make("a"), Make("b", "a") with { Subject = "1" }, Make("b", "a") with { Subject = "2" }, Make("c", "b"));
        Assert.Equal("a happened -> b happened (and 1 more) -> c happened", verdict.Headline);
    }

    [Fact]
    public void A_flood_of_findings_is_bounded_and_quick_to_join()
    {
        Finding[] many = Enumerable.Range(0, 5000).Select(i => Make("b", "a", "c") with { Subject = $"{i}" }).ToArray();
        Verdict verdict = Verdict.From(new Facts(),
            [new Says([Make("a")]), new Says(many),
            new Says(Enumerable.Range(0, 5000).Select(i => Make("c", "b") with { Subject = $"{i}" }).ToArray())]);
        Assert.True(verdict.Findings.Count < 1000);
    }

    private static Verdict Of(params Finding[] findings) => Verdict.From(new Facts(), [new Says(findings)]);

    private static Finding Make(string id, params string[] causes) =>
        new(id, $"{id} happened", Severity.Error, 0.9, "because") { CausedBy = [.. causes] };

    private sealed class Says(Finding[] findings) : Rule
    {
        public override string Id => "says";

        public override IEnumerable<Opinion> Judge(Facts facts) => findings;
    }
}
