using System.Numerics;

namespace Kdump.Kernel.Arch.Arm64;

/// <summary>Data processing with an immediate: Arm ARM, C4.1.92.</summary>
public sealed partial class A64
{
    private string? Immediate() => Bits(25, 23) switch
    {
        0 or 1 => Address(),
        2 => AddConstant(),
        4 => LogicalConstant(),
        5 => MoveWide(),
        6 => BitField(),
        7 => Extract(),
        _ => null,
    };

    private string Address()
    {
        long offset = Signed(23, 5) << 2 | Bits(30, 29);
        Sets(Rd);
        Target = Wide ? unchecked((at & ~0xfffUL) + (ulong)(offset << 12)) : Ahead(offset);
        return $"{(Wide ? "adrp" : "adr")} {R(Rd, true)}, 0x{Target:x}";
    }

    private string AddConstant()
    {
        bool subtract = Bit(30), flags = Bit(29), shifted = Bit(22);
        uint value = Bits(21, 10);
        if (!(flags && Rd == Zero))
            Sets(Rd);
        if (!subtract && !flags && value == 0 && !shifted && (Rd == Zero || Rn == Zero))
        {
            CopyOf = Rn;
            return $"mov {S(Rd, Wide)}, {S(Rn, Wide)}";
        }
        if (!flags && Wide)
            (SumOf, Added) = (Rn, (subtract ? -1L : 1L) * (shifted ? value << 12 : value));
        string constant = Hex(value) + (shifted ? ", lsl #12" : "");
        return flags && Rd == Zero ? $"{(subtract ? "cmp" : "cmn")} {S(Rn, Wide)}, {constant}"
            : $"{(subtract ? "sub" : "add")}{(flags ? "s" : "")} {(flags ? R(Rd, Wide) : S(Rd, Wide))}, {S(Rn, Wide)}, {constant}";
    }

    private string? LogicalConstant()
    {
        uint operation = Bits(30, 29), n = Bits(22, 22), rotate = Bits(21, 16), size = Bits(15, 10);
        if (BitMask(n, size, rotate) is not { } mask || (!Wide && n != 0))
            return null;
        if (!Wide)
            mask &= uint.MaxValue;
        if (operation == 3 && Rd == Zero)
            return $"tst {R(Rn, Wide)}, {Hex(mask)}";
        Sets(Rd);
        if (operation == 1 && Rn == Zero && !IsWideMove(mask))
            return $"mov {S(Rd, Wide)}, {Hex(mask)}";
        string name = operation switch { 0 => "and", 1 => "orr", 2 => "eor", _ => "ands" };
        return $"{name} {(operation == 3 ? R(Rd, Wide) : S(Rd, Wide))}, {R(Rn, Wide)}, {Hex(mask)}";
    }

    /// <summary>
    /// Arm ARM DecodeBitMasks: a run of ones, rotated within an element that is repeated; null if the fields are invalid.
    /// </summary>
    private static ulong? BitMask(uint n, uint size, uint rotate)
    {
        int length = 31 - BitOperations.LeadingZeroCount(n << 6 | ~size & 0x3f);
        if (length < 1)
            return null;
        int element = 1 << length;
        uint levels = (uint)element - 1;
        if ((size & levels) == levels)
            return null;
        int ones = (int)(size & levels) + 1, by = (int)(rotate & levels);
        ulong all = element == 64 ? ulong.MaxValue : (1UL << element) - 1;
        ulong run = ones == 64 ? ulong.MaxValue : (1UL << ones) - 1;
        ulong one = by == 0 ? run : (run >> by | run << element - by) & all;
        for (int have = element; have < 64; have *= 2)
            one |= one << have;
        return one;
    }

    /// <summary>True if one 16-bit immediate is sufficient for the value: then the alias mov belongs to movz or movn.</summary>
    private bool IsWideMove(ulong value)
    {
        ulong all = Wide ? ulong.MaxValue : uint.MaxValue;
        for (int shift = 0; shift < (Wide ? 64 : 32); shift += 16)
        {
            ulong half = 0xffffUL << shift;
            if ((value & ~half) == 0 || (~value & all & ~half) == 0)
                return true;
        }
        return false;
    }

    private string? MoveWide()
    {
        uint operation = Bits(30, 29), half = Bits(22, 21), value = Bits(20, 5);
        if (operation == 1 || (!Wide && half > 1))
            return null;
        int shift = (int)half * 16;
        Sets(Rd);
        if (operation == 3)
            return $"movk {R(Rd, Wide)}, {Hex(value)}{(shift == 0 ? "" : $", lsl #{shift}")}";
        ulong moved = (ulong)value << shift;
        bool alias = !(value == 0 && half != 0) && !(operation == 0 && !Wide && value == 0xffff);
        if (alias)
        {
            if (operation != 2)
                moved = Wide ? ~moved : ~moved & uint.MaxValue;
            return $"mov {R(Rd, Wide)}, {Hex(moved)}";
        }
        return $"{(operation == 0 ? "movn" : "movz")} {R(Rd, Wide)}, {Hex(value)}{(shift == 0 ? "" : $", lsl #{shift}")}";
    }

    private string? BitField()
    {
        uint operation = Bits(30, 29);
        int rotate = (int)Bits(21, 16), last = (int)Bits(15, 10), width = Wide ? 64 : 32;
        if (operation == 3 || Bit(22) != Wide || rotate >= width || last >= width)
            return null;
        Sets(Rd);
        string to = R(Rd, Wide), from = R(Rn, Wide), narrow = R(Rn, false);
        string into = $"#{width - rotate & width - 1}, #{last + 1}", outOf = $"#{rotate}, #{last - rotate + 1}";
        if (operation == 1)
        {
            if (last < rotate || (Rn == Zero && rotate == 0))
                return Rn == Zero ? $"bfc {to}, {into}" : $"bfi {to}, {from}, {into}";
            return $"bfxil {to}, {from}, {outOf}";
        }
        bool sign = operation == 0;
        if (last == width - 1)
            return $"{(sign ? "asr" : "lsr")} {to}, {from}, #{rotate}";
        if (!sign && last + 1 == rotate)
            return $"lsl {to}, {from}, #{width - 1 - last}";
        if (last < rotate)
            return $"{(sign ? "sbfiz" : "ubfiz")} {to}, {from}, {into}";
        if (rotate == 0 && (sign || !Wide) && last is 7 or 15)
            return $"{(sign ? "s" : "u")}xt{(last == 7 ? "b" : "h")} {to}, {narrow}";
        if (rotate == 0 && sign && last == 31)
            return $"sxtw {to}, {narrow}";
        return $"{(sign ? "sbfx" : "ubfx")} {to}, {from}, {outOf}";
    }

    private string? Extract()
    {
        uint from = Bits(15, 10);
        if (Bits(30, 29) != 0 || Bit(21) || Bit(22) != Wide || (!Wide && from > 31))
            return null;
        Sets(Rd);
        return Rn == Rm ? $"ror {R(Rd, Wide)}, {R(Rn, Wide)}, #{from}" : $"extr {R(Rd, Wide)}, {R(Rn, Wide)}, {R(Rm, Wide)}, #{from}";
    }
}
