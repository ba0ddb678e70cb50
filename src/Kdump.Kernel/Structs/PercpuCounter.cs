using Kdump.Formats.Bytes;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Structs;

/// <summary>struct percpu_counter, include/linux/percpu_counter.h: a sum and what each CPU has not added to it yet.</summary>
public static class PercpuCounter
{
    /// <summary>The exact value, as percpu_counter_sum() gives it.</summary>
    /// <exception cref="InputException">It is not in the dump.</exception>
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

    /// <summary>The counter without the per-CPU parts; null if it is missing.</summary>
    public static long? Rough(CrashedKernel kernel, VirtualAddress at) =>
        kernel.Btf.Value?.Struct("percpu_counter") is { } type && kernel.Memory.TryU64(at + type.Offset("count"), out ulong value)
            ? unchecked((long)value) : null;
}
