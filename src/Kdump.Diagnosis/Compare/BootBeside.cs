namespace Kdump.Diagnosis.Compare;

/// <summary>Two logs of one machine, each of one boot, were given together: all that each says, to be laid beside the other.</summary>
/// <param name="Source">The first line of the one.</param>
public sealed record BootsGiven(Source Source, BootLog One, BootLog Other) : Fact(Source)
{
    /// <summary>Lines that a log needs to be one of a start.</summary>
    private const int Least = 40;

    /// <summary>Of the shorter log's lines the share that the other has as well: two starts of one machine say mostly the same.</summary>
    private const double Alike = 0.4;

    /// <summary>The two as one fact; null where they are no starts, or not of one machine or of two that are alike.</summary>
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
