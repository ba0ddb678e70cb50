namespace Kdump.Diagnosis.Evidence.Machines;

/// <summary>
/// What <c>kdt host vectors --embed</c> foretold of one device, or with an empty name of the whole crash kernel, on so many CPUs.
/// </summary>
/// <param name="Shown">Interrupts that /proc/interrupts should show of it.</param>
public sealed record VectorPrediction(Source Source, int Cpus, string Device, string Driver, int Low, int Likely, int High, int Shown)
    : Fact(Source)
{
    /// <summary>Where the file lies on the machine and in the image.</summary>
    public const string Path = "/etc/kdump-probe/vectors";

    /// <summary>Of the whole: vectors that so many CPUs offer.</summary>
    public int Available { get; init; }

    /// <summary>Of a device: its driver was foretold to be refused.</summary>
    public bool Refused { get; init; }
}

/// <summary>A prediction beside what the crash kernel did.</summary>
/// <param name="Device">Empty for the whole crash kernel.</param>
/// <param name="Likely">Interrupts foretold.</param>
/// <param name="Most">Interrupts foretold at most.</param>
/// <param name="Real">Interrupts that it has.</param>
public sealed record VectorOutcome(Source Source, int Cpus, string Device, string Driver, int Likely, int Most, int Real) : Fact(Source)
{
    public bool AsForetold => Real == Likely;

    /// <summary>Of the whole: vectors that so many CPUs offer, where more were foretold to be needed; 0 otherwise.</summary>
    public int Short { get; init; }

    /// <summary>Of a device: its driver was foretold to be refused.</summary>
    public bool Refused { get; init; }
}
