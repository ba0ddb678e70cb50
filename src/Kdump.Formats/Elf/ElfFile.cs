using System.Text;
using Kdump.Formats.Bytes;

namespace Kdump.Formats.Elf;

/// <summary>An ELF file of either class and byte order: its header, its segments, and its sections, which are read on demand.</summary>
public sealed class ElfFile
{
    /// <summary>
    /// Maximum number of segments: a dump of 1 TiB with every other megabyte excluded has a million. The table in memory stays below 300
    /// MB.
    /// </summary>
    private const int MaxSegments = 4 * 1024 * 1024;

    /// <summary>Maximum number of sections: kernel objects built with -ffunction-sections have tens of thousands.</summary>
    private const int MaxSections = 1024 * 1024;

    private const int MaxNames = 64 * 1024 * 1024;
    private const int ChunkBytes = 128 * 1024;

    private readonly List<Damage> damages = [];

    private ElfFile(IByteSource source, ElfHeader header)
    {
        Source = source;
        Header = header;
        Segments = ReadSegments();
    }

    public IByteSource Source { get; }

    public ElfHeader Header { get; }

    public IReadOnlyList<ElfSegment> Segments { get; }

    /// <summary>Headers that were cut or invalid.</summary>
    public IReadOnlyList<Damage> Damages => damages;

    /// <exception cref="InputException">The header cannot be read.</exception>
    public static ElfFile Read(IByteSource source) => new(source, ElfHeader.Read(source));

    /// <summary>Reads the section headers and their names; empty if the file has none.</summary>
    public IReadOnlyList<ElfSection> ReadSections(ICollection<Damage> lost)
    {
        List<(ElfSection Section, uint Name)> found = [];
        foreach (ReadOnlyMemory<byte> entry in Table(Header.SectionOffset, Header.SectionSize, Math.Min(Header.SectionCount, MaxSections),
            "e_shoff", lost))
        {
            Cursor c = new(entry.Span, Source.Name, 0, Header.BigEndian);
            uint name = c.U32("sh_name");
            uint type = c.U32("sh_type");
            ulong flags = Word(ref c, "sh_flags"), address = Word(ref c, "sh_addr"), offset = Word(ref c, "sh_offset"),
                size = Word(ref c, "sh_size");
            uint link = c.U32("sh_link"), info = c.U32("sh_info");
            found.Add((new ElfSection("", type, flags, address, offset, size, link, info, Word(ref c, "sh_addralign"),
                Word(ref c, "sh_entsize")), name));
        }
        byte[] names = Header.SectionNames < found.Count && found[Header.SectionNames].Section is { Offset: <= long.MaxValue } table
            ? Source.ReadUpTo((long)table.Offset, (int)Math.Min(table.Size, MaxNames)) : [];
        return found.ConvertAll(f => f.Section with { Name = Text(names, f.Name) });
    }

    private static string Text(byte[] names, uint at)
    {
        if (at >= names.Length)
            return "";
        ReadOnlySpan<byte> rest = names.AsSpan((int)at);
        int end = rest.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? rest : rest[..end]);
    }

    private List<ElfSegment> ReadSegments()
    {
        List<ElfSegment> segments = [];
        long count = Header.SegmentCount;
        if (count > MaxSegments)
        {
            damages.Add(new Damage(Source.Name, "e_phnum", 0x38, $"{count} segments are more than {MaxSegments}; the rest is not read"));
            count = MaxSegments;
        }
        foreach (ReadOnlyMemory<byte> entry in Table(Header.SegmentOffset, Header.SegmentSize, count, "e_phoff", damages))
        {
            Cursor c = new(entry.Span, Source.Name, 0, Header.BigEndian);
            uint type = c.U32("p_type");
            uint flags = Header.Is64 ? c.U32("p_flags") : 0;
            ulong offset = Word(ref c, "p_offset"), virtualAddress = Word(ref c, "p_vaddr"), physicalAddress = Word(ref c, "p_paddr");
            ulong fileSize = Word(ref c, "p_filesz"), memorySize = Word(ref c, "p_memsz");
            if (!Header.Is64)
                flags = c.U32("p_flags");
            segments.Add(new ElfSegment(type, flags, offset, virtualAddress, physicalAddress, fileSize, memorySize,
                Word(ref c, "p_align")));
        }
        return segments;
    }

    private ulong Word(ref Cursor c, string field) => Header.Is64 ? c.U64(field) : c.U32(field);

    /// <summary>The entries of a header table, read in chunks. Entries past the end of the file are reported as one damage.</summary>
    private IEnumerable<ReadOnlyMemory<byte>> Table(long offset, int entrySize, long count, string field, ICollection<Damage> lost)
    {
        for (long done = 0; done < count;)
        {
            int want = (int)Math.Min(Math.Max(ChunkBytes / entrySize, 1), count - done);
            byte[] chunk = offset < Source.Length ? Source.ReadUpTo(offset, want * entrySize) : [];
            int whole = chunk.Length / entrySize;
            for (int i = 0; i < whole; i++)
                yield return chunk.AsMemory(i * entrySize, entrySize);
            done += whole;
            offset += (long)whole * entrySize;
            if (whole < want)
            {
                lost.Add(new Damage(Source.Name, field, offset, $"the table is cut: {count - done} of {count} headers are missing"));
                yield break;
            }
        }
    }
}
