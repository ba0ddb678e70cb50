using Kdump.Diagnosis.Vectors;

namespace Kdump.Diagnosis.Evidence;

/// <summary>The kernel's own account of its vectors: /sys/kernel/debug/irq/domains/VECTOR (kernel/irq/matrix.c irq_matrix_debug_show).</summary>
/// <param name="Cpus">Online CPUs that it lists.</param>
/// <param name="Available">Vectors free over all of them.</param>
/// <param name="Allocated">Vectors in use over all of them.</param>
public sealed record VectorDomain(Source Source, int Cpus, int Available, int Allocated) : Fact(Source)
{
    public VectorCapacity Capacity =>
        VectorCapacity.Measured(Cpus == 0 ? 0 : (Available + Allocated) / Cpus, "read from /sys/kernel/debug/irq/domains/VECTOR");
}
