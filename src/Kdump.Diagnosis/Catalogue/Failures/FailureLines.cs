using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Catalogue.Failures;

/// <summary>The log of one kernel's life holds everything that proves a failure of the catalogue, or the sign that excuses it.</summary>
/// <param name="Lines">One line for each sign; only the excusing line where there is one.</param>
/// <param name="Taken">What the signs took out of their lines.</param>
public sealed record FailureSeen(Source Source, Failure Failure, IReadOnlyList<Source> Lines, IReadOnlyList<string> Taken, bool Excused)
    : Fact(Source);

/// <summary>A line showed that a failure seen before was overcome.</summary>
/// <param name="Subject">What the line is about; empty where the failure has no subject.</param>
public sealed record FailureHealed(Source Source, Failure Failure, string Subject) : Fact(Source);

/// <summary>
/// Looks for the signs of all failures of the catalogue in one pass. A sign counts only when those before it were seen in the same
/// kernel's life, so no lines have to be kept for the order.
/// </summary>
public sealed class FailureLines : BookParser
{
    /// <summary>
    /// Most proofs of one failure that are kept for one kernel's life: a device that fails again and again is one failure.
    /// </summary>
    private const int MaxOfOne = 16;

    private static readonly (int Place, string Text)[] Book =
        [.. FailureBook.All.SelectMany((f, i) => LiteralsOf(f).Select(l => (i, l)))];

    private readonly Progress[] all = FailureBook.All.Select(f => new Progress(f)).ToArray();
    private readonly List<string> taken = [];
    private Boot? boot;

    private sealed class Progress(Failure failure)
    {
        public Failure Failure { get; } = failure;

        public List<Source> Lines { get; } = [];

        public List<string> Taken { get; } = [];

        public HashSet<string> Seen { get; } = [];

        public bool Excused { get; set; }
    }

    public override string Kind => "kernel log";

    public override IReadOnlyList<(int Place, string Text)> Texts => Book;

    public override bool Line(in TextLine line, Facts facts)
    {
        if (line.Kernel.Message.StartsWith(ProbeMark.Prefix, StringComparison.Ordinal))
            return false;
        if (facts.Boot != boot)
            StartOver(facts.Boot);
        bool any = false;
        foreach (int i in Concerned)
            any |= Excuse(all[i], line, facts) || Heal(all[i], line, facts) || Next(all[i], line, facts);
        return any;
    }

    public override void End(Facts facts) => StartOver(null);

    private bool Excuse(Progress p, in TextLine line, Facts facts)
    {
        if (p.Excused || p.Failure.Unless is not { } unless || !unless.Fits(line, taken))
            return false;
        p.Excused = true;
        Source source = line.ToSource();
        facts.Add(new FailureSeen(source, p.Failure, [source], [], Excused: true));
        return true;
    }

    private bool Heal(Progress p, in TextLine line, Facts facts)
    {
        if (p.Failure.Healed is not { } healed || p.Seen.Count == 0 || !healed.Fits(line, taken))
            return false;
        facts.Add(new FailureHealed(line.ToSource(), p.Failure, p.Failure.Subject == 0 || taken.Count == 0 ? "" : taken[0]));
        return true;
    }

    private bool Next(Progress p, in TextLine line, Facts facts)
    {
        if (p.Excused || p.Seen.Count >= MaxOfOne || !p.Failure.Signs[p.Lines.Count].Fits(line, taken))
            return false;
        p.Lines.Add(line.ToSource());
        p.Taken.AddRange(taken);
        // The next sign may stand in the same line, or in the next one where a mail or a screen has wrapped it.
        if (p.Lines.Count < p.Failure.Signs.Count)
            return p.Failure.Signs[p.Lines.Count] == p.Failure.Signs[p.Lines.Count - 1] || Next(p, line, facts) || true;
        if ((p.Failure.Holds is null || p.Failure.Holds(p.Taken)) &&
            p.Seen.Add(p.Failure.Subject == 0 ? "" : p.Taken[p.Failure.Subject - 1]))
            facts.Add(new FailureSeen(p.Lines[^1], p.Failure, p.Lines.ToArray(), p.Taken.ToArray(), Excused: false));
        // The last sign may come again, about another device.
        p.Lines.RemoveAt(p.Lines.Count - 1);
        p.Taken.RemoveRange(p.Taken.Count - taken.Count, taken.Count);
        return true;
    }

    private void StartOver(Boot? now)
    {
        boot = now;
        foreach (Progress p in all)
        {
            p.Lines.Clear();
            p.Taken.Clear();
            p.Seen.Clear();
            p.Excused = false;
        }
    }

    private static IEnumerable<string> LiteralsOf(Failure failure) =>
        failure.Signs.SelectMany(s => s.Literals).Concat(failure.Unless?.Literals ?? []).Concat(failure.Healed?.Literals ?? []);
}
