namespace Kdump.Formats.Dwarf;

/// <summary>Reads one attribute of an entry by its form (DWARF 5, 7.5.6); attributes that are not needed are skipped.</summary>
internal static class DwarfAttribute
{
    private const ushort Sibling = 0x01, Location = 0x02, Name = 0x03, StatementList = 0x10, LowPc = 0x11, HighPc = 0x12,
        CompileDirectory = 0x1b,
        UpperBound = 0x2f, AbstractOrigin = 0x31, CountOf = 0x37, Declaration = 0x3c, Specification = 0x47, Type = 0x49, Ranges = 0x55,
        CallFile = 0x58, CallLine = 0x59, StringOffsetsBase = 0x72, AddressBase = 0x73, RangeListsBase = 0x74;

    private const byte OpAddress = 0x03, OpAddressIndex = 0xa1;

    /// <summary>Kind of value that a form stores.</summary>
    private enum Kind : byte
    {
        Constant, Address, AddressIndex, UnitReference, InfoReference, Text, Block, Nothing, RangeIndex,
    }

    public static void Read(DwarfUnit unit, byte[] bytes, ref DwarfCursor c, ushort name, ushort form, long constant, DwarfEntry into)
    {
        ulong value = 0;
        DwarfTextPlace place = DwarfTextPlace.Inline;
        int from = c.Position;
        Kind kind = Kind.Constant;
        // DW_FORM_indirect stores the form first.
        for (int turns = 0; form == 0x16; turns++)
        {
            ulong real = c.Uleb();
            if (turns > 4 || real > ushort.MaxValue)
                throw c.Bad("a form within a form without an end");
            form = (ushort)real;
            from = c.Position;
        }
        switch (form)
        {
            case 0x01: kind = Kind.Address; value = c.Unsigned(unit.AddressSize); break;
            case 0x03: kind = Kind.Block; value = c.Unsigned(2); from = c.Position; c.Skip(value); break;
            case 0x04: kind = Kind.Block; value = c.Unsigned(4); from = c.Position; c.Skip(value); break;
            case 0x09 or 0x18: kind = Kind.Block; value = c.Uleb(); from = c.Position; c.Skip(value); break;
            case 0x0a: kind = Kind.Block; value = c.Unsigned(1); from = c.Position; c.Skip(value); break;
            case 0x05: value = c.Unsigned(2); break;
            case 0x06: value = c.Unsigned(4); break;
            case 0x07: value = c.Unsigned(8); break;
            case 0x08: kind = Kind.Text; value = (ulong)from; c.Text(); break;
            case 0x0b or 0x0c: value = c.Unsigned(1); break;
            case 0x0d: value = unchecked((ulong)c.Sleb()); break;
            case 0x0e: kind = Kind.Text; place = DwarfTextPlace.Strings; value = c.Unsigned(unit.OffsetSize); break;
            case 0x1f: kind = Kind.Text; place = DwarfTextPlace.LineStrings; value = c.Unsigned(unit.OffsetSize); break;
            case 0x0f: value = c.Uleb(); break;
            case 0x10: kind = Kind.InfoReference; value = c.Unsigned(unit.Version == 2 ? unit.AddressSize : unit.OffsetSize); break;
            case 0x11: kind = Kind.UnitReference; value = c.Unsigned(1); break;
            case 0x12: kind = Kind.UnitReference; value = c.Unsigned(2); break;
            case 0x13: kind = Kind.UnitReference; value = c.Unsigned(4); break;
            case 0x14: kind = Kind.UnitReference; value = c.Unsigned(8); break;
            case 0x15: kind = Kind.UnitReference; value = c.Uleb(); break;
            case 0x17: value = c.Unsigned(unit.OffsetSize); break;
            case 0x19: value = 1; break;
            case 0x1a: kind = Kind.Text; place = DwarfTextPlace.Indexed; value = c.Uleb(); break;
            case 0x1b: kind = Kind.AddressIndex; value = c.Uleb(); break;
            case 0x1e: kind = Kind.Nothing; c.Skip(16); break;
            case 0x21: value = unchecked((ulong)constant); break;
            case 0x22: kind = Kind.Nothing; c.Uleb(); break;
            case 0x23: kind = Kind.RangeIndex; value = c.Uleb(); break;
            case >= 0x25 and <= 0x28: kind = Kind.Text; place = DwarfTextPlace.Indexed; value = c.Unsigned(form - 0x24); break;
            case >= 0x29 and <= 0x2c: kind = Kind.AddressIndex; value = c.Unsigned(form - 0x28); break;
            // References into another file (supplementary file, dwz) or to a type unit.
            case 0x1c: kind = Kind.Nothing; c.Skip(4); break;
            case 0x20 or 0x24: kind = Kind.Nothing; c.Skip(8); break;
            case 0x1d or 0x1f20 or 0x1f21: kind = Kind.Nothing; c.Skip((ulong)unit.OffsetSize); break;
            default: throw c.Bad($"an attribute of form 0x{form:x}, which is not known");
        }
        Store(unit, bytes, name, kind, value, place, from, into);
    }

    private static void Store(DwarfUnit unit, byte[] bytes, ushort name, Kind kind, ulong value, DwarfTextPlace place, int from,
        DwarfEntry into)
    {
        switch (name)
        {
            case Sibling when kind == Kind.UnitReference: into.Sibling = value <= (ulong)bytes.Length ? (int)value : 0; break;
            case Name when kind == Kind.Text: into.Name = new DwarfText(place, value); break;
            case CompileDirectory when kind == Kind.Text: into.Directory = new DwarfText(place, value); break;
            case StatementList: into.Lines = value; break;
            case LowPc when kind == Kind.Address: into.LowPc = value; break;
            case LowPc when kind == Kind.AddressIndex: into.LowIndex = value; break;
            case HighPc when kind == Kind.AddressIndex: into.HighIndex = value; break;
            case HighPc: into.HighPc = value; into.HighIsLength = kind != Kind.Address; break;
            case Ranges: into.Ranges = value; into.RangesAreIndex = kind == Kind.RangeIndex; break;
            case AbstractOrigin or Specification: into.Origin = Reference(unit, kind, value) ?? into.Origin; break;
            case Type: into.Type = Reference(unit, kind, value); break;
            case CallFile: into.CallFile = value; break;
            case CallLine: into.CallLine = value; break;
            case Declaration: into.IsDeclaration = value != 0; break;
            case CountOf when kind == Kind.Constant: into.Count = value; break;
            // An array without elements has the upper bound -1.
            case UpperBound when kind == Kind.Constant: into.Count = unchecked(value + 1); break;
            case Location when kind == Kind.Block: into.Address = AddressOf(unit, bytes, from, value) ?? into.Address; break;
            case StringOffsetsBase: into.StringOffsets = value; break;
            case AddressBase: into.AddressBase = value; break;
            case RangeListsBase: into.RangeBase = value; break;
        }
    }

    private static ulong? Reference(DwarfUnit unit, Kind kind, ulong value) => kind switch
    {
        Kind.UnitReference => unchecked((ulong)unit.Start + value),
        Kind.InfoReference => value,
        _ => null,
    };

    private static ulong? AddressOf(DwarfUnit unit, byte[] bytes, int from, ulong length)
    {
        if (length == (ulong)(1 + unit.AddressSize) && bytes[from] == OpAddress)
            return unit.AddressSize == 8 ? BitConverter.ToUInt64(bytes, from + 1) : BitConverter.ToUInt32(bytes, from + 1);
        // The base of addresses is an attribute of the unit's own entry, and is not known while that entry is being read.
        if (length < 2 || bytes[from] != OpAddressIndex || !unit.HasRoot)
            return null;
        DwarfCursor c = new(bytes, from + 1, "DW_OP_addrx", 0, false);
        return unit.Address(c.Uleb());
    }
}
