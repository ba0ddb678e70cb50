using System.Globalization;

namespace Kdump.Tests.Fleet.Quality;

/// <summary>Pairs that were put together, against those that belong together.</summary>
internal sealed record PairScore(long Right, long Together, long Belong)
{
    public double Precision => Together == 0 ? 1 : (double)Right / Together;

    public double Recall => Belong == 0 ? 1 : (double)Right / Belong;

    public double F1 => Precision + Recall == 0 ? 0 : 2 * Precision * Recall / (Precision + Recall);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Precision:f3} | {Recall:f3} | {F1:f3}");

    /// <param name="truth">The name of what each is.</param>
    /// <param name="found">The name of the cluster that each was put into.</param>
    public static PairScore Of(IReadOnlyList<string> truth, IReadOnlyList<string> found) => new(
        Pairs(truth.Zip(found, (t, f) => t + "\0" + f)), Pairs(found), Pairs(truth));

    private static long Pairs(IEnumerable<string> names) =>
        names.GroupBy(n => n, StringComparer.Ordinal).Sum(g => g.LongCount() * (g.LongCount() - 1) / 2);
}
