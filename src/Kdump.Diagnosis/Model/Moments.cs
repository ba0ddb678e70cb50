namespace Kdump.Diagnosis.Model;

/// <summary>
/// When and where each finding's evidence was logged: the boot, the seconds on its clock, the machine. Unknown values exclude
/// nothing.
/// </summary>
internal sealed class Moments
{
    /// <summary>
    /// Events that the kernel reports late: the number of seconds between event and report. All others are reported within some seconds.
    /// </summary>
    private static readonly (string Id, double Seconds)[] Late =
        [("hung-task", 300), ("rcu-stall", 120), ("soft-lockup", 90), ("hard-lockup", 60), ("lock-not-released", 300)];

    private const double Soon = 10;

    private readonly IReadOnlyList<Finding> findings;
    private readonly List<Span>?[] spans;
    private readonly BootsByLine boots;
    private readonly Runs runs;

    /// <summary>The part of a finding's evidence from one boot; times are null if no line has one.</summary>
    private sealed record Span(Boot Boot, double? First, double? Last);

    public Moments(IReadOnlyList<Finding> findings, Facts facts)
    {
        this.findings = findings;
        spans = new List<Span>?[findings.Count];
        boots = new BootsByLine(facts);
        runs = new Runs(facts);
    }

    /// <summary>
    /// True if one finding can explain the other: they are from the same machine and run of it, and the effect was not
    /// there before its cause.
    /// </summary>
    public bool Allow(int cause, int effect)
    {
        List<Span> from = Of(cause), to = Of(effect);
        if (from.Count == 0 || to.Count == 0)
            return true;
        if (from.TrueForAll(a => to.TrueForAll(b => AreTwoMachines(a.Boot, b.Boot) || runs.Apart(a.Boot.Input, b.Boot.Input))))
            return false;
        bool shared = false;
        foreach (Span a in from)
        {
            if (to.Find(b => b.Boot == a.Boot) is not { } b)
                continue;
            shared = true;
            if (a.First is not double began || b.Last is not double seen || began - SlackOf(findings[cause]) <= seen)
                return true;
        }
        if (shared)
            return false;
        // The same boot may be in two inputs, once with and once without its first lines.
        return !findings[cause].EndsWithKernel || from.Exists(a => to.Exists(b => a.Boot.Input != b.Boot.Input));
    }

    private static bool AreTwoMachines(Boot a, Boot b) => a.Hardware is not null && b.Hardware is not null && a.Hardware != b.Hardware;

    private static double SlackOf(Finding cause)
    {
        foreach ((string id, double seconds) in Late)
        {
            if (cause.Id == id)
                return seconds;
        }
        return Soon;
    }

    private List<Span> Of(int finding)
    {
        if (spans[finding] is { } known)
            return known;
        var list = new List<Span>();
        foreach (Source source in findings[finding].Evidence)
        {
            if (source.Line == 0 || boots.At(source) is not { } boot)
                continue;
            int at = list.FindIndex(s => s.Boot == boot);
            if (at < 0)
                list.Add(new(boot, source.Time, source.Time));
            else
            {
                Span s = list[at];
                list[at] = new(boot, Earlier(s.First, source.Time), Later(s.Last, source.Time));
            }
        }
        return spans[finding] = list;
    }

    private static double? Earlier(double? a, double? b)
    {
        if (a is null)
            return b;
        return b is null ? a : Math.Min(a.Value, b.Value);
    }

    private static double? Later(double? a, double? b)
    {
        if (a is null)
            return b;
        return b is null ? a : Math.Max(a.Value, b.Value);
    }
}
