using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;
using Kdump.Kernel.Unwind;

namespace Kdump.Kernel.Arch.X8664;

/// <summary>
/// One of the stacks that an x86-64 CPU has for single exceptions, struct cea_exception_stacks in arch/x86/include/asm/cpu_entry_area.h.
/// A per-CPU pointer leads to them (v5.2 and newer).
/// </summary>
/// <param name="Start">The stack's lowest byte.</param>
/// <param name="SavedAt">Where the exception that used it last saved its registers.</param>
public sealed record ExceptionStack(VirtualAddress Start, VirtualAddress SavedAt, PtRegs Saved)
{
    private const int LargestStack = 64 << 10;

    /// <summary>
    /// Between the end of the NMI stack and pt_regs, arch/x86/entry/entry_64.S: the processor's frame, a word for rdx, the word that says
    /// that
    /// an NMI is being handled, and two more frames (the second is the end of pt_regs).
    /// </summary>
    private const int NmiSaved = PtRegs.Bytes + (5 + 1 + 1 + 5) * 8, NmiExecuting = (5 + 1 + 1) * 8;

    /// <summary>
    /// That of #DF, which the kernel never leaves: what stands on it is of the one double fault that there was. Null where it cannot be
    /// read.
    /// </summary>
    public static ExceptionStack? OfDoubleFault(CrashedKernel kernel, int cpu) =>
        Bounds(kernel, cpu, "DF_stack") is { } at ? Read(kernel, at.Start, at.End, PtRegs.Bytes) : null;

    /// <summary>That of the NMI which the CPU was handling, come from kernel mode; null where it was handling none.</summary>
    public static ExceptionStack? OfNmi(CrashedKernel kernel, int cpu) =>
        Bounds(kernel, cpu, "NMI_stack") is { } at && kernel.Memory.TryU64(at.End + -NmiExecuting, out ulong executing) && executing == 1
            ? Read(kernel, at.Start, at.End, NmiSaved) : null;

    /// <summary>The frame whose registers these are.</summary>
    public bool SavedBy(Frame frame) => frame.Registers is { } r && r.Ip == Saved.Ip && r.Sp == Saved.Sp;

    private static ExceptionStack? Read(CrashedKernel kernel, VirtualAddress start, VirtualAddress end, int saved) =>
        PtRegs.Read(kernel.Memory, end + -saved) is { } registers ? new(start, end + -saved, registers) : null;

    private static (VirtualAddress Start, VirtualAddress End)? Bounds(CrashedKernel kernel, int cpu, string member)
    {
        try
        {
            if (kernel.PerCpu.Value is not { } perCpu || kernel.FindSymbol("cea_exception_stacks") is not { } variable ||
                kernel.Btf.Value?.Struct("cea_exception_stacks") is not { } layout)
                return null;
            StructReader stacks = new(kernel.Memory, layout, kernel.Memory.Pointer(perCpu.Address(variable, cpu), "cea_exception_stacks"));
            int size = layout.SizeOf(member);
            return size is >= 1024 and <= LargestStack ? (stacks.AddressOf(member), stacks.AddressOf(member) + size) : null;
        }
        catch (InputException)
        {
            // Without them the stack begins where the CPU's registers say.
            return null;
        }
    }
}
