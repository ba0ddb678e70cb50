namespace Kdump.Fleet.Statistics;

/// <summary>A share (hits of total) with the bounds of the true share.</summary>
/// <param name="Low">Lower bound of the 95 % interval of Wilson's score, 0..1.</param>
/// <param name="High">Its upper bound.</param>
public readonly record struct Proportion(long Hits, long Of, double Low, double High)
{
    /// <summary>The 97.5 % quantile of the normal distribution.</summary>
    private const double Z = 1.959963984540054;

    /// <summary>0..1; 0 if the total is 0.</summary>
    public double Share => Of == 0 ? 0 : (double)Hits / Of;

    /// <summary>Wilson, J. Am. Stat. Assoc. 22 (1927): holds for few cases and for shares near 0 and 1, too.</summary>
    public static Proportion From(long hits, long of)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(hits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(hits, of);
        if (of == 0)
            return new(0, 0, 0, 1);
        double p = (double)hits / of, z2 = Z * Z, scale = 1 + (z2 / of);
        double centre = (p + (z2 / (2 * of))) / scale;
        double half = Z / scale * Math.Sqrt((p * (1 - p) / of) + (z2 / (4.0 * of * of)));
        return new(hits, of, hits == 0 ? 0 : Math.Max(0, centre - half), hits == of ? 1 : Math.Min(1, centre + half));
    }

    /// <summary>
    /// Between which bounds the difference of two shares lies (later minus earlier), 95 %: Newcombe's method 10, Statistics in Medicine 17
    /// (1998).
    /// </summary>
    public static (double Low, double High) Difference(Proportion earlier, Proportion later)
    {
        double d = later.Share - earlier.Share;
        double below = Math.Sqrt(Math.Pow(later.Share - later.Low, 2) + Math.Pow(earlier.High - earlier.Share, 2));
        double above = Math.Sqrt(Math.Pow(later.High - later.Share, 2) + Math.Pow(earlier.Share - earlier.Low, 2));
        return (Math.Max(-1, d - below), Math.Min(1, d + above));
    }
}
