using System.Text;
using Kdump.Formats.Bytes;

namespace Kdump.Formats.Dwarf;

/// <summary>The sections of one file's debugging information. Those that a file does not have are empty.</summary>
internal sealed class DwarfSections
{
    private readonly Func<string, DwarfSection> open;

    /// <param name="open">A section by its name (".debug_info"); empty where there is none.</param>
    public DwarfSections(Func<string, DwarfSection> open, bool bigEndian)
    {
        this.open = open;
        BigEndian = bigEndian;
        Info = open(".debug_info");
        Abbreviations = open(".debug_abbrev");
        Lines = open(".debug_line");
        Strings = open(".debug_str");
        LineStrings = open(".debug_line_str");
        StringOffsets = open(".debug_str_offsets");
        Addresses = open(".debug_addr");
        Ranges = open(".debug_ranges");
        RangeLists = open(".debug_rnglists");
        AddressTable = open(".debug_aranges");
    }

    public bool BigEndian { get; }

    public DwarfSection Info { get; }

    public DwarfSection Abbreviations { get; }

    public DwarfSection Lines { get; }

    public DwarfSection Strings { get; }

    public DwarfSection LineStrings { get; }

    public DwarfSection StringOffsets { get; }

    public DwarfSection Addresses { get; }

    /// <summary>Ranges up to DWARF 4.</summary>
    public DwarfSection Ranges { get; }

    /// <summary>Ranges of DWARF 5.</summary>
    public DwarfSection RangeLists { get; }

    /// <summary>Which unit has which code.</summary>
    public DwarfSection AddressTable { get; }

    public DwarfSection Open(string name) => open(name);

    /// <summary>A number of a table of equal ones.</summary>
    public ulong Word(DwarfSection table, ulong at, int size)
    {
        if (at >= (ulong)table.Length)
            throw new InputException(table.Name, "index", -1, $"0x{at:x} is outside the section");
        DwarfCursor c = new(table.ReadUpTo((long)at, size), 0, table.Name, (long)at, BigEndian);
        return c.Unsigned(size);
    }

    public string Text(DwarfText text, DwarfUnit unit)
    {
        switch (text.Place)
        {
            case DwarfTextPlace.Inline:
                ReadOnlySpan<byte> rest = unit.Data.AsSpan((int)text.Offset);
                int end = rest.IndexOf((byte)0);
                return Encoding.UTF8.GetString(end < 0 ? rest : rest[..end]);
            case DwarfTextPlace.LineStrings: return LineStrings.Text(text.Offset);
            case DwarfTextPlace.Indexed:
                ulong at = unchecked(unit.StringOffsets + text.Offset * (ulong)unit.OffsetSize);
                return Strings.Text(Word(StringOffsets, at, unit.OffsetSize));
            default: return Strings.Text(text.Offset);
        }
    }
}
