using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Symbols;

namespace Kdump.Kernel.Arch.Arm64;

/// <summary>
/// Finds variables that are neither in kallsyms (without CONFIG_KALLSYMS_ALL) nor in the tables of exported symbols, from code that
/// passes their address to a known function.
/// </summary>
internal static class VariablesInCode
{
    private static readonly (string Variable, string Function, string Callee)[] Known =
    [
        ("modules", "m_start", "seq_list_start"),
        ("irq_desc_tree", "irq_to_desc", "radix_tree_lookup"),
        ("sparse_irqs", "irq_to_desc", "mtree_load"),
    ];

    /// <summary>Per-CPU variables, each with a function that only returns one CPU's instance by the CPU's number.</summary>
    private static readonly (string Variable, string Function)[] PerCpu = [("runqueues", "idle_task"), ("runqueues", "idle_cpu")];

    /// <summary>Maximum size of such a function in bytes.</summary>
    private const int MaxBytes = 512;

    public static VirtualAddress? Find(CrashedKernel kernel, string name)
    {
        if (kernel.Kallsyms.Value is not { } symbols)
            return null;
        foreach ((string variable, string function, string callee) in Known)
        {
            if (variable != name || symbols.Find(callee) is not { } target)
                continue;
            foreach (Symbol one in symbols.FindAll(function))
            {
                if (Argument(kernel, one, target) is { } found)
                    return found;
            }
        }
        foreach ((string variable, string function) in PerCpu)
        {
            if (variable == name && symbols.FindAll(function).FirstOrDefault() is { Size: > 0 } one &&
                BesideOffsets(kernel, one) is { } found)
                return found;
        }
        return null;
    }

    /// <summary>The only address, besides __per_cpu_offset, that the function computes before its first jump.</summary>
    private static VirtualAddress? BesideOffsets(CrashedKernel kernel, Symbol function)
    {
        if (kernel.FindSymbol("__per_cpu_offset") is not { } offsets)
            return null;
        ulong?[] values = new ulong?[32];
        HashSet<ulong> made = [];
        for (ulong at = 0; at + Code.Bytes <= Math.Min(function.Size, MaxBytes); at += Code.Bytes)
        {
            ulong address = function.Address.Value + at;
            if (!kernel.Memory.TryU32(new VirtualAddress(address), out uint word) || A64.Decode(word, address) is not { Known: true } one ||
                one.IsCall || one.Leaves || one.MayJump)
                break;
            Arm64Disassembler.Follow(one, values);
            if (one.SumOf >= 0 && System.Numerics.BitOperations.TrailingZeroCount(one.Writes) is < 31 and var to && values[to] is { } sum)
                made.Add(sum);
        }
        return made.Remove(offsets.Value) && made.Count == 1 ? new VirtualAddress(made.First()) : null;
    }

    /// <summary>The value of x0 when the function calls, or ends with a jump to, another function.</summary>
    private static VirtualAddress? Argument(CrashedKernel kernel, Symbol function, VirtualAddress callee)
    {
        ulong?[] values = new ulong?[32];
        ulong length = Math.Min(function.Size, MaxBytes);
        for (ulong at = 0; at + Code.Bytes <= length; at += Code.Bytes)
        {
            ulong address = function.Address.Value + at;
            if (!kernel.Memory.TryU32(new VirtualAddress(address), out uint word))
                return null;
            A64 one = A64.Decode(word, address);
            if ((one.IsCall || one.Leaves) && one.Target == callee.Value)
                return values[0] is { } argument ? new VirtualAddress(argument) : null;
            Arm64Disassembler.Follow(one, values);
        }
        return null;
    }
}
