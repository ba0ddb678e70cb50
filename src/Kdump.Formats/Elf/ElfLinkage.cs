using System.Text;
using Kdump.Formats.Bytes;

namespace Kdump.Formats.Elf;

/// <summary>
/// The parts of an ELF file that the dynamic linker and the module loader read (System V gABI; elf(5)): interpreter, needed libraries,
/// search paths, and the .modinfo strings of a kernel module.
/// </summary>
public sealed class ElfLinkage
{
    /// <summary>Maximum number of entries; a program does not need thousands of libraries.</summary>
    private const int MaxEntries = 4096;

    private const uint Load = 1, Dynamic = 2, Interpreter = 3, Note = 4;
    private const long NeededTag = 1, StringTable = 5, SonameTag = 14, RpathTag = 15, RunpathTag = 29;
    private const ushort Relocatable = 1;

    private ReadOnlyMemory<byte> file;
    private readonly string name;
    private readonly List<string> needed = [];
    private readonly List<DlopenNote> opens = [];
    private readonly List<string> moduleInfo = [];
    private readonly List<(ulong Address, ulong Offset, ulong Size)> loads = [];
    private bool wide;
    private bool bigEndian;

    private ElfLinkage(ReadOnlyMemory<byte> file, string name)
    {
        this.file = file;
        this.name = name;
    }

    /// <summary>EI_CLASS and e_machine; the linker ignores libraries with other values.</summary>
    public (byte Class, ushort Machine) Machine { get; private set; }

    public string? Interp { get; private set; }

    public string? Soname { get; private set; }

    public string? Rpath { get; private set; }

    public string? Runpath { get; private set; }

    public IReadOnlyList<string> Needed => needed;

    /// <summary>Libraries that the program opens while it runs, by its .note.dlopen.</summary>
    public IReadOnlyList<DlopenNote> Opens => opens;

    public bool IsDynamic { get; private set; }

    /// <summary>True for ET_REL: a kernel module or an object file.</summary>
    public bool IsRelocatable { get; private set; }

    /// <summary>The <c>name=value</c> strings of .modinfo.</summary>
    public IReadOnlyList<string> ModuleInfo => moduleInfo;

    /// <summary>Number of bytes that the program headers refer to but that are missing at the end of the file.</summary>
    public long MissingBytes { get; private set; }

    public static ElfLinkage Read(ReadOnlyMemory<byte> file, string name)
    {
        var elf = new ElfLinkage(file, name);
        elf.Parse();
        // The result does not refer to the file's buffer, so the file can be released.
        elf.file = default;
        return elf;
    }

    /// <summary>All values of one .modinfo key.</summary>
    public IEnumerable<string> Info(string key) =>
        moduleInfo.Where(i => i.Length > key.Length && i[key.Length] == '=' && i.StartsWith(key, StringComparison.Ordinal))
            .Select(i => i[(key.Length + 1)..]);

    private void Parse()
    {
        var c = new Cursor(file.Span, name);
        if (c.U8("e_ident") != 0x7f || !c.Bytes(3, "e_ident").SequenceEqual("ELF"u8))
            throw c.Bad("e_ident", "is not ELF");
        byte elfClass = c.U8("EI_CLASS"), data = c.U8("EI_DATA");
        if (elfClass is not (1 or 2) || data is not (1 or 2))
            throw c.Bad("EI_CLASS", $"class {elfClass}, data {data}");
        wide = elfClass == 2;
        bigEndian = data == 2;
        c = At(16);
        ushort type = c.U16("e_type"), machine = c.U16("e_machine");
        Machine = (elfClass, machine);
        IsRelocatable = type == Relocatable;
        c.Skip(4, "e_version");
        Word(ref c, "e_entry");
        ulong programs = Word(ref c, "e_phoff"), sections = Word(ref c, "e_shoff");
        c.Skip(4 + 2, "e_flags");
        int programSize = c.U16("e_phentsize"), programCount = c.U16("e_phnum"), sectionSize = c.U16("e_shentsize"),
            sectionCount = c.U16("e_shnum"), names = c.U16("e_shstrndx");
        if (IsRelocatable)
            ReadModuleInfo(sections, sectionSize, sectionCount, names);
        else
            ReadPrograms(programs, programSize, programCount);
    }

    private void ReadPrograms(ulong at, int size, int count)
    {
        (ulong Offset, ulong Size)? dynamic = null;
        for (int i = 0; i < count; i++)
        {
            Cursor c = At(Plus(at, (ulong)i * (ulong)size));
            uint type = c.U32("p_type");
            if (wide)
                c.U32("p_flags");
            ulong offset = Word(ref c, "p_offset"), address = Word(ref c, "p_vaddr");
            Word(ref c, "p_paddr");
            ulong length = Word(ref c, "p_filesz");
            if (type == Load)
            {
                loads.Add((address, offset, length));
                ulong end = unchecked(offset + length);
                if (end < offset || end > (ulong)file.Length)
                    MissingBytes = Math.Max(MissingBytes, end < offset ? long.MaxValue
                        : (long)Math.Min(end - (ulong)file.Length, (ulong)long.MaxValue));
            }
            else if (type == Interpreter)
                Interp = Text(offset, "PT_INTERP");
            else if (type == Dynamic)
                dynamic = (offset, length);
            else if (type == Note && !bigEndian && offset <= (ulong)file.Length)
                DlopenNote.Read(file.Span[(int)offset..(int)Math.Min((ulong)file.Length, Plus(offset, length))], opens);
        }
        if (dynamic is { } d)
            ReadDynamic(d.Offset, d.Size);
    }

    private void ReadDynamic(ulong at, ulong size)
    {
        IsDynamic = true;
        Cursor c = At(at);
        var strings = new List<(long Tag, ulong Value)>();
        ulong? table = null;
        int each = wide ? 16 : 8;
        for (ulong done = 0; done + (ulong)each <= size && strings.Count < MaxEntries; done += (ulong)each)
        {
            long tag = unchecked((long)Word(ref c, "d_tag"));
            ulong value = Word(ref c, "d_un");
            if (tag == 0)
                break;
            if (tag == StringTable)
                table = value;
            else if (tag is NeededTag or SonameTag or RpathTag or RunpathTag)
                strings.Add((tag, value));
        }
        if (table is not { } address || FileOffset(address) is not { } start)
        {
            if (strings.Count > 0)
                throw new InputException(name, "DT_STRTAB", (long)Math.Min(at, (ulong)long.MaxValue),
                    "the dynamic section has no string table in the file");
            return;
        }
        foreach ((long tag, ulong value) in strings)
        {
            string text = Text(Plus(start, value), "DT_NEEDED");
            switch (tag)
            {
                case NeededTag: needed.Add(text); break;
                case SonameTag: Soname = text; break;
                case RpathTag: Rpath = text; break;
                default: Runpath = text; break;
            }
        }
    }

    private void ReadModuleInfo(ulong at, int size, int count, int names)
    {
        if (count == 0 || names >= count)
            return;
        (ulong nameTable, _) = Section(at, size, names, out _);
        for (int i = 0; i < count; i++)
        {
            (ulong offset, ulong length) = Section(at, size, i, out uint nameOffset);
            if (Text(Plus(nameTable, nameOffset), "sh_name") != ".modinfo" || length > 1 << 20)
                continue;
            Cursor c = At(offset);
            ReadOnlySpan<byte> bytes = c.Bytes((int)length, ".modinfo");
            foreach (Range r in bytes.Split((byte)0))
            {
                if (bytes[r].Length > 0)
                    moduleInfo.Add(Encoding.UTF8.GetString(bytes[r]));
            }
            return;
        }
    }

    private (ulong Offset, ulong Size) Section(ulong at, int size, int index, out uint nameOffset)
    {
        Cursor c = At(Plus(at, (ulong)index * (ulong)size));
        nameOffset = c.U32("sh_name");
        c.U32("sh_type");
        Word(ref c, "sh_flags");
        Word(ref c, "sh_addr");
        return (Word(ref c, "sh_offset"), Word(ref c, "sh_size"));
    }

    private ulong? FileOffset(ulong address)
    {
        foreach ((ulong start, ulong offset, ulong size) in loads)
        {
            if (address >= start && address - start < size)
                return unchecked(offset + (address - start));
        }
        return null;
    }

    private Cursor At(ulong offset) => offset <= (ulong)file.Length
        ? new Cursor(file.Span[(int)offset..], name, (long)offset, bigEndian)
        : throw new InputException(name, "ELF", (long)Math.Min(offset, (ulong)long.MaxValue),
            $"is beyond the end of the file ({file.Length} bytes)");

    private ulong Plus(ulong a, ulong b) =>
        unchecked(a + b) is var sum && sum >= a ? sum : throw new InputException(name, "ELF", -1, "an offset overflows");

    private ulong Word(ref Cursor c, string field) => wide ? c.U64(field) : c.U32(field);

    private string Text(ulong offset, string field)
    {
        if (offset >= (ulong)file.Length)
            throw new InputException(name, field, (long)Math.Min(offset, (ulong)long.MaxValue),
                $"is beyond the end of the file ({file.Length} bytes)");
        ReadOnlySpan<byte> rest = file.Span[(int)offset..];
        int end = rest.IndexOf((byte)0);
        if (end < 0 || end > 4096)
            throw new InputException(name, field, (long)offset, "has no end");
        return Encoding.UTF8.GetString(rest[..end]);
    }
}
