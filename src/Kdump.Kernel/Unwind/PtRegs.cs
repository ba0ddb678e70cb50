using System.Buffers.Binary;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;

namespace Kdump.Kernel.Unwind;

/// <summary>
/// struct pt_regs of x86-64, arch/x86/include/asm/ptrace.h, which elf_gregset_t of a PRSTATUS note begins with too.
/// Of an interrupt's hardware frame only the last five are known.
/// </summary>
public sealed class PtRegs
{
    public const int Bytes = 21 * 8;

    public static readonly string[] Names =
    [
        "r15", "r14", "r13", "r12", "rbp", "rbx", "r11", "r10", "r9", "r8", "rax", "rcx", "rdx", "rsi", "rdi", "orig_rax", "rip", "cs",
            "rflags", "rsp", "ss",
    ];

    private readonly ulong[] values;

    private PtRegs(ulong[] values, bool full)
    {
        this.values = values;
        Full = full;
    }

    /// <summary>All registers are known, not only rip, cs, rflags, rsp, ss.</summary>
    public bool Full { get; }

    public ulong this[int index] => values[index];

    public VirtualAddress Ip => new(values[16]);

    public VirtualAddress Sp => new(values[19]);

    public ulong Bp => values[4];

    public ulong Cs => values[17];

    public ulong Flags => values[18];

    public ulong OrigAx => values[15];

    public bool UserMode => (Cs & 3) == 3;

    internal ulong R13 => values[2];

    internal ulong R10 => values[7];

    internal ulong Ax => values[10];

    internal ulong Dx => values[12];

    internal ulong Di => values[14];

    public static PtRegs? Full21(ReadOnlySpan<byte> raw)
    {
        if (raw.Length < Bytes)
            return null;
        ulong[] values = new ulong[21];
        for (int i = 0; i < values.Length; i++)
            values[i] = BinaryPrimitives.ReadUInt64LittleEndian(raw[(8 * i)..]);
        return new PtRegs(values, full: true);
    }

    public static PtRegs? Read(KernelMemory memory, VirtualAddress at)
    {
        Span<byte> raw = stackalloc byte[Bytes];
        return memory.TryRead(at, raw) ? Full21(raw) : null;
    }

    /// <summary>The five words that the processor pushed: rip, cs, rflags, rsp, ss.</summary>
    public static PtRegs? ReadPartial(KernelMemory memory, VirtualAddress at)
    {
        Span<byte> raw = stackalloc byte[40];
        if (!memory.TryRead(at, raw))
            return null;
        ulong[] values = new ulong[21];
        for (int i = 0; i < 5; i++)
            values[16 + i] = BinaryPrimitives.ReadUInt64LittleEndian(raw[(8 * i)..]);
        return new PtRegs(values, full: false);
    }
}
