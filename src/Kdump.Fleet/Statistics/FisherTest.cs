namespace Kdump.Fleet.Statistics;

/// <summary>
/// Fisher's exact test of a table of two by two: are those who have a trait more often hit than those who have it not? Exact for small
/// numbers, which crashes are; the sums run over logarithms of factorials, so that a fleet of a million machines does not overflow.
/// </summary>
public static class FisherTest
{
    /// <summary>Tables that are less likely than the observed one by no more than rounding.</summary>
    private const double Slack = 1e-7;

    /// <summary>The chance of so many hits among those with the trait, or more, if the trait had nothing to do with it.</summary>
    /// <param name="hit">With the trait, hit.</param>
    /// <param name="spared">With the trait, not hit.</param>
    /// <param name="otherHit">Without it, hit.</param>
    /// <param name="otherSpared">Without it, not hit.</param>
    public static double Greater(long hit, long spared, long otherHit, long otherSpared)
    {
        (long with, long hits, long all) = Margins(hit, spared, otherHit, otherSpared);
        double sum = 0;
        for (long k = hit; k <= Math.Min(with, hits); k++)
            sum += Math.Exp(LogChance(k, with, hits, all));
        return Math.Min(1, sum);
    }

    /// <summary>The chance of a table as unlikely as this one, in either direction.</summary>
    public static double TwoSided(long hit, long spared, long otherHit, long otherSpared)
    {
        (long with, long hits, long all) = Margins(hit, spared, otherHit, otherSpared);
        double seen = LogChance(hit, with, hits, all), sum = 0;
        for (long k = Math.Max(0, with + hits - all); k <= Math.Min(with, hits); k++)
        {
            double chance = LogChance(k, with, hits, all);
            if (chance <= seen + Slack)
                sum += Math.Exp(chance);
        }
        return Math.Min(1, sum);
    }

    /// <summary>
    /// How many times the odds of being hit are with the trait, each count raised by a half so that none is zero (Haldane, Anscombe).
    /// </summary>
    public static double OddsRatio(long hit, long spared, long otherHit, long otherSpared) =>
        (hit + 0.5) * (otherSpared + 0.5) / ((spared + 0.5) * (otherHit + 0.5));

    /// <summary>
    /// What each chance is worth when all were tried: the share of false ones among all that are at least as good (Benjamini and Hochberg,
    /// J. R. Stat. Soc. B 57, 1995). In the order given.
    /// </summary>
    public static double[] Corrected(IReadOnlyList<double> chances)
    {
        int[] order = [.. Enumerable.Range(0, chances.Count).OrderBy(i => chances[i])];
        var result = new double[chances.Count];
        double least = 1;
        for (int rank = order.Length; rank >= 1; rank--)
        {
            least = Math.Min(least, chances[order[rank - 1]] * order.Length / rank);
            result[order[rank - 1]] = least;
        }
        return result;
    }

    private static (long With, long Hits, long All) Margins(long hit, long spared, long otherHit, long otherSpared)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(hit);
        ArgumentOutOfRangeException.ThrowIfNegative(spared);
        ArgumentOutOfRangeException.ThrowIfNegative(otherHit);
        ArgumentOutOfRangeException.ThrowIfNegative(otherSpared);
        return (hit + spared, hit + otherHit, hit + spared + otherHit + otherSpared);
    }

    private static double LogChance(long k, long with, long hits, long all) =>
        LogChoose(with, k) + LogChoose(all - with, hits - k) - LogChoose(all, hits);

    private static double LogChoose(long n, long k) =>
        k < 0 || k > n ? double.NegativeInfinity : LogFactorial(n) - LogFactorial(k) - LogFactorial(n - k);

    /// <summary>Stirling's series from 16 on: its error is below 1e-14 there.</summary>
    private static double LogFactorial(long n)
    {
        if (n < 2)
            return 0;
        if (n < 16)
        {
            double product = 1;
            for (long i = 2; i <= n; i++)
                product *= i;
            return Math.Log(product);
        }
        double x = n + 1, inverse = 1 / x, square = inverse * inverse;
        return ((x - 0.5) * Math.Log(x)) - x + (0.5 * Math.Log(2 * Math.PI)) +
            (inverse * ((1.0 / 12) - (square * ((1.0 / 360) - (square * ((1.0 / 1260) - (square / 1680)))))));
    }
}
