using Kdump.Diagnosis.Crashes;

namespace Kdump.Tests.Fleet.Quality;

/// <summary>What others do with the same crashes.</summary>
internal static class Baselines
{
    public static PairScore Titles(IReadOnlyList<string> truth, IReadOnlyList<CrashShape> shapes) =>
        PairScore.Of(truth, [.. shapes.Select(s => s.Title)]);

    /// <summary>A crash without a stack is like its own title only.</summary>
    public static PairScore TopThree(IReadOnlyList<string> truth, IReadOnlyList<CrashShape> shapes) =>
        PairScore.Of(truth, [.. shapes.Select(s => s.Stack.Count == 0 ? "title " + s.Title : string.Join('|', s.Stack.Take(3)))]);

    /// <summary>The parameters and the threshold with which TraceSim is best on these crashes.</summary>
    public static (PairScore Score, TraceSimChoice With) BestTraceSim(IReadOnlyList<string> truth, IReadOnlyList<CrashShape> shapes)
    {
        (PairScore Score, TraceSimChoice With) best = (new(0, 0, PairScore.Of(truth, truth).Belong), new(0, 0, 0, 100, false));
        foreach ((double alpha, double beta, double gamma) in from a in new[] { 0.0, 0.5, 1.0 } from b in new[] { 1.0, 4.0 }
            from c in new[] { 0.0, 2.0, 4.0 } select (a, b, c))
        {
            foreach ((TraceSimChoice with, PairScore score) in TraceSimScores(alpha, beta, gamma, truth, shapes))
            {
                if (score.F1 > best.Score.F1)
                    best = (score, with);
            }
        }
        return best;
    }

    public static PairScore TraceSimAs(TraceSimChoice with, IReadOnlyList<string> truth, IReadOnlyList<CrashShape> shapes) =>
        TraceSimScores(with.Alpha, with.Beta, with.Gamma, truth, shapes).First(s => s.With == with).Score;

    /// <summary>With each threshold, of pairs and of what they join.</summary>
    private static IEnumerable<(TraceSimChoice With, PairScore Score)> TraceSimScores(double alpha, double beta, double gamma,
        IReadOnlyList<string> truth, IReadOnlyList<CrashShape> shapes)
    {
        IReadOnlyList<string>[] stacks = [.. shapes.Select(s => s.Stack)];
        long belong = PairScore.Of(truth, truth).Belong;
        var sim = new TraceSim(stacks, alpha, beta, gamma);
        double[][] weights = [.. stacks.Select(sim.Weights)];
        // Shares of a hundredth are enough to choose a threshold.
        var right = new long[101];
        var all = new long[101];
        var edges = new List<(int A, int B, int Share)>();
        for (int i = 0; i < stacks.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                int share = Math.Clamp((int)(TraceSim.Of(stacks[i], weights[i], stacks[j], weights[j]) * 100), 0, 100);
                all[share]++;
                right[share] += truth[i] == truth[j] ? 1 : 0;
                if (share >= 30)
                    edges.Add((i, j, share));
            }
        }
        long r = 0, t = 0;
        int[] parent = [.. Enumerable.Range(0, stacks.Length)];
        ILookup<int, (int A, int B, int Share)> by = edges.ToLookup(e => e.Share);
        for (int share = 100; share >= 30; share--)
        {
            (r, t) = (r + right[share], t + all[share]);
            yield return (new(alpha, beta, gamma, share, Joined: false), new(r, t, belong));
            foreach ((int a, int b, _) in by[share])
                parent[Root(parent, a)] = Root(parent, b);
            if (share % 5 == 0)
                yield return (new(alpha, beta, gamma, share, Joined: true),
                    PairScore.Of(truth, [.. parent.Select((_, i) => $"{Root(parent, i)}")]));
        }
    }

    private static int Root(int[] parent, int at)
    {
        while (parent[at] != at)
            at = parent[at] = parent[parent[at]];
        return at;
    }
}

/// <param name="Share">Similarity from which a pair is one bug, in hundredths.</param>
/// <param name="Joined">Whether what such pairs join is one bug too.</param>
internal sealed record TraceSimChoice(double Alpha, double Beta, double Gamma, int Share, bool Joined)
{
    public override string ToString() =>
        FormattableString.Invariant($"α {Alpha}, β {Beta}, γ {Gamma}, {(Joined ? "joined" : "pairs")} from 0.{Share:00} on");
}
