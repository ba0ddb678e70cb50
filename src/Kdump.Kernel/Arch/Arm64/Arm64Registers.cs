using System.Buffers.Binary;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Unwind;

namespace Kdump.Kernel.Arch.Arm64;

/// <summary>
/// The registers of struct user_pt_regs (arch/arm64/include/uapi/asm/ptrace.h): x0 to x30, sp, pc, pstate. struct pt_regs and
/// elf_gregset_t of a PRSTATUS note begin with it.
/// </summary>
public sealed class Arm64Registers : Registers
{
    public const int Bytes = 34 * 8;

    private const int FramePointer = 29, LinkRegister = 30, SpAt = 31, PcAt = 32, PstateAt = 33;

    private static readonly string[] Names = [.. Enumerable.Range(0, 31).Select(i => $"x{i}"), "sp", "pc", "pstate"];

    private readonly ulong[] values;

    private Arm64Registers(ulong[] values) => this.values = values;

    public override VirtualAddress Ip => new(values[PcAt]);

    public override VirtualAddress Sp => new(values[SpAt]);

    public ulong Fp => values[FramePointer];

    public ulong Lr => values[LinkRegister];

    public ulong Pstate => values[PstateAt];

    /// <summary>True for EL0, in 64-bit and in 32-bit mode: M[3:0] are zero in both.</summary>
    public override bool UserMode => (Pstate & 0xF) == 0;

    public override IReadOnlyList<(string Name, ulong Value)> All => [.. Names.Select((name, i) => (name, values[i]))];

    public override string Brief => $"pc: {Ip}  sp: {Sp}  x8: {values[8]:x}";

    /// <summary>The rows in which __show_regs() of arch/arm64/kernel/process.c prints the registers.</summary>
    public override IEnumerable<string> Lines()
    {
        yield return $"pc : {Ip}  lr : {Lr:x16}  pstate: {Pstate:x8}";
        yield return $"sp : {Sp}";
        yield return $"x29: {Fp:x16}  x28: {values[28]:x16}  x27: {values[27]:x16}";
        for (int i = 26; i > 0; i -= 3)
            yield return $"x{i,-2}: {values[i]:x16}  x{i - 1,-2}: {values[i - 1]:x16}  x{i - 2,-2}: {values[i - 2]:x16}";
    }

    public static Arm64Registers? Of(ReadOnlySpan<byte> raw)
    {
        if (raw.Length < Bytes)
            return null;
        ulong[] values = new ulong[34];
        for (int i = 0; i < values.Length; i++)
            values[i] = BinaryPrimitives.ReadUInt64LittleEndian(raw[(8 * i)..]);
        return new Arm64Registers(values);
    }

    public static Arm64Registers? Read(KernelMemory memory, VirtualAddress at)
    {
        Span<byte> raw = stackalloc byte[Bytes];
        return memory.TryRead(at, raw) ? Of(raw) : null;
    }
}
