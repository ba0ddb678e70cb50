namespace Kdump.Kernel.Arch.Arm64;

/// <summary>Loads, stores and atomic operations on memory: Arm ARM, C4.1.94.</summary>
public sealed partial class A64
{
    private static readonly string[] Vectors = ["b", "h", "s", "d", "q"];

    private static readonly string[] Prefetches = ["pld", "pli", "pst"];

    private static readonly string[] Atomics = ["add", "clr", "eor", "set", "smax", "smin", "umax", "umin"];

    /// <summary>Number of bytes that the instruction reads or writes; 0 if it does not access memory.</summary>
    public int Size { get; private set; }

    public bool Loads { get; private set; }

    public bool Stores { get; private set; }

    /// <summary>Base register of the address, 31 is the stack pointer; -1 for none.</summary>
    public int Base { get; private set; } = -1;

    /// <summary>Index register that is added to the base; -1 for none.</summary>
    public int Index { get; private set; } = -1;

    /// <summary>How the index is extended (the option field of the instruction) and shifted.</summary>
    public int IndexExtend { get; private set; }

    public int IndexShift { get; private set; }

    /// <summary>Offset in bytes that is added to the base before the access.</summary>
    public long Offset { get; private set; }

    private string? LoadOrStore() => (Bits(29, 28), Bit(26)) switch
    {
        (0, false) when !Bit(24) => Exclusive(),
        (1, _) when Bits(27, 24) is 8 or 12 => Literal(),
        (2, _) => Pair(),
        (3, _) when Bit(24) => AtOffset(),
        (3, _) when Bit(21) => Bits(11, 10) switch { 0 => Atomic(), 2 => AtIndex(), _ => null },
        (3, _) => AtShortOffset(),
        _ => null,
    };

    private void Access(int size, bool load, bool store)
    {
        (Size, Loads, Stores) = (size, load, store);
        if (Base < 0)
            Base = Rn;
    }

    private static string Suffix(uint size) => size switch { 0 => "b", 1 => "h", _ => "" };

    private string? Exclusive()
    {
        uint size = Bits(31, 30);
        bool ordered = Bit(15), load = Bit(22), pair = Bit(21), plain = Bit(23);
        bool wide = size == 3;
        string memory = $"[{S(Rn, true)}]", value = R(Rd, wide), suffix = Suffix(size);
        Access(1 << (int)size, load, !load);
        if (plain && pair)
        {
            if (Ra != Zero)
                return null;
            (Loads, Stores) = (true, true);
            Sets(Rm);
            return $"cas{(load ? "a" : "")}{(ordered ? "l" : "")}{suffix} {R(Rm, wide)}, {value}, {memory}";
        }
        if (plain)
        {
            if (Rm != Zero || Ra != Zero)
                return null;
            if (load)
                Sets(Rd);
            string order = (ordered, load) switch
            {
                (true, true) => "a",
                (true, false) => "l",
                (false, true) => "la",
                (false, false) => "ll",
            };
            return $"{(load ? "ld" : "st")}{order}r{suffix} {value}, {memory}";
        }
        if (pair)
            return size < 2 ? null : ExclusivePair(ordered, load, wide, memory);
        if (Ra != Zero || (load && Rm != Zero))
            return null;
        Sets(load ? Rd : Rm);
        string name;
        if (load)
            name = ordered ? "ldaxr" : "ldxr";
        else
            name = ordered ? "stlxr" : "stxr";
        return $"{name}{suffix} {(load ? "" : R(Rm, false) + ", ")}{value}, {memory}";
    }

    private string? ExclusivePair(bool ordered, bool load, bool wide, string memory)
    {
        if (load && Rm != Zero)
            return null;
        Size *= 2;
        Sets(load ? Rd : Rm);
        if (load)
            Sets(Ra);
        string name;
        if (load)
            name = ordered ? "ldaxp" : "ldxp";
        else
            name = ordered ? "stlxp" : "stxp";
        return $"{name} {(load ? "" : R(Rm, false) + ", ")}{R(Rd, wide)}, {R(Ra, wide)}, {memory}";
    }

    private string? Literal()
    {
        uint kind = Bits(31, 30);
        Target = Ahead(Signed(23, 5) * 4);
        if (Bit(26))
            return kind == 3 ? null : $"ldr {Vectors[kind + 2]}{Rd}, 0x{Target:x}";
        if (kind == 3)
            return $"prfm {Prefetch()}, 0x{Target:x}";
        Sets(Rd);
        return $"{(kind == 2 ? "ldrsw" : "ldr")} {R(Rd, kind != 0)}, 0x{Target:x}";
    }

    private string? Pair()
    {
        uint kind = Bits(31, 30), mode = Bits(24, 23);
        bool load = Bit(22), vector = Bit(26);
        if (kind == 3 || (!vector && kind == 1 && (!load || mode == 0)))
            return null;
        bool words = !vector && kind == 1;
        // objdump does not decode forms that the architecture calls unpredictable.
        if (words && (Rd == Ra || (mode is 1 or 3 && Rn != Zero && (Rn == Rd || Rn == Ra))))
            return null;
        int size;
        if (vector)
            size = 4 << (int)kind;
        else
            size = kind == 2 ? 8 : 4;
        Offset = mode == 1 ? 0 : Signed(21, 15) * size;
        Access(2 * size, load, !load);
        if (load && !vector)
        {
            Sets(Rd);
            Sets(Ra);
        }
        string name = (load ? "ld" : "st") + (mode == 0 ? "np" : "p") + (words ? "sw" : "");
        string First(int register) => vector ? Vectors[kind + 2] + register : R(register, kind != 0);
        return $"{name} {First(Rd)}, {First(Ra)}, {Place(mode, Signed(21, 15) * size)}";
    }

    /// <summary>
    /// Operand of a memory access. Mode 0 and 2: an offset; 1: added to the base after the access; 3: added before the access, and
    /// written back.
    /// </summary>
    private string Place(uint mode, long offset)
    {
        string of = S(Rn, true);
        if (mode is 1 or 3)
            Sets(Rn);
        return mode switch
        {
            1 => $"[{of}], #{offset}",
            3 => $"[{of}, #{offset}]!",
            _ => offset == 0 ? $"[{of}]" : $"[{of}, #{offset}]",
        };
    }

    /// <summary>
    /// Mnemonic without "ldr" or "str", and the register, from the size and opc fields; null if they are unallocated. Prefetches have no
    /// register.
    /// </summary>
    private (bool Load, string Suffix, string Register, int Size)? Kind()
    {
        uint size = Bits(31, 30), code = Bits(23, 22);
        if (Bit(26))
        {
            if (size != 0 && code > 1)
                return null;
            uint scale = code > 1 ? 4 : size;
            return ((code & 1) != 0, "", Vectors[scale] + Rd, 1 << (int)scale);
        }
        bool sign = code > 1;
        if (sign && size == 3)
            return code == 2 ? (true, "prefetch", Prefetch(), 8) : null;
        if (code == 3 && size == 2)
            return null;
        string suffix = (sign ? "s" : "") + (size switch { 0 => "b", 1 => "h", _ => sign ? "w" : "" });
        if (code != 0)
            Sets(Rd);
        return (code != 0, suffix, R(Rd, size == 3 || code == 2), 1 << (int)size);
    }

    private string? AtOffset()
    {
        if (Kind() is not var (load, suffix, register, size))
            return null;
        Offset = (long)Bits(21, 10) * size;
        Access(size, load, !load);
        string name = suffix == "prefetch" ? "prfm" : (load ? "ldr" : "str") + suffix;
        return $"{name} {register}, {Place(2, Offset)}";
    }

    private string? AtShortOffset()
    {
        uint mode = Bits(11, 10);
        if (Kind() is not var (load, suffix, register, size) || (mode == 2 && Bit(26)))
            return null;
        bool prefetch = suffix == "prefetch";
        if (prefetch && mode != 0)
            return null;
        long offset = Signed(20, 12);
        Offset = mode == 1 ? 0 : offset;
        Access(size, load, !load);
        string name = prefetch ? "prfum" : (load ? "ld" : "st") + (mode switch { 0 => "ur", 2 => "tr", _ => "r" }) + suffix;
        return $"{name} {register}, {Place(mode is 0 or 2 ? 2 : mode, offset)}";
    }

    private string? AtIndex()
    {
        int option = (int)Bits(15, 13);
        if ((option & 2) == 0 || Kind() is not var (load, suffix, register, size))
            return null;
        bool shifted = Bit(12);
        int shift = System.Numerics.BitOperations.Log2((uint)size);
        (Index, IndexExtend, IndexShift) = (Rm, option, shifted ? shift : 0);
        Access(size, load, !load);
        string index = R(Rm, (option & 1) != 0);
        string extend = option switch
        {
            3 => shifted ? $", lsl #{shift}" : "",
            _ => $", {Extends[option]}{(shifted ? $" #{shift}" : "")}",
        };
        string name = suffix == "prefetch" ? "prfm" : (load ? "ldr" : "str") + suffix;
        return $"{name} {register}, [{S(Rn, true)}, {index}{extend}]";
    }

    private string? Atomic()
    {
        uint size = Bits(31, 30), code = Bits(14, 12);
        if (Bit(26))
            return null;
        bool acquire = Bit(23), release = Bit(22), other = Bit(15), wide = size == 3;
        string memory = $"[{S(Rn, true)}]", suffix = Suffix(size);
        Access(1 << (int)size, true, true);
        if (other && code == 4)
        {
            Stores = false;
            Sets(Rd);
            return acquire && !release && Rm == Zero ? $"ldapr{suffix} {R(Rd, wide)}, {memory}" : null;
        }
        if (other && code != 0)
            return null;
        string order = $"{(acquire ? "a" : "")}{(release ? "l" : "")}{suffix}";
        if (!other && Rd == Zero && !acquire)
            return $"st{Atomics[code]}{order} {R(Rm, wide)}, {memory}";
        Sets(Rd);
        return $"{(other ? "swp" : "ld" + Atomics[code])}{order} {R(Rm, wide)}, {R(Rd, wide)}, {memory}";
    }

    private string Prefetch()
    {
        uint kind = Bits(4, 3), level = Bits(2, 1);
        return kind == 3 || level == 3 ? $"#0x{Rd:x2}" : $"{Prefetches[kind]}l{level + 1}{(Bit(0) ? "strm" : "keep")}";
    }
}
