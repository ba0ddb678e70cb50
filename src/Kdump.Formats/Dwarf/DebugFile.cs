using System.Text;
using Kdump.Formats.Archives;
using Kdump.Formats.Bytes;
using Kdump.Formats.Elf;

namespace Kdump.Formats.Dwarf;

/// <summary>
/// A vmlinux or a module's file that somebody has: its build id, symbols and debugging information. Headers are held against the file
/// first.
/// </summary>
public sealed class DebugFile : IDisposable
{
    private const uint BuildIdNote = 3;
    private const int MaxNotes = 1 << 20;

    /// <summary>The largest module's debugging information (amdgpu) is below 200 MB.</summary>
    private const ulong MaxModule = 1 << 30;

    private readonly FileSource source;
    private readonly IReadOnlyList<ElfSection> headers;
    private readonly Lazy<ElfSymbols> symbols;
    private readonly Lazy<DebugInfo> info;
    private readonly ulong[] addresses;

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
        symbols = new(() => ElfSymbols.Read(source, Header, headers));
        info = new(() => new DebugInfo(new DwarfSections(Section, Header.BigEndian)));
        addresses = new ulong[headers.Count];
    }

    public string Path { get; }

    public ElfHeader Header { get; }

    /// <summary>In hexadecimal; null where it has none.</summary>
    public string? BuildId { get; }

    /// <summary>A module's, whose sections lie where the kernel that loaded it put them: <see cref="Load"/> tells.</summary>
    public bool IsRelocatable => Header.Type == ElfHeader.Relocatable;

    public IReadOnlyList<ElfSection> Sections => headers;

    /// <exception cref="InputException">The symbols cannot be read.</exception>
    public ElfSymbols Symbols => symbols.Value;

    /// <summary>It was not stripped. Does not open <see cref="Info"/>.</summary>
    public bool HasInfo => headers.Any(h => h is { Name: ".debug_info", Type: not ElfSection.NoBits, Size: > 0 });

    public DebugInfo Info => info.Value;

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
    public ulong? Symbol(string name) => Symbols.Find(name)?.Value;

    /// <summary>Where a section of a relocatable file lies in memory. To be told before <see cref="Info"/> is asked.</summary>
    public void Load(int section, ulong address) => addresses[section] = address;

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
        for (int i = 0; i < headers.Count; i++)
            if (headers[i] is { Type: not ElfSection.NoBits } section && section.Name == name)
            {
                bool compressed = (section.Flags & CompressedSection.Flag) != 0;
                return IsRelocatable || compressed ? InMemory(i, section, compressed)
                    : new DwarfSection(source, name, (long)section.Offset, (long)section.Size);
            }
        return new DwarfSection(source, name, source.Length, 0);
    }

    private DwarfSection InMemory(int index, ElfSection section, bool compressed)
    {
        if (section.Size > MaxModule)
            throw new InputException(Path, section.Name, (long)section.Offset, $"{section.Size} bytes are more than {MaxModule}");
        byte[] bytes = compressed ? CompressedSection.Read(source, Header, section)
            : source.ReadBytes((long)section.Offset, (int)section.Size, section.Name);
        if (IsRelocatable)
            ElfRelocations.Apply(source, Header, headers, index, Symbols, addresses, bytes);
        return new DwarfSection(new MemorySource(Path, bytes), section.Name, 0, bytes.Length);
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
}
