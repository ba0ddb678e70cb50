using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Arch.Arm64;

/// <summary>
/// struct pt_regs on a stack, arch/arm64/include/asm/ptrace.h. The entry code puts a frame record inside it (stackframe), so that records
/// lead through an exception: of the interrupted x29 and pc until Linux commit "arm64: stacktrace: unwind exception boundaries" (v6.13),
/// since then two zeros and a word that says what this is.
/// </summary>
internal sealed class SavedRegisters
{
    /// <summary>FRAME_META_TYPE_FINAL, FRAME_META_TYPE_PT_REGS of asm/stacktrace/frame.h.</summary>
    private const ulong Final = 1, Interrupted = 2;

    /// <summary>Where stackframe was in all kernels that have it.</summary>
    private static readonly int[] UsualOffsets = [0x130, 0x120];

    private readonly KernelMemory memory;
    private readonly int[] offsets;
    private readonly bool? described;
    private readonly int syscallAt;

    public SavedRegisters(CrashedKernel kernel)
    {
        memory = kernel.Memory;
        StructType? type = kernel.Btf.Value?.Struct("pt_regs");
        offsets = type?.Find("stackframe") is { } member ? [member.Offset] : UsualOffsets;
        described = type is null ? null : type.SizeOf("stackframe") > 16;
        syscallAt = type?.Find("syscallno")?.Offset ?? 0x118;
    }

    /// <summary>What a record in pt_regs says.</summary>
    /// <param name="Registers">Null where they cannot be read, or are of nobody.</param>
    /// <param name="Last">Nothing comes behind it.</param>
    public readonly record struct Found(Arm64Registers? Registers, bool Last, bool Syscall);

    /// <summary>Null for a record that is no part of pt_regs.</summary>
    public Found? Of(ulong record, ulong fp, ulong lr)
    {
        foreach (int offset in offsets)
        {
            VirtualAddress at = new(unchecked(record - (ulong)offset));
            if (Arm64Registers.Read(memory, at) is not { } saved)
                continue;
            if (fp == 0 && lr == 0)
            {
                ulong type = 0;
                bool told = described != false && memory.TryU64(new VirtualAddress(unchecked(record + 16)), out type);
                if (told && type == Interrupted)
                    return new Found(saved, Last: false, Syscall: false);
                if (described == true && type != Final)
                    continue;
                // A kernel thread's first pt_regs hold nothing.
                bool program = saved.UserMode && saved.Ip.Value >> 55 == 0 && saved.Ip.Value != 0;
                bool syscall = program && memory.TryU32(at + syscallAt, out uint number) && number < 0x8000_0000;
                if (program || described == true || offset == offsets[^1])
                    return new Found(program ? saved : null, Last: true, syscall);
            }
            else if (saved.Ip.Value == lr && saved.Fp == fp && !saved.UserMode)
            {
                return new Found(saved, Last: false, Syscall: false);
            }
        }
        return fp == 0 && lr == 0 ? new Found(null, Last: true, Syscall: false) : null;
    }
}
