namespace Kdump.Diagnosis.Compare;

/// <summary>Two logs of one machine, each of one boot, were given together, so that they can be compared.</summary>
/// <param name="Source">The first line of the first log.</param>
public sealed record BootsGiven(Source Source, BootLog One, BootLog Other) : Fact(Source)
{
    /// <summary>A log with fewer lines than this is no log of a boot.</summary>
    private const int Least = 40;

    /// <summary>
    /// The share of the shorter log's lines that the other log must contain: two boots of one machine print mostly the same.
    /// </summary>
    private const double Alike = 0.4;

    /// <summary>The two logs as one fact; null if one is no boot, or if they are neither of one machine nor alike.</summary>
    public static BootsGiven? Of(BootLog one, BootLog other)
    {
        if (one.Lines.Count < Least || other.Lines.Count < Least || one.Boot.Capture == true || other.Boot.Capture == true ||
            (one.Boot.Hardware is { } a && other.Boot.Hardware is { } b && a != b))
            return null;
        HashSet<string> ones = [.. one.Lines.Select(l => l.Shape)], others = [.. other.Lines.Select(l => l.Shape)];
        int shared = ones.Count(others.Contains);
        return shared >= Alike * Math.Min(ones.Count, others.Count) ? new(one.Lines[0].Source, one, other) : null;
    }
}
