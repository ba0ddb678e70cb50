using Kdump.Diagnosis.Vectors;

namespace Kdump.Diagnosis.Evidence.Machines;

/// <summary>One CPU's row in the vector domain.</summary>
/// <param name="Available">Free for ordinary interrupts: those set aside for managed ones are already subtracted.</param>
/// <param name="Managed">Set aside for managed interrupts.</param>
/// <param name="ManagedInUse">Of those, in use.</param>
/// <param name="Allocated">Assigned, managed ones included.</param>
public readonly record struct CpuVectors(int Cpu, int Available, int Managed, int ManagedInUse, int Allocated);

/// <summary>
/// The kernel's own account of its vectors: /sys/kernel/debug/irq/domains/VECTOR (kernel/irq/matrix.c irq_matrix_debug_show).
/// </summary>
/// <param name="Cpus">Online CPUs that it lists.</param>
/// <param name="Available">Vectors free over all of them.</param>
/// <param name="Allocated">Vectors in use over all of them.</param>
public sealed record VectorDomain(Source Source, int Cpus, int Available, int Allocated) : Fact(Source)
{
    /// <summary>Reserved by drivers that have not requested their interrupts yet; no vector is assigned to them.</summary>
    public int Reserved { get; init; }

    /// <summary>Set aside for managed interrupts that are not in use: neither available nor allocated.</summary>
    public int ManagedIdle { get; init; }

    public IReadOnlyList<CpuVectors> PerCpu { get; init; } = [];

    public VectorCapacity Capacity => VectorCapacity.Measured(
        Cpus == 0 ? 0 : (int)(((long)Available + Allocated + ManagedIdle) / Cpus), "read from /sys/kernel/debug/irq/domains/VECTOR");
}
