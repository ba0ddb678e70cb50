namespace Kdump.Diagnosis.Vectors;

/// <summary>How well a number is known.</summary>
public enum Certainty
{
    /// <summary>The driver's source says so, and nothing unknown decides.</summary>
    Sure,

    /// <summary>The formula is known; firmware or configuration that was not seen decides within the bounds.</summary>
    Range,

    /// <summary>The driver is not in the table: bounded by what it does now, or by its MSI-X table.</summary>
    Unknown,
}

/// <summary>
/// Vectors that one device takes on a given number of CPUs. A managed set takes one on every possible CPU, however many of its
/// queues there are, so it can cost more vectors than interrupts are shown.
/// </summary>
/// <param name="Shown">Interrupts that /proc/interrupts will show, likely.</param>
public readonly record struct VectorNeed(int Low, int Likely, int High, int Shown, Certainty Certainty)
{
    public static VectorNeed None => default;

    public static VectorNeed Exactly(int vectors) => new(vectors, vectors, vectors, vectors, Certainty.Sure);

    public static VectorNeed Between(int low, int likely, int high, Certainty certainty) =>
        new(Math.Min(low, likely), likely, Math.Max(high, likely), likely, low == high ? Certainty.Sure : certainty);
}
