namespace Kdump.Tests.Builders;

/// <summary>An ELF core as /proc/vmcore is one: header, program headers, notes, memory. Anything in it can be made to lie.</summary>
public sealed class ElfBuilder
{
    private readonly List<(ulong Physical, byte[] Bytes, ulong? MemorySize, ulong? Offset, ulong? FileSize)> segments = [];

    public bool Is64 { get; init; } = true;

    public bool BigEndian { get; init; }

    public ushort Type { get; init; } = 4;

    public ushort Machine { get; init; } = 62;

    public uint Flags { get; init; }

    public byte[] Notes { get; init; } = [];

    /// <summary>e_phnum 0xffff and the count in section 0.</summary>
    public bool ExtendedCount { get; init; }

    public ElfBuilder Load(ulong physical, byte[] bytes, ulong? memorySize = null, ulong? offset = null, ulong? fileSize = null)
    {
        segments.Add((physical, bytes, memorySize, offset, fileSize));
        return this;
    }

    public byte[] Build()
    {
        int headerSize = Is64 ? 64 : 52, entrySize = Is64 ? 56 : 32, sectionSize = Is64 ? 64 : 40;
        int count = segments.Count + (Notes.Length > 0 ? 1 : 0);
        ByteWriter w = new(BigEndian);
        w.Put(0, [0x7f, (byte)'E', (byte)'L', (byte)'F', (byte)(Is64 ? 2 : 1), (byte)(BigEndian ? 2 : 1), 1]);
        w.U16(16, Type);
        w.U16(18, Machine);
        w.U32(20, 1);
        int tables = headerSize + (ExtendedCount ? sectionSize : 0);
        int at = Is64 ? 32 : 28, word = Is64 ? 8 : 4;
        w.Word(at, (ulong)tables, Is64);
        w.Word(at + word, ExtendedCount ? (ulong)headerSize : 0, Is64);
        at += 2 * word;
        w.U32(at, Flags);
        w.U16(at + 4, (ushort)headerSize);
        w.U16(at + 6, (ushort)entrySize);
        w.U16(at + 8, ExtendedCount ? (ushort)0xffff : (ushort)count);
        w.U16(at + 10, (ushort)(ExtendedCount ? sectionSize : 0));
        w.U16(at + 12, (ushort)(ExtendedCount ? 1 : 0));
        if (ExtendedCount)
            w.U32(headerSize + (Is64 ? 44 : 28), (uint)count);
        int entry = tables, data = tables + count * entrySize;
        w.Pad(data);
        if (Notes.Length > 0)
        {
            Header(w, entry, 4, (ulong)data, 0, (ulong)Notes.Length, (ulong)Notes.Length);
            w.Put(data, Notes);
            entry += entrySize;
            data += Notes.Length;
        }
        foreach ((ulong physical, byte[] bytes, ulong? memorySize, ulong? offset, ulong? fileSize) in segments)
        {
            Header(w, entry, 1, offset ?? (ulong)data, physical, fileSize ?? (ulong)bytes.Length, memorySize ?? (ulong)bytes.Length);
            w.Put(data, bytes);
            entry += entrySize;
            data += bytes.Length;
        }
        return w.ToArray();
    }

    private void Header(ByteWriter w, int at, uint type, ulong offset, ulong physical, ulong fileSize, ulong memorySize)
    {
        w.U32(at, type);
        int word = Is64 ? 8 : 4;
        int fields = at + (Is64 ? 8 : 4);
        foreach (ulong value in (ulong[])[offset, 0, physical, fileSize, memorySize])
        {
            w.Word(fields, value, Is64);
            fields += word;
        }
    }
}
