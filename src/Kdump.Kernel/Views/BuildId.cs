using System.Buffers.Binary;
using Kdump.Formats.Bytes;
using Kdump.Formats.Elf;

namespace Kdump.Kernel.Views;

/// <summary>
/// The build id of an ELF file by its first bytes: the note NT_GNU_BUILD_ID of a PT_NOTE segment near the file's beginning.
/// </summary>
public static class BuildId
{
    private const uint Type = 3;
    private const int MaxSegments = 256;
    private const int MaxNotes = 1 << 16;

    /// <summary>Null where it is no 64-bit little-endian ELF file, has no build id, or the bytes do not reach to it.</summary>
    /// <param name="read">Fills a buffer from an offset of the file; false where it cannot.</param>
    public static string? Of(Func<ulong, byte[], bool> read)
    {
        byte[] header = new byte[64];
        if (!read(0, header) || !header.AsSpan().StartsWith("\u007fELF"u8) || header[4] != 2 || header[5] != 1)
            return null;
        ulong at = BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(32));
        int count = Math.Min((int)BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(56)), MaxSegments);
        byte[] segment = new byte[56];
        for (int i = 0; i < count; i++)
        {
            if (!read(at + 56 * (ulong)i, segment))
                return null;
            if (BinaryPrimitives.ReadUInt32LittleEndian(segment) != ElfSegment.Note)
                continue;
            ulong size = BinaryPrimitives.ReadUInt64LittleEndian(segment.AsSpan(32));
            byte[] notes = new byte[(int)Math.Min(size, MaxNotes)];
            if (!read(BinaryPrimitives.ReadUInt64LittleEndian(segment.AsSpan(8)), notes))
                continue;
            List<Damage> ignored = [];
            foreach (ElfNote note in ElfNotes.Read(notes, "build id", bigEndian: false, ignored))
                if (note is { Name: "GNU", Type: Type })
                    return Convert.ToHexStringLower(note.Description.Span);
        }
        return null;
    }
}
