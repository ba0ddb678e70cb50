using System.Buffers.Binary;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Unwind;

namespace Kdump.Kernel.Arch.X8664;

/// <summary>
/// struct pt_regs of x86-64, arch/x86/include/asm/ptrace.h, with which elf_gregset_t of a PRSTATUS note begins, too. If only the hardware
/// frame of an interrupt was saved, only the last five registers are known.
/// </summary>
public sealed class PtRegs : Registers
{
    public const int Bytes = 21 * 8;

    public static readonly string[] Names =
    [
        "r15", "r14", "r13", "r12", "rbp", "rbx", "r11", "r10", "r9", "r8", "rax", "rcx", "rdx", "rsi", "rdi", "orig_rax", "rip", "cs",
            "rflags", "rsp", "ss",
    ];

    /// <summary>Index of the first register that the processor itself pushes.</summary>
    private const int FirstOfHardware = 16;

    /// <summary>Rows in which the kernel prints registers: __show_regs() in arch/x86/kernel/process_64.c.</summary>
    private static readonly string[][] Rows =
        [["rax", "rbx", "rcx"], ["rdx", "rsi", "rdi"], ["rbp", "r8", "r9"], ["r10", "r11", "r12"], ["r13", "r14", "r15"]];

    private readonly ulong[] values;

    private PtRegs(ulong[] values, bool full)
    {
        this.values = values;
        Full = full;
    }

    /// <summary>True if all registers are known, not only rip, cs, rflags, rsp, ss.</summary>
    public bool Full { get; }

    public ulong this[int index] => values[index];

    public override VirtualAddress Ip => new(values[16]);

    public override VirtualAddress Sp => new(values[19]);

    public ulong Bp => values[4];

    public ulong Cs => values[17];

    public ulong Flags => values[18];

    public ulong OrigAx => values[15];

    public override bool UserMode => (Cs & 3) == 3;

    public override IReadOnlyList<(string Name, ulong Value)> All =>
        [.. Names.Select((name, i) => (name, values[i])).Skip(Full ? 0 : FirstOfHardware)];

    public override string Brief => $"RIP: {Ip}  RSP: {Sp}  ORIG_RAX: {OrigAx:x}";

    internal ulong R13 => values[2];

    internal ulong R10 => values[7];

    internal ulong Ax => values[10];

    internal ulong Dx => values[12];

    internal ulong Di => values[14];

    public override IEnumerable<string> Lines()
    {
        yield return $"RIP: {Ip}  RSP: {Sp}  RFLAGS: {Flags:x8}";
        if (!Full)
            yield break;
        foreach (string[] row in Rows)
            yield return string.Join("  ", row.Select(name => $"{name.ToUpperInvariant(),3}: {values[Array.IndexOf(Names, name)]:x16}"));
        yield return $"ORIG_RAX: {OrigAx:x16}  CS: {Cs:x4}";
    }

    public static PtRegs? Full21(ReadOnlySpan<byte> raw)
    {
        if (raw.Length < Bytes)
            return null;
        ulong[] values = new ulong[21];
        for (int i = 0; i < values.Length; i++)
            values[i] = BinaryPrimitives.ReadUInt64LittleEndian(raw[(8 * i)..]);
        return new PtRegs(values, full: true);
    }

    /// <summary>
    /// Registers from the state that a CPU saves in SMRAM (Intel SDM volume 3, "SMRAM State Save Map"), as sadump stores it (struct
    /// sadump_smram_cpu_state); null if it is too short.
    /// </summary>
    public static PtRegs? OfSmram(ReadOnlySpan<byte> state)
    {
        // Byte offsets. The general registers are in the order r15 down to r8, then rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi.
        const int General = 796, Cs = 940, Ss = 944, Rip = 984, Rflags = 1000, End = 1024;
        if (state.Length < End)
            return null;
        string[] order = ["r15", "r14", "r13", "r12", "r11", "r10", "r9", "r8", "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi"];
        ulong[] values = new ulong[21];
        for (int i = 0; i < order.Length; i++)
            values[Array.IndexOf(Names, order[i])] = BinaryPrimitives.ReadUInt64LittleEndian(state[(General + 8 * i)..]);
        values[Array.IndexOf(Names, "orig_rax")] = ulong.MaxValue;
        values[Array.IndexOf(Names, "rip")] = BinaryPrimitives.ReadUInt64LittleEndian(state[Rip..]);
        values[Array.IndexOf(Names, "rflags")] = BinaryPrimitives.ReadUInt64LittleEndian(state[Rflags..]);
        values[Array.IndexOf(Names, "cs")] = BinaryPrimitives.ReadUInt32LittleEndian(state[Cs..]);
        values[Array.IndexOf(Names, "ss")] = BinaryPrimitives.ReadUInt32LittleEndian(state[Ss..]);
        return new PtRegs(values, full: true);
    }

    public static PtRegs? Read(KernelMemory memory, VirtualAddress at)
    {
        Span<byte> raw = stackalloc byte[Bytes];
        return memory.TryRead(at, raw) ? Full21(raw) : null;
    }

    /// <summary>Reads the five words that the processor pushed: rip, cs, rflags, rsp, ss.</summary>
    public static PtRegs? ReadPartial(KernelMemory memory, VirtualAddress at)
    {
        Span<byte> raw = stackalloc byte[40];
        if (!memory.TryRead(at, raw))
            return null;
        ulong[] values = new ulong[21];
        for (int i = 0; i < 5; i++)
            values[FirstOfHardware + i] = BinaryPrimitives.ReadUInt64LittleEndian(raw[(8 * i)..]);
        return new PtRegs(values, full: false);
    }
}
