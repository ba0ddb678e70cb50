using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Memory;

/// <summary>One step of the translation of a virtual address: an entry of one page table.</summary>
/// <param name="Level">PGD, P4D, PUD, PMD, PTE.</param>
/// <param name="At">Physical address of the entry.</param>
/// <param name="State">State of the entry's memory.</param>
/// <param name="Flags">Description of the entry's flags.</param>
/// <param name="PageBytes">Size of the page that the entry maps; null if it refers to another table or maps nothing.</param>
/// <param name="Present">True if the processor would use the entry.</param>
public sealed record PageTableStep(string Level, PhysicalAddress At, MemoryState State, ulong Entry, string Flags, ulong? PageBytes,
    bool Present);
