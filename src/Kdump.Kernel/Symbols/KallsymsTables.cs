using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Symbols;

/// <summary>
/// Where the kallsyms tables lie in the kernel's rodata: from VMCOREINFO's keys (6.0 and newer), or found by their pattern.
/// </summary>
public sealed record KallsymsTables(
    VirtualAddress Names, uint Count, VirtualAddress TokenTable, VirtualAddress TokenIndex,
    VirtualAddress Offsets, VirtualAddress? RelativeBase, VirtualAddress? Addresses);
