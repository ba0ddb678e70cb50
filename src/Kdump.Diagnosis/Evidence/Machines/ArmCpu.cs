namespace Kdump.Diagnosis.Evidence.Machines;

/// <summary>
/// An arm64 kernel says which processor became which CPU when it starts it (arch/arm64/kernel/smp.c since 4.16, setup.c for the
/// first).
/// </summary>
/// <param name="Mpidr">Its affinity, without the flags of MPIDR_EL1.</param>
/// <param name="Midr">Type of the core; 0 where the line does not tell.</param>
public sealed record ArmCpu(Source Source, int Cpu, ulong Mpidr, uint Midr) : Fact(Source)
{
    /// <summary>MPIDR_HWID_BITMASK of arch/arm64/include/asm/cputype.h.</summary>
    public const ulong AffinityBits = 0xff_00ff_ffff;
}
