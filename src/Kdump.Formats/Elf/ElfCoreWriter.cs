using System.Buffers.Binary;

namespace Kdump.Formats.Elf;

/// <summary>
/// Writes a 64-bit little-endian ELF core (ET_CORE): pages first, then notes and program headers, so that nothing needs to be known before
/// it is written. Pages that are missing are segments without file contents: who reads the core sees that they are not there. More than
/// 65,534 segments are counted in section 0 (PN_XNUM, elf(5)).
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

    /// <param name="output">Seekable and empty; what is skipped in it reads as zeros.</param>
    /// <param name="machine">EM_*.</param>
    public ElfCoreWriter(Stream output, ushort machine)
    {
        this.output = output;
        this.machine = machine;
    }

    public int Segments => segments.Count;

    /// <summary>A page of memory with its contents.</summary>
    /// <param name="flags">PF_X 1, PF_W 2, PF_R 4.</param>
    /// <param name="first">It begins a range of its own.</param>
    public void Write(ulong address, ReadOnlySpan<byte> page, uint flags, bool first)
    {
        output.Position = at;
        output.Write(page);
        Add(address, (ulong)page.Length, inFile: true, flags, first);
    }

    /// <summary>Memory that is known to be zero; it takes no room on disk where the file system has holes.</summary>
    public void Zero(ulong address, ulong bytes, uint flags, bool first) => Add(address, bytes, inFile: true, flags, first);

    /// <summary>Memory whose contents are not known.</summary>
    public void Hole(ulong address, ulong bytes, uint flags, bool first) => Add(address, bytes, inFile: false, flags, first);

    /// <summary>Writes notes and headers; the core is then whole.</summary>
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
