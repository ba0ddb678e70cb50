namespace Kdump.Formats.Elf;

/// <summary>One ELF note: owner, type, and bytes of its descriptor.</summary>
/// <param name="Offset">Byte offset of the note in its blob.</param>
public readonly record struct ElfNote(string Name, uint Type, ReadOnlyMemory<byte> Description, long Offset)
{
    public const uint PrStatus = 1;
    public const uint PrPsInfo = 3;
    public const uint AuxiliaryVector = 6;
}
