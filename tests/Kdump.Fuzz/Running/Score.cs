using System.Globalization;

namespace Kdump.Fuzz.Running;

/// <summary>The figures of one target; several children may have worked at it.</summary>
/// <param name="LastEdge">Seconds after the begin of the target's time.</param>
internal sealed record Score(string Target, long Runs, double Seconds, int Edges, int Kept, double LastEdge, double LastFinding,
    int Findings)
{
    public const string Head = "target              runs  runs/s   edges    kept  last edge  last finding  findings";

    public static Score None(string target) => new(target, 0, 0, 0, 0, 0, 0, 0);

    /// <summary>Counts the work of a child that went on after this one.</summary>
    public Score Then(Score next) => new(Target, Runs + next.Runs, Seconds + next.Seconds, Math.Max(Edges, next.Edges),
        Math.Max(Kept, next.Kept),
        next.LastEdge > 0 ? Seconds + next.LastEdge : LastEdge, next.Findings > 0 ? Seconds + next.LastFinding : LastFinding,
        Findings + next.Findings);

    public string Line() => string.Create(CultureInfo.InvariantCulture,
        $"{Target},{Runs},{Seconds:f1},{Edges},{Kept},{LastEdge:f1},{LastFinding:f1},{Findings}");

    public static Score? Parse(string line) => line.Split(',') is not [var target, var runs, var seconds, var edges, var kept, var edge,
        var finding, var findings] ? null : new(target, long.Parse(runs, CultureInfo.InvariantCulture), Number(seconds), (int)Number(edges),
            (int)Number(kept), Number(edge), Number(finding), (int)Number(findings));

    public string Row() => string.Create(CultureInfo.InvariantCulture,
        $"{Target,-14}{Runs,10}{Runs / Math.Max(Seconds, 0.1),8:f0}{Edges,8}{Kept,8}{Share(LastEdge),11}" +
        $"{(Findings == 0 ? "-" : Share(LastFinding)),14}{Findings,10}");

    private string Share(double at) => string.Create(CultureInfo.InvariantCulture, $"{100 * at / Math.Max(Seconds, 0.1):f0} %");

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
