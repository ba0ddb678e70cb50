namespace Kdump.Kernel.Arch.Arm64;

/// <summary>Data processing with registers: Arm ARM, C4.1.95.</summary>
public sealed partial class A64
{
    private static readonly string[] Shifts = ["lsl", "lsr", "asr", "ror"];

    private static readonly string[] Extends = ["uxtb", "uxth", "uxtw", "uxtx", "sxtb", "sxth", "sxtw", "sxtx"];

    private string? OfRegisters() => (Bits(28, 24), Bits(23, 21)) switch
    {
        (0x0a, _) => Logical(),
        (0x0b, var kind) => (kind & 1) == 0 ? AddShifted() : AddExtended(),
        (0x1a, 0) => WithCarry(),
        (0x1a, 2) => Compare(),
        (0x1a, 4) => Select(),
        (0x1a, 6) => Bit(30) ? OneSource() : TwoSources(),
        (0x1b, _) => Multiply(),
        _ => null,
    };

    private string? Shift(bool mayRotate)
    {
        uint kind = Bits(23, 22), amount = Bits(15, 10);
        if ((!Wide && amount > 31) || (kind == 3 && !mayRotate))
            return null;
        return kind == 0 && amount == 0 ? "" : $", {Shifts[kind]} #{amount}";
    }

    private string? Logical()
    {
        if (Shift(mayRotate: true) is not { } shift)
            return null;
        uint operation = Bits(30, 29);
        bool inverted = Bit(21);
        string to = R(Rd, Wide), a = R(Rn, Wide), b = R(Rm, Wide) + shift;
        if (operation == 3 && !inverted && Rd == Zero)
            return $"tst {a}, {b}";
        Sets(Rd);
        if (operation == 1 && Rn == Zero && inverted)
            return $"mvn {to}, {b}";
        if (operation == 1 && Rn == Zero && shift.Length == 0)
        {
            CopyOf = Rm;
            return $"mov {to}, {b}";
        }
        string name = inverted ? operation switch { 0 => "bic", 1 => "orn", 2 => "eon", _ => "bics" }
            : operation switch { 0 => "and", 1 => "orr", 2 => "eor", _ => "ands" };
        return $"{name} {to}, {a}, {b}";
    }

    private string? AddShifted()
    {
        if (Shift(mayRotate: false) is not { } shift)
            return null;
        bool subtract = Bit(30), flags = Bit(29);
        string to = R(Rd, Wide), a = R(Rn, Wide), b = R(Rm, Wide) + shift;
        if (flags && Rd == Zero)
            return $"{(subtract ? "cmp" : "cmn")} {a}, {b}";
        Sets(Rd);
        return subtract && Rn == Zero ? $"neg{(flags ? "s" : "")} {to}, {b}"
            : $"{(subtract ? "sub" : "add")}{(flags ? "s" : "")} {to}, {a}, {b}";
    }

    private string? AddExtended()
    {
        uint option = Bits(15, 13), amount = Bits(12, 10);
        if (Bits(23, 22) != 0 || amount > 4)
            return null;
        bool subtract = Bit(30), flags = Bit(29), compare = flags && Rd == Zero;
        bool plain = option == (Wide ? 3u : 2u) && (Rn == Zero || (!flags && Rd == Zero));
        string extend;
        if (plain)
            extend = amount == 0 ? "" : $", lsl #{amount}";
        else
            extend = $", {Extends[option]}{(amount == 0 ? "" : $" #{amount}")}";
        string b = R(Rm, Wide && (option & 3) == 3) + extend, a = S(Rn, Wide);
        if (compare)
            return $"{(subtract ? "cmp" : "cmn")} {a}, {b}";
        Sets(Rd);
        return $"{(subtract ? "sub" : "add")}{(flags ? "s" : "")} {(flags ? R(Rd, Wide) : S(Rd, Wide))}, {a}, {b}";
    }

    private string? WithCarry()
    {
        if (Bits(15, 10) != 0)
            return null;
        bool subtract = Bit(30);
        string flags = Bit(29) ? "s" : "";
        Sets(Rd);
        return subtract && Rn == Zero ? $"ngc{flags} {R(Rd, Wide)}, {R(Rm, Wide)}"
            : $"{(subtract ? "sbc" : "adc")}{flags} {R(Rd, Wide)}, {R(Rn, Wide)}, {R(Rm, Wide)}";
    }

    private string? Compare()
    {
        if (!Bit(29) || Bit(10) || Bit(4))
            return null;
        string b = Bit(11) ? Hex((ulong)Rm) : R(Rm, Wide);
        return $"{(Bit(30) ? "ccmp" : "ccmn")} {R(Rn, Wide)}, {b}, {Hex(Bits(3, 0))}, {Condition(Bits(15, 12))}";
    }

    private string? Select()
    {
        uint condition = Bits(15, 12);
        if (Bit(29) || Bit(11))
            return null;
        bool invert = Bit(30), increment = Bit(10);
        Sets(Rd);
        string to = R(Rd, Wide), a = R(Rn, Wide);
        // The condition "always" cannot be inverted.
        if (Rn == Rm && condition < 14 && (invert || increment))
        {
            string opposite = Condition(condition ^ 1);
            if (Rn == Zero && !(invert && increment))
                return $"{(invert ? "csetm" : "cset")} {to}, {opposite}";
            string alias = (invert, increment) switch
            {
                (true, true) => "cneg",
                (true, false) => "cinv",
                _ => "cinc",
            };
            if (Rn != Zero || (invert && increment))
                return $"{alias} {to}, {a}, {opposite}";
        }
        string name;
        if (invert)
            name = increment ? "csneg" : "csinv";
        else
            name = increment ? "csinc" : "csel";
        return $"{name} {to}, {a}, {R(Rm, Wide)}, {Condition(condition)}";
    }

    private string? TwoSources()
    {
        if (Bit(29))
            return null;
        uint code = Bits(15, 10);
        Sets(Rd);
        if (code is >= 16 and < 24)
        {
            bool castagnoli = code >= 20, doubleword = (code & 3) == 3;
            return doubleword != Wide ? null
                : $"crc32{(castagnoli ? "c" : "")}{"bhwx"[(int)(code & 3)]} {R(Rd, false)}, {R(Rn, false)}, {R(Rm, doubleword)}";
        }
        if (code == 12)
            return Wide ? $"pacga {R(Rd, true)}, {R(Rn, true)}, {S(Rm, true)}" : null;
        string? name = code switch { 2 => "udiv", 3 => "sdiv", 8 => "lsl", 9 => "lsr", 10 => "asr", 11 => "ror", _ => null };
        return name is null ? null : $"{name} {R(Rd, Wide)}, {R(Rn, Wide)}, {R(Rm, Wide)}";
    }

    private string? OneSource()
    {
        uint code = Bits(15, 10);
        if (Bit(29) || Rm > 1 || (Rm == 1 && !Wide))
            return null;
        Sets(Rd);
        if (Rm == 1)
            return Authentication(code);
        string? name = code switch
        {
            0 => "rbit", 1 => "rev16", 2 => Wide ? "rev32" : "rev", 3 => Wide ? "rev" : null, 4 => "clz", 5 => "cls", _ => null,
        };
        return name is null ? null : $"{name} {R(Rd, Wide)}, {R(Rn, Wide)}";
    }

    private string? Authentication(uint code)
    {
        if (code is 16 or 17)
            return Rn == Zero ? $"xpac{(code == 16 ? "i" : "d")} {R(Rd, true)}" : null;
        if (code > 15 || (code > 7 && Rn != Zero))
            return null;
        string name = (code & 4) == 0 ? "pac" : "aut", key = (code & 3) switch { 0 => "ia", 1 => "ib", 2 => "da", _ => "db" };
        return code > 7 ? $"{name}{key[0]}z{key[1]} {R(Rd, true)}" : $"{name}{key} {R(Rd, true)}, {S(Rn, true)}";
    }

    private string? Multiply()
    {
        uint kind = Bits(23, 21);
        bool subtract = Bit(15), unsigned = (kind & 4) != 0;
        if (Bits(30, 29) != 0)
            return null;
        Sets(Rd);
        if (kind == 0)
        {
            string factors = $"{R(Rd, Wide)}, {R(Rn, Wide)}, {R(Rm, Wide)}";
            return Ra == Zero ? $"{(subtract ? "mneg" : "mul")} {factors}" : $"{(subtract ? "msub" : "madd")} {factors}, {R(Ra, Wide)}";
        }
        if (!Wide)
            return null;
        string sign = unsigned ? "u" : "s";
        if ((kind & 3) == 2)
            return subtract || Ra != Zero ? null : $"{sign}mulh {R(Rd, true)}, {R(Rn, true)}, {R(Rm, true)}";
        if ((kind & 3) != 1)
            return null;
        string halves = $"{R(Rd, true)}, {R(Rn, false)}, {R(Rm, false)}";
        return Ra == Zero ? $"{sign}{(subtract ? "mnegl" : "mull")} {halves}"
            : $"{sign}{(subtract ? "msubl" : "maddl")} {halves}, {R(Ra, true)}";
    }
}
