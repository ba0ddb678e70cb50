using System.Buffers.Binary;
using System.Text;
using Kdump.Formats.Bytes;

namespace Kdump.Formats.Elf;

/// <summary>
/// The symbol table of a 64-bit ELF file (elf.h: Elf64_Sym). A kernel's has hundreds of thousands: names become texts only when they are
/// asked for.
/// </summary>
public sealed class ElfSymbols
{
    private const uint SymbolTable = 2;
    private const int EntryBytes = 24;

    /// <summary>vmlinux of a distribution: 10 MB each.</summary>
    private const ulong MaxBytes = 256 << 20;

    private readonly byte[] entries;
    private readonly byte[] names;
    private readonly bool bigEndian;

    private ElfSymbols(byte[] entries, byte[] names, bool bigEndian)
    {
        this.entries = entries;
        this.names = names;
        this.bigEndian = bigEndian;
    }

    public int Count => entries.Length / EntryBytes;

    public ElfSymbol this[int i]
    {
        get
        {
            ReadOnlySpan<byte> entry = entries.AsSpan(i * EntryBytes, EntryBytes);
            return bigEndian
                ? new(BinaryPrimitives.ReadUInt32BigEndian(entry), (byte)(entry[4] & 0xf), BinaryPrimitives.ReadUInt16BigEndian(entry[6..]),
                    BinaryPrimitives.ReadUInt64BigEndian(entry[8..]))
                : new(BinaryPrimitives.ReadUInt32LittleEndian(entry), (byte)(entry[4] & 0xf),
                    BinaryPrimitives.ReadUInt16LittleEndian(entry[6..]), BinaryPrimitives.ReadUInt64LittleEndian(entry[8..]));
        }
    }

    /// <summary>Without symbols where the file has no table of them.</summary>
    /// <exception cref="InputException">The table, or that of its names, is larger than any kernel's or cannot be read.</exception>
    public static ElfSymbols Read(IByteSource source, ElfHeader header, IReadOnlyList<ElfSection> sections)
    {
        foreach (ElfSection section in sections)
            if (section.Type == SymbolTable && header.Is64 && section.Link < sections.Count)
                return new(Bytes(source, section, "symbols"), Bytes(source, sections[(int)section.Link], "names of symbols"),
                    header.BigEndian);
        return new([], [], header.BigEndian);
    }

    public string Name(ElfSymbol symbol)
    {
        if (symbol.NameAt >= names.Length)
            return "";
        ReadOnlySpan<byte> rest = names.AsSpan((int)symbol.NameAt);
        int end = rest.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? rest : rest[..end]);
    }

    /// <summary>The first symbol of a name that is defined in the file.</summary>
    public ElfSymbol? Find(string name)
    {
        byte[] wanted = Encoding.UTF8.GetBytes(name + '\0');
        HashSet<uint> places = [];
        // A name may be the end of a longer one, and stand several times.
        for (int at = 0; names.AsSpan(at).IndexOf(wanted) is >= 0 and int hit; at += hit + 1)
            places.Add((uint)(at + hit));
        for (int i = 0; i < Count && places.Count > 0; i++)
            if (this[i] is { Section: not 0 } symbol && places.Contains(symbol.NameAt))
                return symbol;
        return null;
    }

    private static byte[] Bytes(IByteSource source, ElfSection section, string what) => section.Size <= MaxBytes
        ? source.ReadBytes((long)Math.Min(section.Offset, long.MaxValue), (int)section.Size, what)
        : throw new InputException(source.Name, what, (long)Math.Min(section.Offset, long.MaxValue),
            $"{section.Size} bytes are more than {MaxBytes}");
}

/// <summary>A symbol of an ELF file.</summary>
/// <param name="NameAt">Where its name stands in the table's names.</param>
/// <param name="Type">STT_FUNC 2, STT_OBJECT 1, STT_SECTION 3, STT_NOTYPE 0.</param>
/// <param name="Section">Index of its section; 0 where it is not defined here, 0xfff1 where its value is no address.</param>
/// <param name="Value">In a relocatable file the offset in its section.</param>
public readonly record struct ElfSymbol(uint NameAt, byte Type, ushort Section, ulong Value);
