using System.Text;
using ELFSharp.ELF;
using ELFSharp.ELF.Sections;
using Kdump.Formats.Bytes;
using Kdump.Formats.Elf;

namespace Kdump.Formats.Dwarf;

/// <summary>
/// A vmlinux that somebody has: its build id, symbols and debugging information. ELFSharp reads sections and symbols; it believes what a
/// header says of sizes, so headers are held against the file first.
/// </summary>
public sealed class DebugFile : IDisposable
{
    private const uint BuildIdNote = 3;
    private const ulong Compressed = 0x800;
    private const int MaxNotes = 1 << 20;

    private readonly FileSource source;
    private readonly IReadOnlyList<ElfSection> headers;
    private readonly Lazy<Dictionary<string, ulong>> symbols;

    private DebugFile(string path, FileSource source)
    {
        Path = path;
        this.source = source;
        ElfFile file = ElfFile.Read(source);
        Header = file.Header;
        List<Damage> lost = [];
        headers = file.ReadSections(lost);
        foreach (ElfSection section in headers)
            if (section.Type != ElfSection.NoBits && (section.Offset > (ulong)source.Length ||
                section.Size > (ulong)source.Length - section.Offset))
                throw new InputException(path, section.Name.Length > 0 ? section.Name : "section", -1,
                    "reaches past the end of the file: it is cut");
        if (lost.Count > 0 || headers.Count == 0)
            throw new InputException(path, "e_shoff", -1, lost.Count > 0 ? lost[0].Reason
                : "it has no sections: neither symbols nor debugging information");
        BuildId = ReadBuildId();
        symbols = new(ReadSymbols);
        Info = new DebugInfo(new DwarfSections(Section, Header.BigEndian));
    }

    public string Path { get; }

    public ElfHeader Header { get; }

    /// <summary>In hexadecimal; null where it has none.</summary>
    public string? BuildId { get; }

    public DebugInfo Info { get; }

    /// <exception cref="InputException">It is no ELF file, is cut, or is packed.</exception>
    public static DebugFile Open(string path)
    {
        FileSource source = FileSource.Open(path);
        try
        {
            byte[] head = source.ReadUpTo(0, Compression.StreamCodecs.MagicBytes);
            if (!ElfHeader.Recognizes(head) && Compression.StreamCodecs.OfFile(head) is { } codec)
                throw new InputException(path, "file", 0, $"is packed with {codec.Name}: unpack it first");
            return new DebugFile(path, source);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>The address that a symbol was linked to; null where the file does not have it.</summary>
    /// <exception cref="InputException">The symbols cannot be read.</exception>
    public ulong? Symbol(string name) => symbols.Value.TryGetValue(name, out ulong address) ? address : null;

    /// <summary>The text that the file has at an address, up to a zero byte; null where it has none.</summary>
    public string? TextAt(ulong address, int most)
    {
        foreach (ElfSection section in headers)
            if (section.Type != ElfSection.NoBits && address >= section.Address && address - section.Address < section.Size &&
                section.Address != 0)
            {
                byte[] bytes = source.ReadUpTo((long)(section.Offset + (address - section.Address)), most);
                int end = bytes.AsSpan().IndexOf((byte)0);
                return end < 0 ? null : Encoding.UTF8.GetString(bytes, 0, end);
            }
        return null;
    }

    public void Dispose() => source.Dispose();

    private DwarfSection Section(string name)
    {
        foreach (ElfSection section in headers)
            if (section.Name == name && section.Type != ElfSection.NoBits)
            {
                if ((section.Flags & Compressed) != 0)
                    throw new InputException(Path, name, -1, "is compressed: objcopy --decompress-debug-sections unpacks it");
                return new DwarfSection(source, name, (long)section.Offset, (long)section.Size);
            }
        return new DwarfSection(source, name, source.Length, 0);
    }

    private string? ReadBuildId()
    {
        foreach (ElfSection section in headers)
        {
            if (section.Type != ElfSection.Notes)
                continue;
            List<Damage> ignored = [];
            byte[] notes = source.ReadUpTo((long)section.Offset, (int)Math.Min(section.Size, MaxNotes));
            foreach (ElfNote note in ElfNotes.Read(notes, Path, Header.BigEndian, ignored))
                if (note is { Name: "GNU", Type: BuildIdNote })
                    return Convert.ToHexStringLower(note.Description.Span);
        }
        return null;
    }

    private Dictionary<string, ulong> ReadSymbols()
    {
        Dictionary<string, ulong> all = new(StringComparer.Ordinal);
        try
        {
            using IELF elf = ELFReader.Load(Path);
            foreach (ISymbolTable table in elf.Sections.OfType<ISymbolTable>())
                foreach (ISymbolEntry entry in table.Entries)
                    if (entry is SymbolEntry<ulong> { Name.Length: > 0 } symbol)
                        all.TryAdd(symbol.Name, symbol.Value);
        }
        // ELFSharp has no error of its own: a damaged table ends in whichever of .NET's it comes upon.
        catch (Exception e) when (e is not InputException)
        {
            throw new InputException(Path, "symbols", -1, $"cannot be read ({e.GetType().Name})", e);
        }
        return all;
    }
}
