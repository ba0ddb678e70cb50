using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Verdicts;

/// <summary>Edges obey time and place: what the graph refuses, and what it must let pass.</summary>
public sealed class VerdictEdgeTests
{
    [Theory]
    [InlineData(100.0, 5000.0, false)]
    [InlineData(5000.0, 100.0, true)]
    [InlineData(100.0, 104.0, true)]
    [InlineData(null, 5000.0, true)]
    [InlineData(100.0, null, true)]
    public void An_effect_is_not_there_long_before_its_cause(double? effect, double? cause, bool linked)
    {
        var life = new Boot("log", 0);
        Assert.Equal(linked, Links(("mce-fatal", life, cause), ("memory-page-poisoned", life, effect)));
    }

    [Fact]
    public void A_hung_task_began_minutes_before_it_is_reported()
    {
        var life = new Boot("log", 0);
        Assert.True(Links(("hung-task", life, 250), ("kernel-warning", life, 100)));
    }

    [Fact]
    public void What_ends_with_a_kernel_explains_nothing_in_another_life()
    {
        var first = new Boot("log", 0);
        var next = new Boot("log", 1) { Previous = first };
        Assert.False(Links(("kernel-oops", first, 10), ("kernel-panic", next, 20), endsWithKernel: true));
        Assert.True(Links(("iommu-fault", first, 10), ("kernel-panic", next, 20), endsWithKernel: false));
    }

    [Fact]
    public void One_life_in_two_inputs_may_be_one_life()
    {
        Assert.True(Links(("kernel-oops", new Boot("a.log", 0), 10), ("kernel-panic", new Boot("b.log", 0), 20), endsWithKernel: true));
    }

    [Fact]
    public void Nothing_explains_what_happened_on_another_machine()
    {
        Boot a = new("a.log", 0) { Hardware = "Dell Inc. PowerEdge R740" }, b = new("b.log", 0) { Hardware = "HPE ProLiant DL380" };
        Assert.False(Links(("mce-fatal", a, 10), ("kernel-panic", b, 20)));
    }

    [Fact]
    public void A_page_that_went_bad_an_hour_before_a_machine_check_is_not_its_effect()
    {
        Verdict verdict = Explained.Verdict(
            "[  100.000000] Memory failure: 0x8c53ae: recovery action for dirty LRU page: Recovered\n" +
            "[ 5000.000000] mce: [Hardware Error]: CPU 35: Machine Check Exception: f Bank 1: bd80000000100134\n" +
            "[ 5000.000002] mce: [Hardware Error]: TSC 2e04ae4d30aca ADDR 8c53a7000 MISC 86\n" +
            "[ 5000.000003] mce: [Hardware Error]: PROCESSOR 0:50657 TIME 1680740101 SOCKET 1 APIC 31 microcode 5002f00\n");
        Assert.Contains(verdict.Findings, f => f.Id == "mce-fatal");
        Assert.DoesNotContain(verdict.Findings, f => f.CausedBy.Contains("mce-fatal"));
    }

    [Theory]
    [InlineData("Fatal machine check", false)]
    [InlineData("Timeout: Not all CPUs entered broadcast exception handler", false)]
    [InlineData("NMI: Not continuing", false)]
    [InlineData("Out of memory: compulsory panic_on_oom is enabled", false)]
    [InlineData("softlockup: hung tasks", false)]
    [InlineData("VFS: Unable to mount root fs on unknown-block(0,0)", false)]
    [InlineData("Fatal exception", false)]
    [InlineData("hung_task: blocked tasks", true)]
    public void A_panic_that_names_its_reason_takes_a_hung_task_only_where_it_names_one(string reason, bool hung)
    {
        const string Hung = "[  100.000000] INFO: task kworker/0:1:77 blocked for more than 120 seconds.\n" +
            "[  100.000001]       Not tainted 6.1.0-18-amd64 #1 Debian 6.1.76-1\n" +
            "[  100.000002] task:kworker/0:1 state:D stack:0 pid:77 ppid:2 flags:0x00004000\n[  100.000003] Call Trace:\n" +
            "[  100.000005]  __schedule+0x34d/0x9e0\n[  100.000006]  schedule+0x5a/0xd0\n[  100.000009]  ext4_readpage+0x13a/0x350\n";
        Verdict verdict = Explained.Verdict(Hung + $"[ 9001.000005] Kernel panic - not syncing: {reason}\n");
        Finding panic = verdict.Findings.Single(f => f.Id is "kernel-panic" or "out-of-memory");
        Assert.Equal(hung, panic.CausedBy.Any(c => c.Id == "hung-task"));
    }

    [Fact]
    public void Hundreds_of_findings_that_explain_each_other_still_have_roots()
    {
        Finding[] ring = [.. Enumerable.Range(0, 250).Select(i =>
            new Finding("a", "x", Severity.Error, 0.9, "") { Subject = $"{i}", CausedBy = ["a"], Evidence = [] })];
        Verdict verdict = Verdict.From(new Facts(), [new Says(ring)]);
        Assert.NotEmpty(verdict.RootCauses);
        Assert.Equal(250, verdict.Findings.Count);
    }

    private static bool Links((string Id, Boot Boot, double? Time) cause, (string Id, Boot Boot, double? Time) effect,
        bool endsWithKernel = false)
    {
        var facts = new Facts();
        Finding Of((string Id, Boot Boot, double? Time) end, long line, string[] causes)
        {
            var source = new Source(end.Boot.Input, end.Id, line) { Time = end.Time };
            facts.Boot = end.Boot;
            facts.Add(new Said(source));
            return new Finding(end.Id, end.Id, Severity.Error, 0.9, "") { CausedBy = [.. causes], Evidence = [source],
                EndsWithKernel = endsWithKernel };
        }
        Finding[] both = [Of(cause, 1, []), Of(effect, 2, [cause.Id])];
        return Verdict.From(facts, [new Says(both)]).Findings.Single(f => f.Id == effect.Id).CausedBy.Count == 1;
    }

    private sealed record Said(Source Source) : Fact(Source);

    private sealed class Says(Finding[] findings) : Rule
    {
        public override string Id => "says";

        public override IEnumerable<Opinion> Judge(Facts facts) => findings;
    }
}
