namespace Kdump.Diagnosis.Vectors;

/// <summary>A device that will find no vector, or not enough.</summary>
/// <param name="Fails">Its driver gives up; otherwise it goes on with fewer or with its pin.</param>
public readonly record struct VectorVictim(VectorConsumer Consumer, bool Fails);

/// <summary>One number of CPUs, and the crash kernel's interrupts with it.</summary>
/// <param name="Low">Vectors needed at least.</param>
/// <param name="High">Vectors needed at most: includes drivers of which only a range is known and interfaces that may be brought
/// up.</param>
/// <param name="Available">What so many CPUs offer, at least.</param>
/// <param name="Fits">True: the high estimate fits. False: the likely one does not. Null: only what is not known decides.</param>
/// <param name="MemoryBytes">Memory beyond that of one CPU.</param>
public sealed record VectorPlan(int Cpus, int Low, int Likely, int High, int Available, bool? Fits, long MemoryBytes)
{
    /// <summary>In the order in which they will be refused.</summary>
    public IReadOnlyList<VectorVictim> Victims { get; init; } = [];

    /// <summary>The dump target's own controller gets its vectors; null when that controller is not known.</summary>
    public bool? TargetSurvives { get; init; }

    /// <summary>Interrupts that /proc/interrupts would show if all came up.</summary>
    public int Shown { get; init; }

    /// <summary>Some vectors are left for needs that were not predicted.</summary>
    public bool HasMargin => Likely <= Available * (1 - CpuPlan.Margin) && Fits == true;
}
