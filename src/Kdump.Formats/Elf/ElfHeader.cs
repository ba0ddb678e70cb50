using Kdump.Formats.Bytes;

namespace Kdump.Formats.Elf;

/// <summary>
/// The ELF header (elf.h: Elf32_Ehdr, Elf64_Ehdr). <see cref="SegmentCount"/> is the real number: a dump may have more than 65534 program
/// headers; then <c>e_phnum</c> is 0xffff (PN_XNUM) and <c>sh_info</c> of section 0 contains the number.
/// </summary>
public sealed record ElfHeader(
    bool Is64, bool BigEndian, ushort Type, ushort Machine, uint Flags, long SegmentOffset, int SegmentSize, long SegmentCount,
    long SectionOffset, int SectionSize, long SectionCount, int SectionNames)
{
    public const ushort Relocatable = 1;
    public const ushort Executable = 2;
    public const ushort SharedObject = 3;
    public const ushort Core = 4;

    private const int Size32 = 52;
    private const int Size64 = 64;
    private const int ExtendedCount = 0xffff;

    public static bool Recognizes(ReadOnlySpan<byte> head) => head.StartsWith("\u007fELF"u8);

    /// <exception cref="InputException">There is no ELF header, or one of its fields is invalid.</exception>
    public static ElfHeader Read(IByteSource source)
    {
        byte[] head = source.ReadUpTo(0, Size64);
        Cursor c = new(head, source.Name);
        if (!Recognizes(c.Bytes(4, "e_ident")))
            throw c.Bad("e_ident", "not an ELF file");
        byte kind = c.U8("e_ident[EI_CLASS]");
        if (kind is not (1 or 2))
            throw c.Bad("e_ident[EI_CLASS]", $"{kind} is neither 32-bit (1) nor 64-bit (2)");
        byte order = c.U8("e_ident[EI_DATA]");
        if (order is not (1 or 2))
            throw c.Bad("e_ident[EI_DATA]", $"{order} is neither little-endian (1) nor big-endian (2)");
        return ReadRest(source, head, is64: kind == 2, bigEndian: order == 2);
    }

    private static ElfHeader ReadRest(IByteSource source, byte[] head, bool is64, bool bigEndian)
    {
        Cursor c = new(head.AsSpan(0, Math.Min(head.Length, is64 ? Size64 : Size32)), source.Name, 0, bigEndian);
        c.Skip(16, "e_ident");
        ushort type = c.U16("e_type");
        ushort machine = c.U16("e_machine");
        c.Skip(4, "e_version");
        c.Skip(is64 ? 8 : 4, "e_entry");
        long segments = is64 ? c.Offset64("e_phoff") : c.U32("e_phoff");
        long sections = is64 ? c.Offset64("e_shoff") : c.U32("e_shoff");
        uint flags = c.U32("e_flags");
        c.Skip(2, "e_ehsize");
        int segmentSize = c.U16("e_phentsize");
        long segmentCount = c.U16("e_phnum");
        if (segmentCount > 0 && segmentSize < (is64 ? 56 : 32))
            throw c.Bad("e_phentsize", $"{segmentSize} is smaller than a program header");
        int sectionSize = c.U16("e_shentsize");
        long sectionCount = c.U16("e_shnum");
        int names = c.U16("e_shstrndx");
        bool hasSections = sections > 0 && sectionSize >= (is64 ? 64 : 40);
        if (hasSections && (segmentCount == ExtendedCount || sectionCount == 0 || names == ExtendedCount))
            (segmentCount, sectionCount, names) = Extended(source, sections, is64, bigEndian, segmentCount, sectionCount, names);
        return new ElfHeader(is64, bigEndian, type, machine, flags, segments, segmentSize, segmentCount,
            sections, sectionSize, hasSections ? sectionCount : 0, names);
    }

    private static (long Segments, long Sections, int Names) Extended(
        IByteSource source, long offset, bool is64, bool bigEndian, long segments, long sections, int names)
    {
        byte[] first = source.ReadUpTo(offset, is64 ? 64 : 40);
        if (first.Length < (is64 ? 64 : 40))
            return segments == ExtendedCount ? throw new InputException(source.Name, "section[0].sh_info", offset,
                "e_phnum refers here for the number of segments, but the file is truncated before it") : (segments, 0, 0);
        Cursor c = new(first, source.Name, offset, bigEndian);
        c.Skip(is64 ? 32 : 20, "section[0]");
        ulong size = is64 ? c.U64("section[0].sh_size") : c.U32("section[0].sh_size");
        uint link = c.U32("section[0].sh_link");
        uint info = c.U32("section[0].sh_info");
        return (segments == ExtendedCount ? info : segments,
            sections == 0 ? (long)Math.Min(size, uint.MaxValue) : sections,
            names == ExtendedCount ? (int)Math.Min(link, int.MaxValue) : names);
    }
}
