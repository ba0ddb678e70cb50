namespace Kdump.Formats.Elf;

/// <summary>One program header (elf.h: Elf32_Phdr, Elf64_Phdr) with its 64-bit fields.</summary>
public readonly record struct ElfSegment(
    uint Type, uint Flags, ulong Offset, ulong VirtualAddress, ulong PhysicalAddress, ulong FileSize, ulong MemorySize, ulong Align)
{
    public const uint Load = 1;
    public const uint Note = 4;
}
