using System.Buffers.Binary;
using Kdump.Formats.Bytes;
using Kdump.Formats.Elf;

namespace Kdump.Kernel.Views;

/// <summary>
/// Finds the build id of an ELF file in its first bytes: the note NT_GNU_BUILD_ID in a PT_NOTE segment near the start of the file.
/// </summary>
public static class BuildId
{
    private const uint Type = 3;
    private const int MaxSegments = 256;
    private const int MaxNotes = 1 << 16;

    /// <summary>
    /// Null if the file is not a 64-bit little-endian ELF file or has no build id, or if the bytes with it cannot be read.
    /// </summary>
    /// <param name="read">Fills a buffer with bytes from an offset of the file; returns false if they cannot be read.</param>
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
