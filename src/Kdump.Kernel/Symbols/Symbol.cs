using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Symbols;

/// <summary>One symbol: nm letter, address, and the distance in bytes to the next symbol.</summary>
public readonly record struct Symbol(string Name, VirtualAddress Address, ulong Size, char Type, string? Module = null)
{
    /// <summary>The type of a symbol whose letter was not read, or is not in the dump.</summary>
    public const char UnknownType = '?';
}

/// <summary>Description of an address: symbol, offset in bytes, and the module of the symbol.</summary>
public readonly record struct Location(string Symbol, ulong Offset, ulong Size, string? Module)
{
    public override string ToString() =>
        Module is null ? $"{Symbol}+0x{Offset:x}/0x{Size:x}" : $"{Symbol}+0x{Offset:x}/0x{Size:x} [{Module}]";
}
