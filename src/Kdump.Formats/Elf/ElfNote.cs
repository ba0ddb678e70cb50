namespace Kdump.Formats.Elf;

/// <summary>One note: who defined it, its number there, and its bytes.</summary>
/// <param name="Offset">Where the note begins in its blob.</param>
public readonly record struct ElfNote(string Name, uint Type, ReadOnlyMemory<byte> Description, long Offset)
{
    public const uint PrStatus = 1;
    public const uint PrPsInfo = 3;
    public const uint AuxiliaryVector = 6;

    /// <summary>A device driver's own dump (include/uapi/linux/vmcore.h), name LINUX.</summary>
    public const uint VmcoreDd = 0x700;
}
