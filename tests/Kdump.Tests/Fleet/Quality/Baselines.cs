using Kdump.Diagnosis.Crashes;

namespace Kdump.Tests.Fleet.Quality;

/// <summary>What others do with the same crashes. TraceSim is given the parameters and the threshold that are best on the very
/// data.</summary>
internal static class Baselines
{
    public static PairScore Titles(IReadOnlyList<string> truth, IReadOnlyList<CrashShape> shapes) =>
        PairScore.Of(truth, [.. shapes.Select(s => s.Title)]);

    /// <summary>A crash without a stack is like its own title only.</summary>
    public static PairScore TopThree(IReadOnlyList<string> truth, IReadOnlyList<CrashShape> shapes) =>
        PairScore.Of(truth, [.. shapes.Select(s => s.Stack.Count == 0 ? "title " + s.Title : string.Join('|', s.Stack.Take(3)))]);

    public static (PairScore Score, string With) BestTraceSim(IReadOnlyList<string> truth, IReadOnlyList<CrashShape> shapes)
    {
        IReadOnlyList<string>[] stacks = [.. shapes.Select(s => s.Stack)];
        long belong = PairScore.Of(truth, truth).Belong;
        (PairScore Score, string With) best = (new(0, 0, belong), "");
        foreach ((double alpha, double beta, double gamma) in from a in new[] { 0.0, 0.5, 1.0 } from b in new[] { 1.0, 4.0 }
            from c in new[] { 0.0, 2.0, 4.0 } select (a, b, c))
        {
            var sim = new TraceSim(stacks, alpha, beta, gamma);
            double[][] weights = [.. stacks.Select(sim.Weights)];
            // Equal stacks need one comparison; shares of a hundredth are enough to choose a threshold.
            var right = new long[102];
            var all = new long[102];
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
                Take(new(r, t, belong), $"pairs from 0.{share:00} on");
                foreach ((int a, int b, _) in by[share])
                    parent[Root(parent, a)] = Root(parent, b);
                if (share % 5 == 0)
                    Take(PairScore.Of(truth, [.. parent.Select((_, i) => $"{Root(parent, i)}")]), $"joined from 0.{share:00} on");
            }

            void Take(PairScore score, string how)
            {
                if (score.F1 > best.Score.F1)
                    best = (score, FormattableString.Invariant($"α {alpha}, β {beta}, γ {gamma}, {how}"));
            }
        }
        return best;
    }

    private static int Root(int[] parent, int at)
    {
        while (parent[at] != at)
            at = parent[at] = parent[parent[at]];
        return at;
    }
}
