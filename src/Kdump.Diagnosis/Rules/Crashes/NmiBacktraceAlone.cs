using Kdump.Diagnosis.Crashes;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>
/// The kernel printed where its CPUs were, and the text has no line that says why it asked: a stall, a lockup, a hung task, or SysRq l.
/// </summary>
public sealed class NmiBacktraceAlone : Rule
{
    private const int MaxTold = 3;

    public override string Id => "nmi-backtrace-alone";

    public override Entry Entry => new(Id, "the kernel printed where its CPUs were, and not why it asked")
    {
        Area = Area.Crashing,
        Signature = ["NMI backtrace for cpu 4"],
        Cause = "A CPU asks all others where they are when something does not go on: " +
            "a lockup, an RCU stall, a hung task; or a person asked (SysRq l). The backtrace is only the answer. " +
            "A CPU that is shown is not at fault for that; one that is in the same function each time is worth a look.",
        Origin = "lib/nmi_backtrace.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        NmiBacktrace[] shown = [.. facts.Of<NmiBacktrace>().Where(n => !facts.Of<Crash>().Any(c => c.Boot == n.Boot))];
        if (shown.Length == 0)
            yield break;
        // In the kernel before in a program, then those with a module: drivers are what a reader looks for.
        NmiBacktrace[] told = [.. shown.OrderBy(n => n.Function is null).ThenBy(n => n.Module is null).Take(MaxTold)];
        string more = shown.Length > told.Length ? $" ({Counted.Of(shown.Length, "CPU")} in all)" : "";
        yield return new Unknown($"why the kernel asked its CPUs where they were: {string.Join("; ", told.Select(Where))}{more}",
            "the lines before the first \"NMI backtrace\", which tell who asked (a lockup, an RCU stall, a hung task, SysRq l)")
        {
            Evidence = [.. told.Select(n => n.Place ?? n.Source)],
        };
    }

    private static string Where(NmiBacktrace n)
    {
        string task = n.Task.Length > 0 ? $" ({n.Task})" : "";
        return n.Function is null ? $"CPU {n.Cpu}{task} ran a program or its place is not in the text"
            : $"CPU {n.Cpu}{task} was in {n.Function}(){(n.Module is null ? "" : $" of the module {n.Module}")}";
    }
}
