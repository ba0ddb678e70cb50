using System.Numerics;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;

namespace Kdump.Kernel.Structs;

/// <summary>
/// Per-CPU variables: the address is the symbol's value plus __per_cpu_offset[cpu], both if symbols are offsets from 0 (x86-64 until
/// 6.14) and if they are addresses. The CPUs are read from the kernel's cpumasks.
/// </summary>
public sealed class PerCpu
{
    /// <summary>Maximum number of CPUs: NR_CPUS is at most 8192 on x86-64 (MAXSMP).</summary>
    public const int MaxCpus = 8192;

    private readonly CrashedKernel kernel;
    private readonly VirtualAddress offsets;

    internal PerCpu(CrashedKernel kernel)
    {
        this.kernel = kernel;
        offsets = kernel.Symbol("__per_cpu_offset");
        Possible = Mask("__cpu_possible_mask");
        Online = kernel.FindSymbol("__cpu_online_mask") is null ? Possible : Mask("__cpu_online_mask");
        Ran = Active() is { } active ? [.. Online.Union(active).Order()] : Online;
    }

    public IReadOnlyList<int> Possible { get; }

    public IReadOnlyList<int> Online { get; }

    /// <summary>
    /// CPUs that ran at the time of the crash: those online, and those that a panic without a crash kernel stopped. stop_this_cpu()
    /// removes a CPU from cpu_online_mask but not from the scheduler's cpu_active_mask, while unplugging removes it from cpu_active_mask
    /// first.
    /// </summary>
    public IReadOnlyList<int> Ran { get; }

    public VirtualAddress Address(VirtualAddress symbol, int cpu)
    {
        if (cpu is < 0 or >= MaxCpus)
            throw new InputException(kernel.Dump.Name, "cpu", -1, $"{cpu} is no CPU");
        return symbol + unchecked((long)kernel.Memory.U64(offsets + 8L * cpu, "__per_cpu_offset"));
    }

    /// <summary>Offset in bytes that is added to a per-CPU symbol for this CPU; null if its memory is missing.</summary>
    public ulong? Offset(int cpu) =>
        cpu is >= 0 and < MaxCpus && kernel.Memory.TryU64(offsets + 8L * cpu, out ulong value) ? value : null;

    public VirtualAddress Address(string variable, int cpu) => Address(kernel.Symbol(variable), cpu);

    /// <summary>
    /// CPUs in cpu_active_mask; null if the kernel has no such mask or its memory is missing, in which case only the online CPUs are
    /// known.
    /// </summary>
    private List<int>? Active()
    {
        try
        {
            return kernel.FindSymbol("__cpu_active_mask") is null ? null : Mask("__cpu_active_mask");
        }
        catch (InputException)
        {
            return null;
        }
    }

    private List<int> Mask(string symbol)
    {
        VirtualAddress at = kernel.Symbol(symbol);
        int bits = Math.Min(MaxCpus, kernel.FindSymbol("nr_cpu_ids") is { } count &&
            kernel.Memory.Read(count, new byte[4]) == MemoryState.Present
            ? (int)Math.Min(MaxCpus, kernel.Memory.U32(count, "nr_cpu_ids")) : 64);
        return Bits(kernel.Memory, at, bits, symbol);
    }

    /// <summary>Numbers of the set bits in a bitmap of longs.</summary>
    public static List<int> Bits(KernelMemory memory, VirtualAddress at, int bits, string field)
    {
        List<int> set = [];
        for (int word = 0; word * 64 < bits; word++)
        {
            ulong value = memory.U64(at + 8L * word, field);
            for (; value != 0; value &= value - 1)
            {
                int bit = 64 * word + BitOperations.TrailingZeroCount(value);
                if (bit < bits)
                    set.Add(bit);
            }
        }
        return set;
    }
}
