using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Symbols;

/// <summary>
/// Addresses of the kallsyms tables in the kernel's rodata: from VMCOREINFO's keys (6.0 and newer), or found by their pattern.
/// </summary>
public sealed record KallsymsTables(
    VirtualAddress Names, uint Count, VirtualAddress TokenTable, VirtualAddress TokenIndex,
    VirtualAddress Offsets, VirtualAddress? RelativeBase, VirtualAddress? Addresses);
