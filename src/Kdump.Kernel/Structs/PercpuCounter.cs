using Kdump.Formats.Bytes;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Structs;

/// <summary>
/// struct percpu_counter, include/linux/percpu_counter.h: a sum, and for each CPU the amount that is not yet added to it.
/// </summary>
public static class PercpuCounter
{
    /// <summary>The exact value, like percpu_counter_sum().</summary>
    /// <exception cref="InputException">The memory is missing from the dump.</exception>
    public static long Sum(CrashedKernel kernel, VirtualAddress at)
    {
        StructReader counter = kernel.At("percpu_counter", at);
        long sum = counter.S64("count");
        if (!counter.Has("counters") || counter.Pointer("counters") is not { Value: not 0 } counters ||
            kernel.PerCpu.Value is not { } perCpu)
            return sum;
        foreach (int cpu in perCpu.Online)
            sum += unchecked((int)kernel.Memory.U32(perCpu.Address(counters, cpu), "percpu_counter.counters"));
        return sum;
    }
}
