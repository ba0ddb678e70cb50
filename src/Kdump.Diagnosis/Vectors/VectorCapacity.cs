namespace Kdump.Diagnosis.Vectors;

/// <summary>
/// Interrupt vectors that one x86-64 CPU offers to devices: arch/x86/include/asm/irq_vectors.h and arch/x86/kernel/apic/vector.c.
/// Vectors 0x20 to FIRST_SYSTEM_VECTOR-1, less those inside that range which the kernel keeps: 0x80 with 32-bit emulation, 0x20 for
/// moving interrupts (until 6.5), the slot of the old PIC's cascade (0x32) where there is such a PIC. FIRST_SYSTEM_VECTOR is 0xec,
/// and 0xeb since posted MSIs took a vector (6.10). Depending on those, 201 to 203 remain.
/// </summary>
/// <param name="Low">Vectors at least.</param>
/// <param name="High">Vectors at most.</param>
public readonly record struct VectorCapacity(int Low, int High, string Reasoning)
{
    /// <summary>The capacity if nothing but "x86-64" is known.</summary>
    public static VectorCapacity Unmeasured => new(201, 203,
        "vectors 0x20..0xeb are 204, less 0x80 (32-bit system calls), the kernel's own and the old PIC's cascade: 201 to 203 by kernel");

    public static VectorCapacity Measured(int capacity, string how) => new(capacity, capacity, how);

    public override string ToString() => Low == High ? $"{Low}" : $"{Low} to {High}";
}
