using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Hosts;

/// <summary>No dump was ever written here, or none with the current setup.</summary>
public sealed class HostNeverTested : Rule
{
    public override string Id => "dump-never-tested";

    public override Entry Entry => new("dump-never-tested", "no dump was ever written here with the current setup")
    {
        Area = Area.Preparing,
        Signature = ["no finished dump in /var/crash, or one that is older than kernel, image or configuration"],
        Cause = "Only a test crash proves that dumping works; kernel, image, firmware or configuration changed since the last dump.",
        Fixes = [new("Crash the machine on purpose in a maintenance window", "echo c > /proc/sysrq-trigger",
            "the machine goes down at once")],
        Origin = "kdump-utils kdumpctl test; names of dumps as the distributions' tools give them",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        if (facts.Of<HistorySeen>() is not [var seen, ..])
            yield break;
        PastDump? last = facts.Of<PastDump>().Where(d => d.Complete).MaxBy(d => d.Time);
        DumpTest? test = facts.Of<DumpTest>().FirstOrDefault(t => t.Status == "success");
        string[] changed = [.. facts.Of<ChangedSinceDump>().Select(c => c.What).Distinct()];
        if (last is null && test is not null || last is not null && changed.Length == 0)
            yield break;
        yield return new Finding(Id, last is null ? $"no {(facts.Any<PastDump>() ? "whole " : "")}dump was ever written here"
            : $"the last dump was written on {UtcTime.Day(last.Time)}; changed since: {string.Join(", ", changed)}", Severity.Info,
            last is null ? 0.6 : 0.8,
            last is null ? "There is none where this machine's tools write them; dumps that were sent elsewhere " +
                "or removed are not visible here." : "That dump shows that the target worked then, not that it works now.")
        {
            Evidence = last is null ? [seen.Source] : [last.Source, .. facts.Of<ChangedSinceDump>().Take(4).Select(c => c.Source)],
            Fixes = [new Fix("Crash the machine on purpose in a maintenance window", "sync; echo c > /proc/sysrq-trigger",
                "the machine goes down at once, as in a real crash")],
        };
    }
}
