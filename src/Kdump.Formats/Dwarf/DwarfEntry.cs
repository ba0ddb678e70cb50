namespace Kdump.Formats.Dwarf;

/// <summary>One entry (DIE) with the attributes that are needed. A walk reuses one object for all entries.</summary>
internal sealed class DwarfEntry
{
    public ulong Tag { get; set; }

    public bool HasChildren { get; set; }

    /// <summary>Offset of the entry in its unit.</summary>
    public int At { get; set; }

    /// <summary>Offset in the unit of the byte after the entry's attributes: its first child, or the next entry.</summary>
    public int Next { get; set; }

    /// <summary>Offset in the unit of the entry after all children; 0 if not specified (DW_AT_sibling).</summary>
    public int Sibling { get; set; }

    /// <summary>Place of the name in one of the string sections; null if the entry has no name.</summary>
    public DwarfText? Name { get; set; }

    public DwarfText? Directory { get; set; }

    public ulong? LowPc { get; set; }

    public ulong? HighPc { get; set; }

    /// <summary>True if HighPc is a length in bytes, not an address.</summary>
    public bool HighIsLength { get; set; }

    /// <summary>Index into .debug_addr of the low address, set until the unit's address base is known.</summary>
    public ulong? LowIndex { get; set; }

    public ulong? HighIndex { get; set; }

    /// <summary>Offset in the section of ranges, or an index into the unit's table of ranges.</summary>
    public ulong? Ranges { get; set; }

    public bool RangesAreIndex { get; set; }

    /// <summary>Offset in .debug_info of the entry that this one completes: DW_AT_abstract_origin or DW_AT_specification.</summary>
    public ulong? Origin { get; set; }

    public ulong? Type { get; set; }

    public ulong CallFile { get; set; }

    public ulong CallLine { get; set; }

    public ulong? Lines { get; set; }

    /// <summary>DW_AT_count, or DW_AT_upper_bound plus one.</summary>
    public ulong? Count { get; set; }

    /// <summary>The address in DW_AT_location, if it consists of a single DW_OP_addr.</summary>
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
