namespace Kdump.Diagnosis.Evidence.Machines;

/// <summary>
/// What <c>kdt host vectors --embed</c> predicted for one device, or with an empty name for the whole crash kernel, on this many
/// CPUs.
/// </summary>
/// <param name="Shown">Interrupts of it that /proc/interrupts should show.</param>
public sealed record VectorPrediction(Source Source, int Cpus, string Device, string Driver, int Low, int Likely, int High, int Shown)
    : Fact(Source)
{
    /// <summary>Path of the file on the machine and in the image.</summary>
    public const string Path = "/etc/kdump-probe/vectors";

    /// <summary>For the whole crash kernel: vectors that this many CPUs offer.</summary>
    public int Available { get; init; }

    /// <summary>For a device: its driver was predicted to be refused.</summary>
    public bool Refused { get; init; }
}

/// <summary>A prediction beside what the crash kernel did.</summary>
/// <param name="Device">Empty for the whole crash kernel.</param>
/// <param name="Likely">Interrupts predicted.</param>
/// <param name="Most">Interrupts predicted at most.</param>
/// <param name="Real">Interrupts that it has.</param>
public sealed record VectorOutcome(Source Source, int Cpus, string Device, string Driver, int Likely, int Most, int Real) : Fact(Source)
{
    public bool AsForetold => Real == Likely;

    /// <summary>
    /// For the whole crash kernel: vectors that this many CPUs offer, where more were predicted to be needed; 0 otherwise.
    /// </summary>
    public int Short { get; init; }

    /// <summary>For a device: its driver was predicted to be refused.</summary>
    public bool Refused { get; init; }
}
