using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Arch.Arm64;

/// <summary>
/// struct pt_regs on a stack, arch/arm64/include/asm/ptrace.h. The entry code puts a frame record inside it (stackframe), so that the
/// chain of records continues through an exception. The record contains the interrupted x29 and pc until Linux commit "arm64: stacktrace:
/// unwind exception boundaries" (v6.13), since then two zeros and a word with its type.
/// </summary>
internal sealed class SavedRegisters
{
    /// <summary>FRAME_META_TYPE_FINAL, FRAME_META_TYPE_PT_REGS of asm/stacktrace/frame.h.</summary>
    private const ulong Final = 1, Interrupted = 2;

    /// <summary>Usual byte offsets of stackframe in struct pt_regs.</summary>
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

    /// <summary>A frame record inside struct pt_regs.</summary>
    /// <param name="Registers">The saved registers; null if they cannot be read, or were never filled.</param>
    /// <param name="Last">True if the stack ends here.</param>
    public readonly record struct Found(Arm64Registers? Registers, bool Last, bool Syscall);

    /// <summary>Recognises a record; null if it is not part of a struct pt_regs.</summary>
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
                // The first pt_regs on a kernel thread's stack contain no registers.
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
