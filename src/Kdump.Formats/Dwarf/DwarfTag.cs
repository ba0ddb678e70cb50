namespace Kdump.Formats.Dwarf;

/// <summary>The tags of entries that are needed (DWARF 5, table 7.3).</summary>
internal static class DwarfTag
{
    public const ulong ArrayType = 0x01, EnumerationType = 0x04, LexicalBlock = 0x0b, PointerType = 0x0f, StructureType = 0x13,
        SubroutineType = 0x15, Typedef = 0x16, UnionType = 0x17, InlinedSubroutine = 0x1d, SubrangeType = 0x21, BaseType = 0x24,
        ConstType = 0x26, Subprogram = 0x2e, Variable = 0x34, VolatileType = 0x35, RestrictType = 0x37, Namespace = 0x39,
        AtomicType = 0x47;
}
