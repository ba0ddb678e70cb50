using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Symbols;

namespace Kdump.Kernel.Views;

/// <summary>What is known of an address; null for what it is not, or what the dump does not tell.</summary>
/// <param name="State">Of the byte there.</param>
/// <param name="Physical">Null where the address is not mapped.</param>
/// <param name="Stack">The task in whose kernel stack it lies.</param>
/// <param name="Task">The task whose task_struct it lies in.</param>
/// <param name="PageOf">The frame that it is the struct page of.</param>
public sealed record AddressFacts(VirtualAddress Address, MemoryState State, PhysicalAddress? Physical, Location? Symbol, string? Module,
    TaskStruct? Stack, TaskStruct? Task, PerCpuPlace? PerCpu, VmallocArea? Area, SlabObject? Slab, PageFacts? Page, Pfn? PageOf,
    IReadOnlyList<Damage> Damages)
{
    /// <summary>The stack of a CPU for interrupts and firmware's events: <c>IRQ stack of CPU 0</c>.</summary>
    public string? CpuStack { get; init; }
}
