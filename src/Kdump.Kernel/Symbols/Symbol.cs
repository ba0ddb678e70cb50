using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Symbols;

/// <summary>One symbol: its nm letter, its address and how far it is to the next one.</summary>
public readonly record struct Symbol(string Name, VirtualAddress Address, ulong Size, char Type, string? Module = null);

/// <summary>An address in words: symbol, offset into it, and the module it belongs to.</summary>
public readonly record struct Location(string Symbol, ulong Offset, ulong Size, string? Module)
{
    public override string ToString() =>
        Module is null ? $"{Symbol}+0x{Offset:x}/0x{Size:x}" : $"{Symbol}+0x{Offset:x}/0x{Size:x} [{Module}]";
}
