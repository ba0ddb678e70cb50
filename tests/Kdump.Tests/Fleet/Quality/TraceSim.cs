namespace Kdump.Tests.Fleet.Quality;

/// <summary>
/// TraceSim as published (Vasiliev, Koznov, Chernishev, Khvorov, Luciv, Povarov: "TraceSim: A Method for Calculating Stack Trace
/// Similarity", 2020): an edit distance whose costs are a frame's weight, a substitution costing both; a frame weighs 1/i^α by its place i
/// and 1/(1+e^(-β(IDF-γ))) by how rare it is; similarity is 1 - distance / sum of all weights.
/// </summary>
internal sealed class TraceSim(IReadOnlyList<IReadOnlyList<string>> corpus, double alpha, double beta, double gamma)
{
    private readonly Dictionary<string, double> rare = corpus.SelectMany(s => s.Distinct()).GroupBy(f => f)
        .ToDictionary(g => g.Key, g => 1 / (1 + Math.Exp(-beta * (Math.Log((double)corpus.Count / g.Count()) - gamma))));

    public double[] Weights(IReadOnlyList<string> stack) => [.. stack.Select((f, i) => rare[f] / Math.Pow(i + 1, alpha))];

    public static double Of(IReadOnlyList<string> a, double[] wa, IReadOnlyList<string> b, double[] wb)
    {
        double whole = wa.Sum() + wb.Sum();
        if (whole == 0)
            return 0;
        var last = new double[b.Count + 1];
        var next = new double[b.Count + 1];
        for (int j = 0; j < b.Count; j++)
            last[j + 1] = last[j] + wb[j];
        for (int i = 0; i < a.Count; i++)
        {
            next[0] = last[0] + wa[i];
            for (int j = 0; j < b.Count; j++)
                next[j + 1] = Math.Min(a[i] == b[j] ? last[j] : last[j] + wa[i] + wb[j], Math.Min(last[j + 1] + wa[i], next[j] + wb[j]));
            (last, next) = (next, last);
        }
        return 1 - (last[b.Count] / whole);
    }
}
