namespace Kdump.Formats.Elf;

/// <summary>One program header (elf.h: Elf32_Phdr, Elf64_Phdr) with its fields as 64-bit numbers.</summary>
public readonly record struct ElfSegment(
    uint Type, uint Flags, ulong Offset, ulong VirtualAddress, ulong PhysicalAddress, ulong FileSize, ulong MemorySize, ulong Align)
{
    public const uint Load = 1;
    public const uint Note = 4;
}
