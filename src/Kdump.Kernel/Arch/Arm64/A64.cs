using System.Globalization;

namespace Kdump.Kernel.Arch.Arm64;

/// <summary>
/// One decoded A64 instruction, with text in the form of GNU objdump (Arm ARM, C4 "A64 Instruction Set Encoding", C6). The instructions
/// of general code are decoded: arithmetic, loads and stores, branches, atomics, system registers, pointer authentication. All others,
/// mainly vector instructions, are written as <c>.inst 0x…</c>.
/// </summary>
public sealed partial class A64
{
    /// <summary>Register number 31: the zero register or the stack pointer, depending on the operand.</summary>
    private const int Zero = 31;

    private static readonly string[] Conditions =
        ["eq", "ne", "cs", "cc", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt", "gt", "le", "al", "nv"];

    private readonly uint word;
    private readonly ulong at;

    private A64(uint word, ulong at) => (this.word, this.at) = (word, at);

    /// <summary>The instruction as text; null if it is not decoded.</summary>
    public string? Text { get; private set; }

    /// <summary>
    /// The address that the instruction contains: the target of a branch, or the address of adr, adrp and literal loads.
    /// </summary>
    public ulong? Target { get; private set; }

    public bool Known => Text is not null;

    /// <summary>Registers that the instruction writes, one bit each.</summary>
    public uint Writes { get; private set; }

    /// <summary>The register of which the result is a copy; -1 for none.</summary>
    public int CopyOf { get; private set; } = -1;

    /// <summary>The register of which the result is the sum with a constant; -1 for none.</summary>
    public int SumOf { get; private set; } = -1;

    public long Added { get; private set; }

    public bool IsCall { get; private set; }

    /// <summary>True if execution never continues with the next instruction: b, br, ret.</summary>
    public bool Leaves { get; private set; }

    public bool MayJump { get; private set; }

    /// <summary>The register that contains the target of a br or blr; -1 for none.</summary>
    public int JumpsTo { get; private set; } = -1;

    public static A64 Decode(uint word, ulong at)
    {
        A64 one = new(word, at);
        one.Text = (word >> 25 & 0xf) switch
        {
            0x8 or 0x9 => one.Immediate(),
            0xa or 0xb => one.BranchOrSystem(),
            0x4 or 0x6 or 0xc or 0xe => one.LoadOrStore(),
            0x5 or 0xd => one.OfRegisters(),
            0x0 when word >> 16 == 0 => $"udf #{word & 0xffff}",
            _ => null,
        };
        return one;
    }

    public override string ToString() => Text ?? $".inst 0x{word:x8}";

    private int Rd => (int)(word & 31);

    private int Rn => (int)(word >> 5 & 31);

    private int Rm => (int)(word >> 16 & 31);

    private int Ra => (int)(word >> 10 & 31);

    /// <summary>True if the instruction operates on 64 bits.</summary>
    private bool Wide => word >> 31 != 0;

    private uint Bits(int high, int low) => word >> low & (1u << high - low + 1) - 1;

    private bool Bit(int at) => (word >> at & 1) != 0;

    private void Sets(int register) => Writes |= register == Zero ? 0 : 1u << register;

    /// <summary>Name of a register; 31 is the zero register.</summary>
    private static string R(int register, bool wide)
    {
        if (register == Zero)
            return wide ? "xzr" : "wzr";
        return (wide ? "x" : "w") + register.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Name of a register; 31 is the stack pointer.</summary>
    private static string S(int register, bool wide)
    {
        if (register == Zero)
            return wide ? "sp" : "wsp";
        return R(register, wide);
    }

    private static string Hex(ulong value) => $"#0x{value:x}";

    private static string Condition(uint condition) => Conditions[condition];

    /// <summary>The value of a bit field, sign-extended.</summary>
    private long Signed(int high, int low)
    {
        int length = high - low + 1;
        return unchecked((int)(Bits(high, low) << 32 - length) >> 32 - length);
    }

    private ulong Ahead(long bytes) => unchecked(at + (ulong)bytes);
}
