using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Symbols;

namespace Kdump.Kernel.Views;

/// <summary>Everything that is known about an address. Members that do not apply or are not known are null.</summary>
/// <param name="State">State of the byte at the address.</param>
/// <param name="Physical">The physical address; null if the address is not mapped.</param>
/// <param name="Stack">The task whose kernel stack contains the address.</param>
/// <param name="Task">The task whose task_struct contains the address.</param>
/// <param name="PageOf">The frame whose struct page contains the address.</param>
public sealed record AddressFacts(VirtualAddress Address, MemoryState State, PhysicalAddress? Physical, Location? Symbol, string? Module,
    TaskStruct? Stack, TaskStruct? Task, PerCpuPlace? PerCpu, VmallocArea? Area, SlabObject? Slab, PageFacts? Page, Pfn? PageOf,
    IReadOnlyList<Damage> Damages)
{
    /// <summary>The stack of a CPU, for interrupts or firmware events, that contains the address: <c>IRQ stack of CPU 0</c>.</summary>
    public string? CpuStack { get; init; }
}
