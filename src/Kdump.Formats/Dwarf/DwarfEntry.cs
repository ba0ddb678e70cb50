namespace Kdump.Formats.Dwarf;

/// <summary>One entry (DIE) with the attributes that are looked at. One object is filled again and again on a walk.</summary>
internal sealed class DwarfEntry
{
    public ulong Tag { get; set; }

    public bool HasChildren { get; set; }

    /// <summary>Offset in its unit.</summary>
    public int At { get; set; }

    /// <summary>Offset behind its attributes: its first child, or what follows it.</summary>
    public int Next { get; set; }

    /// <summary>Offset of the entry after its children; 0 where it is not said.</summary>
    public int Sibling { get; set; }

    /// <summary>A place in one of the sections of texts; null where there is no name.</summary>
    public DwarfText? Name { get; set; }

    public DwarfText? Directory { get; set; }

    public ulong? LowPc { get; set; }

    public ulong? HighPc { get; set; }

    /// <summary>HighPc is a length, not an address.</summary>
    public bool HighIsLength { get; set; }

    /// <summary>An index into .debug_addr, until the base of the unit is known.</summary>
    public ulong? LowIndex { get; set; }

    public ulong? HighIndex { get; set; }

    /// <summary>An offset into the section of ranges, or an index into the unit's own.</summary>
    public ulong? Ranges { get; set; }

    public bool RangesAreIndex { get; set; }

    /// <summary>Offset in .debug_info of what this is an instance of: DW_AT_abstract_origin or DW_AT_specification.</summary>
    public ulong? Origin { get; set; }

    public ulong? Type { get; set; }

    public ulong CallFile { get; set; }

    public ulong CallLine { get; set; }

    public ulong? Lines { get; set; }

    /// <summary>DW_AT_count, or DW_AT_upper_bound and one.</summary>
    public ulong? Count { get; set; }

    /// <summary>An address that DW_AT_location gives with nothing else (DW_OP_addr).</summary>
    public ulong? Address { get; set; }

    public bool IsDeclaration { get; set; }

    public ulong? StringOffsets { get; set; }

    public ulong? AddressBase { get; set; }

    public ulong? RangeBase { get; set; }

    public void Clear()
    {
        Tag = 0;
        HasChildren = HighIsLength = RangesAreIndex = IsDeclaration = false;
        At = Next = Sibling = 0;
        Name = Directory = null;
        LowPc = HighPc = LowIndex = HighIndex = Ranges = Origin = Type = Lines = Count = Address = null;
        CallFile = CallLine = 0;
        StringOffsets = AddressBase = RangeBase = null;
    }
}
