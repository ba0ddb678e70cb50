using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Memory;

/// <summary>One table on the way from a virtual address to a physical one.</summary>
/// <param name="Level">PGD, P4D, PUD, PMD, PTE.</param>
/// <param name="At">Where the entry is.</param>
/// <param name="State">Of the memory of the entry.</param>
/// <param name="Flags">What the entry says, in words.</param>
/// <param name="PageBytes">Size of the page that the entry maps; null where it leads to another table, or to nothing.</param>
/// <param name="Present">The processor would use it.</param>
public sealed record PageTableStep(string Level, PhysicalAddress At, MemoryState State, ulong Entry, string Flags, ulong? PageBytes,
    bool Present);
