using Kdump.Formats.Bytes;

namespace Kdump.Formats.Dwarf;

/// <summary>
/// A unit of .debug_info (DWARF 5, 7.5.1): its header, its abbreviations, and its entries, which are read on demand. Versions 2 to 5.
/// </summary>
internal sealed class DwarfUnit
{
    private const int HeaderBytes = 48;
    private const int RootBytes = 1024;
    private const byte Compile = 1, Partial = 3, Skeleton = 4;

    private readonly DwarfSections sections;
    private Dictionary<ulong, Abbreviation>? abbreviations;
    private byte[]? data;
    private DwarfEntry? root;
    private int first;
    private ulong abbreviationsAt;

    private DwarfUnit(DwarfSections sections, long start)
    {
        this.sections = sections;
        Start = start;
    }

    /// <summary>Offset of the unit in .debug_info.</summary>
    public long Start { get; }

    /// <summary>Length of the unit in bytes, including its header.</summary>
    public long Length { get; private set; }

    public int Version { get; private set; }

    /// <summary>Size of an offset in bytes: 4, or 8 in 64-bit DWARF.</summary>
    public int OffsetSize { get; private set; }

    public int AddressSize { get; private set; }

    /// <summary>True for a unit that may contain code; false for a type unit.</summary>
    public bool IsCode { get; private set; }

    public ulong StringOffsets => Root.StringOffsets ?? (ulong)(OffsetSize == 8 ? 16 : 8);

    public ulong RangeBase => Root.RangeBase ?? (ulong)(OffsetSize == 8 ? 20 : 12);

    /// <summary>True if the unit's own entry has been read.</summary>
    public bool HasRoot => root is not null;

    /// <summary>All bytes of the unit.</summary>
    public byte[] Data => data ??= sections.Info.Read(Start, Length, "unit");

    /// <summary>Number of bytes that the unit keeps in memory.</summary>
    public int Held => data?.Length ?? 0;

    /// <summary>The unit's own entry, which is read without the rest of the unit.</summary>
    public DwarfEntry Root
    {
        get
        {
            if (root is not null)
                return root;
            DwarfEntry entry = new();
            int count = (int)Math.Min(RootBytes, Length);
            byte[] bytes = sections.Info.Read(Start, count, "unit");
            DwarfCursor c = new(bytes, first, sections.Info.Name, Start, sections.BigEndian);
            Abbreviation form = Abbreviation.Find(sections.Abbreviations, abbreviationsAt, c.Uleb(), sections.BigEndian);
            try
            {
                Fill(bytes, form, ref c, entry);
            }
            catch (InputException) when (count < Length)
            {
                entry.Clear();
                Read(first, entry);
            }
            return root = entry;
        }
    }

    /// <summary>Reads the unit header at an offset.</summary>
    /// <exception cref="InputException">There is no valid header, or its version is unknown.</exception>
    public static DwarfUnit At(DwarfSections sections, long start)
    {
        DwarfUnit unit = new(sections, start);
        byte[] head = sections.Info.ReadUpTo(start, HeaderBytes);
        DwarfCursor c = new(head, 0, sections.Info.Name, start, sections.BigEndian);
        ulong length = c.U32();
        unit.OffsetSize = 4;
        if (length == uint.MaxValue)
        {
            length = c.Unsigned(8);
            unit.OffsetSize = 8;
        }
        if (length > (ulong)(sections.Info.Length - start - c.Position))
            throw c.Bad($"a unit of {length} bytes, of which the section does not have so many");
        unit.Length = (long)length + c.Position;
        unit.Version = c.U16();
        if (unit.Version is < 2 or > 5)
            throw c.Bad($"version {unit.Version} of DWARF is not known (2 to 5 are)");
        byte type = Compile;
        if (unit.Version >= 5)
        {
            type = c.U8();
            unit.AddressSize = c.U8();
            unit.abbreviationsAt = c.Unsigned(unit.OffsetSize);
            if (type == Skeleton)
                c.Skip(8);
        }
        else
        {
            unit.abbreviationsAt = c.Unsigned(unit.OffsetSize);
            unit.AddressSize = c.U8();
        }
        if (unit.AddressSize is not (4 or 8))
            throw c.Bad($"addresses of {unit.AddressSize} bytes");
        unit.IsCode = type is Compile or Partial or Skeleton;
        unit.first = c.Position;
        return unit;
    }

    /// <summary>Releases the bytes from memory; they are read again when needed.</summary>
    public void Forget()
    {
        data = null;
        abbreviations = null;
    }

    /// <summary>Reads the entry at an offset of the unit; false at the end of a list of children.</summary>
    public bool Read(int at, DwarfEntry entry)
    {
        byte[] bytes = Data;
        DwarfCursor c = new(bytes, at, sections.Info.Name, Start, sections.BigEndian);
        entry.Clear();
        entry.At = at;
        ulong code = c.Uleb();
        if (code == 0)
        {
            entry.Next = c.Position;
            return false;
        }
        abbreviations ??= Abbreviation.Table(sections.Abbreviations, abbreviationsAt, sections.BigEndian);
        if (!abbreviations.TryGetValue(code, out Abbreviation? form))
            throw c.Bad($"an entry of form {code}, which its table does not have");
        Fill(bytes, form, ref c, entry);
        return true;
    }

    /// <summary>Offset after an entry and all its children.</summary>
    public int Skip(DwarfEntry entry, DwarfEntry scratch)
    {
        if (!entry.HasChildren)
            return entry.Next;
        if (entry.Sibling > entry.Next)
            return entry.Sibling;
        int at = entry.Next;
        for (int depth = 1; depth > 0 && at < Data.Length;)
        {
            bool real = Read(at, scratch);
            if (real && scratch.HasChildren && scratch.Sibling > scratch.Next)
                at = scratch.Sibling;
            else
            {
                at = scratch.Next;
                if (!real)
                    depth += -1;
                else
                    depth += scratch.HasChildren ? 1 : 0;
            }
        }
        return at;
    }

    /// <summary>The address in .debug_addr at an index.</summary>
    public ulong Address(ulong index) =>
        sections.Word(sections.Addresses, unchecked((Root.AddressBase ?? 8) + index * (ulong)AddressSize), AddressSize);

    /// <summary>
    /// First address, and the address after the last one, of an entry with a single range; null for an entry with a list of ranges or
    /// without code.
    /// </summary>
    public (ulong Low, ulong High)? Bounds(DwarfEntry entry)
    {
        if ((entry.LowPc ?? (entry.LowIndex is { } low ? Address(low) : null)) is not { } start)
            return null;
        ulong? end = entry.HighPc ?? (entry.HighIndex is { } high ? Address(high) : null);
        return end is { } e ? (start, entry.HighIsLength ? unchecked(start + e) : e) : null;
    }

    /// <summary>All address ranges of an entry.</summary>
    public IEnumerable<(ulong Low, ulong High)> Code(DwarfEntry entry)
    {
        if (entry.Ranges is { } ranges)
        {
            ulong ground = Root.LowPc ?? (Root.LowIndex is { } index ? Address(index) : 0);
            return DwarfRanges.Of(sections, this, ranges, entry.RangesAreIndex, ground);
        }
        return Bounds(entry) is { } bounds ? [bounds] : [];
    }

    private void Fill(byte[] bytes, Abbreviation form, ref DwarfCursor c, DwarfEntry entry)
    {
        entry.Tag = form.Tag;
        entry.HasChildren = form.HasChildren;
        foreach ((ushort name, ushort kind, long constant) in form.Attributes)
            DwarfAttribute.Read(this, bytes, ref c, name, kind, constant, entry);
        entry.Next = c.Position;
    }
}
