using Kdump.Diagnosis.Model;
using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary>What an address points at, in a few words.</summary>
internal sealed class AddressBrief(Vmcore vmcore)
{
    private const ulong FirstKernel = 0xFF00_0000_0000_0000, LastKernel = 0xFFFF_FFFF_FFFF_F000;
    private const int MaxKnown = 100_000;

    private readonly AddressUse use = new(vmcore, vmcore.Tasks.Value);
    private readonly Dictionary<ulong, string> known = [];

    /// <summary>True if a number may be an address of the kernel's half of the address space.</summary>
    public static bool MayBe(ulong value) => value is >= FirstKernel and < LastKernel;

    /// <summary>Empty if it is not an address or nothing is known about it.</summary>
    public string Of(ulong value)
    {
        if (!MayBe(value))
            return "";
        if (known.TryGetValue(value, out string? words))
            return words;
        try
        {
            words = Printable.Escape(Words(use.Of(new VirtualAddress(value))));
        }
        catch (InputException)
        {
            words = "";
        }
        if (known.Count < MaxKnown)
            known[value] = words;
        return words;
    }

    private static string Words(AddressFacts facts)
    {
        if (facts.Symbol is { } symbol)
            return $"{symbol.Symbol}{Plus(symbol.Offset)}{(symbol.Module is null ? "" : $" [{symbol.Module}]")}";
        if (facts.Task is { } task)
            return $"task_struct{Plus(facts.Address.Value - task.Address.Value)} of {task.Comm} ({task.Pid})";
        if (facts.Stack is { } stack)
            return $"stack of {stack.Comm} ({stack.Pid})";
        if (facts.CpuStack is { } cpuStack)
            return cpuStack;
        if (facts.Slab is { } slab)
            return $"{slab.Cache}{Plus(slab.Offset)}{(slab.State == "allocated" ? "" : $" ({slab.State})")}";
        if (facts.PerCpu is { } place)
            return $"per-CPU {place.Cpu}{(place.Variable is { } variable ? $": {variable.Symbol}{Plus(variable.Offset)}" : "")}";
        if (facts.Module is { } module)
            return $"module {module}";
        if (facts.PageOf is { } frame)
            return $"struct page of frame {frame}";
        if (facts.Area is { } area)
            return $"{string.Join(',', area.Kinds)} area{(area.Caller is { } by ? $" of {by}" : "")}";
        return facts.Page is { Type: { } type } ? $"page: {type}" : "";
    }

    private static string Plus(ulong offset) => offset == 0 ? "" : $"+0x{offset:x}";
}
