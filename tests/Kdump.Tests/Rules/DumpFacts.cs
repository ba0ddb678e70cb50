using Kdump.Diagnosis.Evidence.Dumps;
using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>What a dump's memory says, as Cli/Collect/DumpEvidence gives it.</summary>
internal static class DumpFacts
{
    public const string Path = "/var/crash/vmcore";

    public static Facts Of(params Fact[] facts)
    {
        var all = new Facts { Boot = new Boot(Path, 0) };
        all.AddRange(facts);
        return all;
    }

    public static BlockedTask Waiter(int pid, string name, double seconds, string? @lock, DumpTask? holder, bool readers = false,
        string function = "kitchen_enter") =>
        new(new Source(Path, $"{name} ({pid}): UN for {seconds} s"), pid, name, seconds, Limit: 120, function, @lock, holder, holder is null
            ? null : "msleep (IN)", readers);

    public static List<Finding> Findings(Rule rule, Facts facts) => Verdict.From(facts, [rule]).Findings.ToList();
}
