using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Views;

/// <summary>
/// Use of interrupt vectors at the time of the crash: vector_matrix of arch/x86/kernel/apic/vector.c, since Linux commit 0fa115da4061
/// ("x86/vector: Initialize matrix allocator") (v4.15).
/// </summary>
/// <param name="First">Lowest vector for devices.</param>
/// <param name="End">One past the highest vector for devices.</param>
/// <param name="GlobalAvailable">Number of free vectors on all online CPUs.</param>
/// <param name="GlobalReserved">Number of vectors reserved for interrupts that are not started.</param>
public sealed record VectorMatrix(
    uint First, uint End, uint Capacity, uint GlobalAvailable, uint GlobalReserved, uint SystemInside, uint TotalAllocated,
        IReadOnlyList<VectorUse> Cpus)
{
    public static VectorMatrix Read(CrashedKernel kernel)
    {
        if (kernel.FindSymbol("vector_matrix") is null && kernel.Btf.Value is { } types && types.Struct("cpuinfo_x86") is null)
            throw new InputException(kernel.Dump.Name, "irq_matrix", -1,
                "is for x86 only: CPUs of this machine have no such vector limit");
        StructReader matrix = kernel.At("irq_matrix", kernel.Memory.Pointer(kernel.Symbol("vector_matrix"), "vector_matrix"));
        // Check the bounds to verify the struct: there are 256 vectors, and the first 32 are exceptions.
        uint bits = matrix.U32("matrix_bits"), first = matrix.U32("alloc_start"), end = matrix.U32("alloc_end");
        if (bits != 256 || first < 32 || end > 256 || first >= end)
            throw new InputException(kernel.Dump.Name, "irq_matrix", -1, $"vectors {first} to {end} of {bits} are no matrix of an x86 CPU");
        PerCpu perCpu = kernel.PerCpu.Need(kernel.Dump.Name, "irq_matrix.maps");
        StructType map = kernel.Struct("cpumap");
        List<VectorUse> cpus = [];
        foreach (int cpu in perCpu.Possible)
        {
            StructReader use = new(kernel.Memory, map, perCpu.Address(matrix.Pointer("maps"), cpu));
            if (!kernel.Memory.TryRead(use.Address, new byte[map.Size]) || use.U64("initialized") == 0)
                continue;
            cpus.Add(new VectorUse(cpu, use.U64("online") != 0, use.U32("available"), use.U32("allocated"), use.U32("managed"),
                use.Has("managed_allocated") ? use.U32("managed_allocated") : 0));
        }
        return new VectorMatrix(first, end, matrix.U32("alloc_size"), matrix.U32("global_available"), matrix.U32("global_reserved"),
            matrix.U32("systembits_inalloc"), matrix.U32("total_allocated"), cpus);
    }
}
