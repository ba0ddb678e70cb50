using Kdump.Diagnosis.Compare;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>
/// "It works with kernel A and not with B": of two boots of one machine, one is in trouble and the other is not. What is the first thing
/// that only the bad one says, and what else differs?
/// </summary>
public sealed class BootsDiffer : Rule
{
    private const int MaxTold = 6;

    /// <summary>Kinds of difference, the most telling first.</summary>
    private static readonly string[] Order = ["first-driver-line", "new-trouble", "environment", "device-missing", "device-new"];

    public override string Id => "boots-differ";

    public override Entry Entry => new(Id, "of two boots one is in trouble: what differs between them")
    {
        Area = Area.Crashing,
        Signature = ["(the logs of two boots of one machine, given together)"],
        Cause = "Two boots are aligned by what was said, not by time. The first line of a driver that only the bad one has, new trouble, " +
            "the kernel, its command line, firmware and devices that came up in one only are where to look first.",
        Fixes = [new("All differences, in order", "kdt log diff GOOD BAD")],
        Origin = "kdt log diff",
    };

    public override IEnumerable<Opinion> Judge(Facts facts) => [];

    public override IEnumerable<Opinion> JudgeRest(Facts facts, IReadOnlyList<Opinion> said)
    {
        if (facts.Of<BootsGiven>() is not [var given, ..])
            yield break;
        int one = Trouble(given.One, said), other = Trouble(given.Other, said);
        if (one == other || Math.Min(one, other) >= (int)Severity.Error || Math.Max(one, other) < (int)Severity.Error)
            yield break;
        (BootLog good, BootLog bad) = one < other ? (given.One, given.Other) : (given.Other, given.One);
        // One finding may stand for both logs: then its line is also in the log that seems healthy.
        if (said.OfType<Finding>().Any(f => f.Severity >= Severity.Error && f.Evidence.Count > 0 && f.Evidence[0].Input == bad.Boot.Input &&
            good.Lines.Any(l => l.Message.Length > 0 && f.Evidence[0].Text.EndsWith(l.Message, StringComparison.Ordinal))))
            yield break;
        LogDifference[] all = [.. LogDiff.Between(good, bad).OrderBy(d => Array.IndexOf(Order, d.Kind)).Take(MaxTold)];
        if (all.Length == 0)
            yield break;
        string was = good.Boot.Release ?? "the one", now = bad.Boot.Release ?? "the other";
        bool kernels = was != now;
        yield return new Finding(Id, (kernels ? $"kernel {was} starts well here, {now} does not" : "one boot of this machine is well, " +
                "the other is not") + $": {Short(all[0].What)}", Severity.Info, 0.8,
            "Lines that only one of the two boots has, those that tell most first: " + string.Join("; ", all.Select(d => Short(d.What))) +
            ".")
        {
            Evidence = [.. all.SelectMany(d => new[] { d.Bad, d.Good }).OfType<Source>().DistinctBy(s => (s.Input, s.Line)).Take(MaxTold)],
            Fixes =
            [
                new Fix("All differences, in order", "kdt log diff GOOD BAD"),
                kernels ? new Fix($"Start {was} until it is mended; report both logs to who makes the kernel, and try the newest one " +
                    "of each series") : new Fix("Undo what changed between the two (command line, firmware, a card), one at a time"),
            ],
        };
    }

    /// <summary>The worst severity of what is said about this log alone; -1: nothing.</summary>
    private static int Trouble(BootLog log, IReadOnlyList<Opinion> said) => said.Select(o => o switch
    {
        Finding f when f.Evidence.Count > 0 && f.Evidence[0].Input == log.Boot.Input => (int)f.Severity,
        Unknown u when u.Evidence.Count > 0 && u.Evidence[0].Input == log.Boot.Input => (int)Severity.Error,
        _ => -1,
    }).DefaultIfEmpty(-1).Max();

    private static string Short(string what) => what.Length <= 160 ? what : $"{what[..160]}…";
}
