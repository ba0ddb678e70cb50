namespace Kdump.Formats.Elf;

/// <summary>
/// One section header (elf.h: Elf32_Shdr, Elf64_Shdr) with its name from the string table and its fields as 64-bit numbers.
/// </summary>
public readonly record struct ElfSection(
    string Name, uint Type, ulong Flags, ulong Address, ulong Offset, ulong Size, uint Link, uint Info, ulong Align, ulong EntrySize)
{
    public const uint Notes = 7;
    public const uint NoBits = 8;
}
