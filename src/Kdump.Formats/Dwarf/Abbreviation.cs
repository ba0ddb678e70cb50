using Kdump.Formats.Bytes;

namespace Kdump.Formats.Dwarf;

/// <summary>The form of an entry (DWARF 5, 7.5.3): its tag, whether it has children, and the attributes that it stores.</summary>
internal sealed record Abbreviation(ulong Tag, bool HasChildren, (ushort Name, ushort Form, long Constant)[] Attributes)
{
    private const ushort ImplicitConstant = 0x21;
    private const int MaxAttributes = 512;
    private const int MaxBytes = 1 << 20;
    private const int FirstBytes = 512;

    /// <summary>Reads all abbreviations of a table.</summary>
    public static Dictionary<ulong, Abbreviation> Table(DwarfSection section, ulong at, bool bigEndian)
    {
        Dictionary<ulong, Abbreviation> table = [];
        byte[] bytes = At(section, at, MaxBytes);
        DwarfCursor c = new(bytes, 0, section.Name, (long)at, bigEndian);
        while (Next(ref c, out ulong code) is { } entry)
            table.TryAdd(code, entry);
        return table;
    }

    /// <summary>Reads one abbreviation of a table; the table is read only up to that abbreviation.</summary>
    public static Abbreviation Find(DwarfSection section, ulong at, ulong wanted, bool bigEndian)
    {
        byte[] bytes = At(section, at, FirstBytes);
        try
        {
            DwarfCursor c = new(bytes, 0, section.Name, (long)at, bigEndian);
            while (Next(ref c, out ulong code) is { } entry)
                if (code == wanted)
                    return entry;
        }
        catch (InputException) when (bytes.Length == FirstBytes)
        {
            // The abbreviation is further down in the table.
        }
        return Table(section, at, bigEndian).GetValueOrDefault(wanted)
            ?? throw new InputException(section.Name, "abbreviation", (long)at, $"{wanted} is not in this table");
    }

    private static byte[] At(DwarfSection section, ulong at, int count) => at < (ulong)section.Length ? section.ReadUpTo((long)at, count)
        : throw new InputException(section.Name, "debug_abbrev_offset", -1, $"0x{at:x} is outside the section");

    private static Abbreviation? Next(ref DwarfCursor c, out ulong code)
    {
        code = c.Uleb();
        if (code == 0)
            return null;
        ulong tag = c.Uleb();
        bool children = c.U8() != 0;
        List<(ushort, ushort, long)> attributes = [];
        while (true)
        {
            ulong name = c.Uleb(), form = c.Uleb();
            long constant = form == ImplicitConstant ? c.Sleb() : 0;
            if (name == 0 && form == 0)
                return new Abbreviation(tag, children, [.. attributes]);
            if (name > ushort.MaxValue || form > ushort.MaxValue || attributes.Count == MaxAttributes)
                throw c.Bad($"attribute 0x{name:x} of form 0x{form:x}, or too many of them");
            attributes.Add(((ushort)name, (ushort)form, constant));
        }
    }
}
