namespace Kdump.Kernel.Arch.Arm64;

/// <summary>Branches, exception generation and system instructions: Arm ARM, C4.1.93.</summary>
public sealed partial class A64
{
    private static readonly string?[] Hints = new string?[41];

    private static readonly string?[] Barriers =
        [null, "oshld", "oshst", "osh", null, "nshld", "nshst", "nsh", null, "ishld", "ishst", "ish", null, "ld", "st", "sy"];

    static A64()
    {
        (int, string)[] named =
        [
            (0, "nop"), (1, "yield"), (2, "wfe"), (3, "wfi"), (4, "sev"), (5, "sevl"), (6, "dgh"), (7, "xpaclri"), (8, "pacia1716"),
            (10, "pacib1716"), (12, "autia1716"), (14, "autib1716"), (16, "esb"), (17, "psb csync"), (18, "tsb csync"), (20, "csdb"),
            (24, "paciaz"), (25, "paciasp"), (26, "pacibz"), (27, "pacibsp"), (28, "autiaz"), (29, "autiasp"), (30, "autibz"),
            (31, "autibsp"), (32, "bti"), (34, "bti c"), (36, "bti j"), (38, "bti jc"),
        ];
        foreach ((int number, string name) in named)
            Hints[number] = name;
    }

    /// <summary>The immediate of a brk; null for any other instruction.</summary>
    public int? Break => (word & 0xffe0_001f) == 0xd420_0000 ? (int)Bits(20, 5) : null;

    private string? BranchOrSystem()
    {
        switch (word >> 24)
        {
            case 0x54 when !Bit(4):
                return Jump($"b.{Condition(Bits(3, 0))}", Signed(23, 5), "");
            case 0xd4:
                return Exception();
            case 0xd5 when Bits(23, 22) == 0:
                return SystemInstruction();
            case 0xd6 or 0xd7:
                return ByRegister();
        }
        switch (word >> 25 & 0x3f)
        {
            case 0x0a or 0x0b or 0x08 or 0x09:
                IsCall = Wide;
                Leaves = !Wide;
                return Jump(Wide ? "bl" : "b", Signed(25, 0), "");
            case 0x1a:
                return Jump(Bit(24) ? "cbnz" : "cbz", Signed(23, 5), R(Rd, Wide) + ", ");
            case 0x1b:
                return Jump(Bit(24) ? "tbnz" : "tbz", Signed(18, 5), $"{R(Rd, Wide)}, #{Bits(31, 31) << 5 | Bits(23, 19)}, ");
            default:
                return null;
        }
    }

    private string Jump(string name, long words, string tested)
    {
        Target = Ahead(words * 4);
        MayJump = !IsCall && !Leaves;
        return $"{name} {tested}0x{Target:x}";
    }

    private string? Exception()
    {
        string? name = (Bits(23, 21), Bits(4, 0)) switch
        {
            (0, 1) => "svc", (0, 2) => "hvc", (0, 3) => "smc", (1, 0) => "brk", (2, 0) => "hlt", _ => null,
        };
        Leaves = name is "brk" or "hlt";
        return name is null ? null : $"{name} {Hex(Bits(20, 5))}";
    }

    private string? ByRegister()
    {
        uint code = Bits(24, 21), key = Bits(15, 10);
        if (Rm != Zero)
            return null;
        (IsCall, Leaves) = (code is 1 or 9, code is not (1 or 9));
        JumpsTo = code is 0 or 1 or 8 or 9 ? Rn : -1;
        string register = R(Rn, true);
        if (key == 0 && Rd == 0)
            return code switch
            {
                0 => $"br {register}", 1 => $"blr {register}", 2 => Rn == 30 ? "ret" : $"ret {register}",
                4 when Rn == Zero => "eret", 5 when Rn == Zero => "drps", _ => null,
            };
        if (key is not (2 or 3))
            return null;
        char by = key == 2 ? 'a' : 'b';
        if (code is 8 or 9)
            return $"{(code == 8 ? "bra" : "blra")}{by} {register}, {S(Rd, true)}";
        return Rd != Zero ? null : code switch
        {
            0 => $"bra{by}z {register}", 1 => $"blra{by}z {register}", 2 when Rn == Zero => $"reta{by}",
            4 when Rn == Zero => $"ereta{by}", _ => null,
        };
    }

    private string? SystemInstruction()
    {
        uint op0 = Bits(20, 19), op1 = Bits(18, 16), n = Bits(15, 12), m = Bits(11, 8), op2 = Bits(7, 5);
        bool read = Bit(21);
        if (op0 >= 2)
        {
            string register = A64SystemRegisters.Name(op0, op1, n, m, op2, read);
            if (read)
                Sets(Rd);
            return read ? $"mrs {R(Rd, true)}, {register}" : $"msr {register}, {R(Rd, true)}";
        }
        if (op0 == 1)
        {
            if (read || A64SystemRegisters.Operation(op1, n, m, op2) is not var (name, takes) || takes != (Rd != Zero) && !takes)
                return null;
            return takes ? $"{name}, {R(Rd, true)}" : name;
        }
        if (read || Rd != Zero)
            return null;
        return (op1, n) switch
        {
            (3, 2) => (m << 3 | op2) is < 41 and var hint && Hints[hint] is { } named ? named : null,
            (3, 3) => Barrier(m, op2),
            (_, 4) => State(op1, m, op2),
            _ => null,
        };
    }

    private static string? Barrier(uint option, uint kind)
    {
        string named = Barriers[option] ?? Hex(option);
        return kind switch
        {
            2 => option == 15 ? "clrex" : $"clrex {Hex(option)}",
            4 => option switch { 0 => "ssbb", 4 => "pssbb", _ => $"dsb {named}" },
            5 => $"dmb {named}",
            6 => option == 15 ? "isb" : $"isb {Hex(option)}",
            7 => option == 0 ? "sb" : null,
            _ => null,
        };
    }

    private static string? State(uint op1, uint value, uint op2)
    {
        string? field = (op1, op2) switch
        {
            (0, 3) => "uao", (0, 4) => "pan", (0, 5) => "spsel", (3, 1) => "ssbs", (3, 2) => "dit", (3, 4) => "tco", (3, 6) => "daifset",
            (3, 7) => "daifclr", _ => null,
        };
        return field is null || (op1, op2) is not (3, 6 or 7) && value > 1 ? null : $"msr {field}, {Hex(value)}";
    }
}
