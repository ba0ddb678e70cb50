using System.Buffers.Binary;

namespace Kdump.Formats.Elf;

/// <summary>
/// Writes a 64-bit little-endian ELF core (ET_CORE): pages first, then notes and program headers, so that no count needs to be known in
/// advance. Missing pages become segments without file content, so that a reader of the core sees that they are missing. If there are
/// more than 65,534 segments, their number is stored in section 0 (PN_XNUM, elf(5)).
/// </summary>
public sealed class ElfCoreWriter
{
    private const int Page = 4096;
    private const int HeaderBytes = 64, SegmentBytes = 56;
    private const uint Load = 1, Notes = 4;

    private readonly Stream output;
    private readonly ushort machine;
    private readonly List<(ulong Start, ulong Memory, long Offset, ulong InFile, uint Flags)> segments = [];
    private long at = Page;

    /// <param name="output">A seekable, empty stream; bytes that are skipped must read as zeros.</param>
    /// <param name="machine">e_machine: a constant EM_* of elf.h.</param>
    public ElfCoreWriter(Stream output, ushort machine)
    {
        this.output = output;
        this.machine = machine;
    }

    public int Segments => segments.Count;

    /// <summary>Writes a page of memory with its content.</summary>
    /// <param name="flags">PF_X 1, PF_W 2, PF_R 4.</param>
    /// <param name="first">True to begin a new range at this page.</param>
    public void Write(ulong address, ReadOnlySpan<byte> page, uint flags, bool first)
    {
        output.Position = at;
        output.Write(page);
        Add(address, (ulong)page.Length, inFile: true, flags, first);
    }

    /// <summary>Adds memory that is known to be zero, in bytes. It takes no room on disk if the file system supports holes.</summary>
    public void Zero(ulong address, ulong bytes, uint flags, bool first) => Add(address, bytes, inFile: true, flags, first);

    /// <summary>Adds memory whose content is not known, in bytes.</summary>
    public void Hole(ulong address, ulong bytes, uint flags, bool first) => Add(address, bytes, inFile: false, flags, first);

    /// <summary>Writes notes and program headers, which completes the core.</summary>
    public void Finish(ReadOnlySpan<byte> notes)
    {
        long notesAt = at;
        output.Position = notesAt;
        output.Write(notes);
        long headersAt = (notesAt + notes.Length + 7) & ~7L;
        long count = segments.Count + 1;
        byte[] table = new byte[SegmentBytes];
        output.Position = headersAt;
        Segment(table, Notes, 0, notesAt, 0, (ulong)notes.Length, 0, 4);
        foreach ((ulong start, ulong memory, long offset, ulong inFile, uint flags) in segments)
            Segment(table, Load, flags, offset, start, inFile, memory, Page);
        bool many = count >= 0xFFFF;
        long sectionAt = headersAt + count * SegmentBytes;
        if (many)
        {
            byte[] section = new byte[64];
            BinaryPrimitives.WriteUInt32LittleEndian(section.AsSpan(44), (uint)count);
            output.Write(section);
        }
        byte[] header = new byte[HeaderBytes];
        ((ReadOnlySpan<byte>)[0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1]).CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(16), 4);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(18), machine);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(20), 1);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(32), headersAt);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(40), many ? sectionAt : 0);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(52), HeaderBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(54), SegmentBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(56), many ? (ushort)0xFFFF : (ushort)count);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(58), many ? (ushort)64 : (ushort)0);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(60), many ? (ushort)1 : (ushort)0);
        output.Position = 0;
        output.Write(header);
        output.Flush();
    }

    private void Add(ulong address, ulong bytes, bool inFile, uint flags, bool first)
    {
        long offset = at;
        if (inFile)
            at += (long)bytes;
        if (!first && segments.Count > 0)
        {
            (ulong start, ulong memory, long from, ulong had, uint before) = segments[^1];
            if (start + memory == address && before == flags && (had != 0) == inFile)
            {
                segments[^1] = (start, memory + bytes, from, inFile ? had + bytes : 0, flags);
                return;
            }
        }
        segments.Add((address, bytes, offset, inFile ? bytes : 0, flags));
    }

    private void Segment(byte[] raw, uint type, uint flags, long offset, ulong address, ulong inFile, ulong memory, ulong align)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(raw, type);
        BinaryPrimitives.WriteUInt32LittleEndian(raw.AsSpan(4), flags);
        BinaryPrimitives.WriteInt64LittleEndian(raw.AsSpan(8), offset);
        BinaryPrimitives.WriteUInt64LittleEndian(raw.AsSpan(16), address);
        BinaryPrimitives.WriteUInt64LittleEndian(raw.AsSpan(24), 0);
        BinaryPrimitives.WriteUInt64LittleEndian(raw.AsSpan(32), inFile);
        BinaryPrimitives.WriteUInt64LittleEndian(raw.AsSpan(40), memory);
        BinaryPrimitives.WriteUInt64LittleEndian(raw.AsSpan(48), align);
        output.Write(raw);
    }
}
