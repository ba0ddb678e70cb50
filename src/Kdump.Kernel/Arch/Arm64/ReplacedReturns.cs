using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Arch.Arm64;

/// <summary>
/// Return addresses that a tracer replaced on a task's stack: those of the function graph tracer (task_struct.ret_stack,
/// kernel/trace/fgraph.c) and of return probes (task_struct.rethooks since v5.18, kretprobe_instances before). Each list has the
/// innermost first. ret_stack is an array of words since Linux commit 42675b723b48 ("function_graph: Convert ret_stack to a series of
/// longs") (v6.11).
/// </summary>
internal sealed class ReplacedReturns
{
    private const int Most = 512;
    private const ulong OffsetBits = 0x3FF;

    private readonly CrashedKernel kernel;
    private readonly Dictionary<ulong, string> trampolines = [];

    public ReplacedReturns(CrashedKernel kernel)
    {
        this.kernel = kernel;
        foreach (string name in (string[])
            ["return_to_handler", "arch_rethook_trampoline", "__kretprobe_trampoline", "kretprobe_trampoline"])
            if (kernel.FindSymbol(name) is { } at)
                trampolines[at.Value] = name;
    }

    public bool IsTrampoline(ulong address) => trampolines.ContainsKey(address);

    /// <summary>Reads a task's lists at the start of a walk of its stack.</summary>
    public Walk Of(StructReader? task) => new(this, task);

    /// <summary>State of one walk: each replaced return address is used once.</summary>
    public sealed class Walk(ReplacedReturns owner, StructReader? task)
    {
        private Queue<ulong>? graph;
        private Queue<ulong>? probes;

        /// <summary>The original return address for a trampoline; null if no list contains it.</summary>
        public ulong? Original(ulong trampoline)
        {
            if (task is not { } of || !owner.trampolines.TryGetValue(trampoline, out string? name))
                return null;
            Queue<ulong> list = name == "return_to_handler" ? graph ??= Read(owner.Graph, of) : probes ??= Read(owner.Probes, of);
            return list.TryDequeue(out ulong original) ? original : null;
        }

        private static Queue<ulong> Read(Func<StructReader, IEnumerable<ulong>> list, StructReader of)
        {
            Queue<ulong> read = new();
            try
            {
                foreach (ulong address in list(of))
                    read.Enqueue(address);
            }
            catch (InputException)
            {
                // Keep the part of the list that could be read.
            }
            return read;
        }
    }

    private IEnumerable<ulong> Graph(StructReader task)
    {
        if (!task.Has("ret_stack") || !task.Has("curr_ret_stack") || kernel.Btf.Value?.Struct("ftrace_ret_stack") is not { } entry)
            yield break;
        ulong stack = task.U64("ret_stack");
        long index = task.S32("curr_ret_stack");
        if (stack == 0)
            yield break;
        // Words since 6.11: the last word of an entry contains the number of words in it.
        bool words = kernel.FindSymbol("fgraph_array") is not null;
        for (int count = 0; count < Most; count++)
        {
            if (words)
            {
                if (index <= 0)
                    yield break;
                ulong length = kernel.Memory.U64(new VirtualAddress(stack + 8 * (ulong)(index - 1)), "task_struct.ret_stack") & OffsetBits;
                index = index - 1 - (long)length;
                if (length == 0 || index < 0)
                    yield break;
                yield return new StructReader(kernel.Memory, entry, new VirtualAddress(stack + 8 * (ulong)index)).U64("ret");
            }
            else
            {
                if (index < 0)
                    yield break;
                yield return new StructReader(kernel.Memory, entry, new VirtualAddress(stack + (ulong)(index-- * entry.Size))).U64("ret");
            }
        }
    }

    private IEnumerable<ulong> Probes(StructReader task)
    {
        (string list, string type) = task.Has("rethooks") ? ("rethooks.first", "rethook_node")
            : ("kretprobe_instances.first", "kretprobe_instance");
        if (!task.Has(list) || kernel.Btf.Value?.Struct(type) is not { } node || !node.Has("llist"))
            yield break;
        int link = node.Offset("llist");
        ulong at = task.U64(list);
        for (int count = 0; at != 0 && count < Most; count++)
        {
            ulong address = new StructReader(kernel.Memory, node, new VirtualAddress(at) + -link).U64("ret_addr");
            // With nested probes of one function, one trampoline is the return address that the other probe saved.
            if (!trampolines.ContainsKey(address))
                yield return address;
            at = kernel.Memory.U64(new VirtualAddress(at), list);
        }
    }
}
