using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Symbols;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Views;

/// <summary>Collects everything that the dump contains about one address of the crashed kernel.</summary>
public sealed class AddressUse
{
    private readonly CrashedKernel kernel;
    private readonly Lazy<Layer<PageMap>> pages;
    private readonly Lazy<Layer<VmallocAreas>> areas;
    private readonly Tasks? tasks;

    public AddressUse(CrashedKernel kernel, Tasks? tasks)
    {
        this.kernel = kernel;
        this.tasks = tasks;
        pages = new(() => Layer<PageMap>.Of(() => new PageMap(kernel)));
        areas = new(() => Layer<VmallocAreas>.Of(() => new VmallocAreas(kernel)));
    }

    /// <summary>Collects everything that is known about an address.</summary>
    public AddressFacts Of(VirtualAddress address)
    {
        List<Damage> damages = [];
        MemoryState mapped = kernel.Memory.Translate(address, out PhysicalAddress physical);
        MemoryState state = mapped == MemoryState.Present ? kernel.Memory.Read(address, new byte[1]) : mapped;
        PageFacts? page = null;
        SlabObject? inSlab = null;
        if (mapped == MemoryState.Present && pages.Value.Value is { } map)
        {
            try
            {
                Pfn pfn = kernel.FrameOf(physical);
                StructReader of = map.Of(pfn);
                page = PageFacts.Of(kernel, map, pfn, of);
                // Only for addresses in the direct map: elsewhere the same frame may be mapped for another purpose.
                if (map.Slab(of) is { } slab && map.FrameOf(slab.Address) is { } first &&
                    address.Value - map.Direct(first).Value < 1UL << 32)
                    inSlab = SlabObject.Of(kernel, slab, map.Direct(first), address);
            }
            catch (InputException e)
            {
                damages.Add(Damage.From(e));
            }
        }
        TaskStruct? task = tasks?.All.FirstOrDefault(
            t => address >= t.Address && address.Value - t.Address.Value < (ulong)t.Struct.Type.Size);
        return new AddressFacts(address, state, mapped == MemoryState.Present ? physical : null, kernel.Locate(address),
            kernel.Modules.Value?.At(address)?.Name, StackOf(address), task, PerCpuOf(address), AreaOf(address), inSlab, page,
            pages.Value.Value is { } m && m.FrameOf(address) is { } frame ? frame : null, damages) { CpuStack = CpuStackOf(address) };
    }

    private TaskStruct? StackOf(VirtualAddress address)
    {
        foreach (TaskStruct task in tasks?.All ?? [])
        {
            if (!kernel.Memory.TryU64(task.Struct.AddressOf("stack"), out ulong stack) || stack == 0)
                continue;
            if (address.Value >= stack && address.Value - stack < (ulong)kernel.StackSize)
                return task;
        }
        return null;
    }

    /// <summary>Per-CPU pointers to the lowest address of a stack, on arm64: arch/arm64/kernel/irq.c and sdei.c.</summary>
    private static readonly (string Symbol, string Name)[] StackPointers =
    [
        ("irq_stack_ptr", "IRQ stack"), ("sdei_stack_normal_ptr", "SDEI stack"), ("sdei_stack_critical_ptr", "SDEI stack (critical)"),
    ];

    private string? CpuStackOf(VirtualAddress address)
    {
        foreach ((string symbol, string name) in StackPointers)
        {
            if (kernel.FindSymbol(symbol) is not { } variable || kernel.PerCpu.Value is not { } perCpu)
                continue;
            foreach (int cpu in perCpu.Possible)
            {
                if (perCpu.Offset(cpu) is { } offset && kernel.Memory.TryU64(new VirtualAddress(unchecked(variable.Value + offset)),
                    out ulong stack) && stack != 0 && address.Value >= stack && address.Value - stack < (ulong)kernel.StackSize)
                    return $"{name} of CPU {cpu}";
            }
        }
        return null;
    }

    /// <summary>
    /// The CPU whose per-CPU area contains the address, and the kernel's per-CPU variable there; the variable is null if no symbol is
    /// known. Null if the address is in no such area.
    /// </summary>
    private PerCpuPlace? PerCpuOf(VirtualAddress address)
    {
        if (kernel.PerCpu.Value is not { } perCpu || kernel.FindSymbol("__per_cpu_start") is not { } start ||
            kernel.FindSymbol("__per_cpu_end") is not { } end)
            return null;
        foreach (int cpu in perCpu.Possible)
        {
            try
            {
                VirtualAddress first = perCpu.Address(start, cpu);
                ulong offset = unchecked(address.Value - first.Value);
                if (offset >= end.Value - start.Value)
                    continue;
                VirtualAddress variable = start + (long)offset;
                return new PerCpuPlace(cpu, kernel.Kallsyms.Value?.At(variable) is { } symbol ? new Location(symbol.Name,
                    variable.Value - symbol.Address.Value, symbol.Size, null) : null);
            }
            catch (InputException)
            {
                // This CPU's offset is missing; the address may belong to another CPU.
            }
        }
        return null;
    }

    private VmallocArea? AreaOf(VirtualAddress address) => areas.Value.Value?.All.FirstOrDefault(a => a.Holds(address));
}
