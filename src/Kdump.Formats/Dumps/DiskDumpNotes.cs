using System.Buffers.Binary;
using System.Text;
using Kdump.Formats.Bytes;

namespace Kdump.Formats.Dumps;

/// <summary>Reads the notes and texts to which the sub header of a kdump-compressed file points.</summary>
internal static class DiskDumpNotes
{
    /// <summary>
    /// Maximum size of the notes in bytes. Device drivers may add their own dumps (NT_VMCOREDD) of tens of megabytes each.
    /// </summary>
    private const int MaxNotes = 256 * 1024 * 1024;

    private const int MaxText = 1024 * 1024;

    /// <summary>All notes as one blob, including VMCOREINFO if the dump contains it.</summary>
    public static ReadOnlyMemory<byte> Notes(DiskDumpPart part, Action<Damage> lost)
    {
        byte[] notes = Region(part, part.Header.Notes, "note", MaxNotes, lost);
        // Version 3 stores VMCOREINFO only as text; put it into a note, as later versions do.
        if (part.Header.VmcoreInfo.Size == 0 || notes.AsSpan().IndexOf("VMCOREINFO\0"u8) >= 0)
            return notes;
        byte[] text = Region(part, part.Header.VmcoreInfo, "vmcoreinfo", MaxText, lost);
        if (text.Length == 0)
            return notes;
        int head = (notes.Length + 3) & ~3;
        byte[] all = new byte[head + 24 + ((text.Length + 3) & ~3)];
        notes.CopyTo(all, 0);
        Span<byte> note = all.AsSpan(head);
        bool big = part.Header.BigEndian;
        WriteU32(note, 11, big);
        WriteU32(note[4..], (uint)text.Length, big);
        "VMCOREINFO"u8.CopyTo(note[12..]);
        text.CopyTo(note[24..]);
        return all;
    }

    private static void WriteU32(Span<byte> to, uint value, bool bigEndian)
    {
        if (bigEndian)
            BinaryPrimitives.WriteUInt32BigEndian(to, value);
        else
            BinaryPrimitives.WriteUInt32LittleEndian(to, value);
    }

    private static byte[] Region(DiskDumpPart part, (ulong Offset, ulong Size) region, string field, int cap, Action<Damage> lost)
    {
        if (region.Size == 0)
            return [];
        if (region.Offset > (ulong)part.Source.Length || region.Size > (ulong)cap)
        {
            lost(new Damage(part.Source.Name, $"size_{field}", part.Header.BlockSize,
                $"0x{region.Size:x} bytes at 0x{region.Offset:x} cannot be"));
            return [];
        }
        byte[] bytes = part.Source.ReadUpTo((long)region.Offset, (int)region.Size);
        if (bytes.Length < (int)region.Size)
            lost(new Damage(part.Source.Name, $"size_{field}", part.Header.BlockSize,
                $"{region.Size} bytes are claimed, {bytes.Length} could be read"));
        return bytes;
    }

    /// <summary>makedumpfile's record of what it erased on purpose (ERASEINFO); empty if there is none.</summary>
    public static string EraseInfo(DiskDumpPart part, Action<Damage> lost) =>
        Encoding.Latin1.GetString(Region(part, part.Header.EraseInfo, "eraseinfo", MaxText, lost)).TrimEnd('\0');
}
