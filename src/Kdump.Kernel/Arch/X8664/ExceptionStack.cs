using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;
using Kdump.Kernel.Unwind;

namespace Kdump.Kernel.Arch.X8664;

/// <summary>
/// One of the stacks of an x86-64 CPU that are reserved for one exception each: struct cea_exception_stacks in
/// arch/x86/include/asm/cpu_entry_area.h, to which a per-CPU pointer points (v5.2 and newer).
/// </summary>
/// <param name="Start">Lowest address of the stack.</param>
/// <param name="SavedAt">Address of the registers that the last exception on this stack saved.</param>
public sealed record ExceptionStack(VirtualAddress Start, VirtualAddress SavedAt, PtRegs Saved)
{
    private const int LargestStack = 64 << 10;

    /// <summary>
    /// Bytes between the end of the NMI stack and pt_regs, arch/x86/entry/entry_64.S: the processor's frame, a word for rdx, the word
    /// that marks that an NMI is being handled, and two more frames (the second is the end of pt_regs).
    /// </summary>
    private const int NmiSaved = PtRegs.Bytes + (5 + 1 + 1 + 5) * 8, NmiExecuting = (5 + 1 + 1) * 8;

    /// <summary>
    /// The stack of the double fault (#DF). The kernel never leaves it, so its content belongs to the only double fault that happened.
    /// Null if it cannot be read.
    /// </summary>
    public static ExceptionStack? OfDoubleFault(CrashedKernel kernel, int cpu) =>
        Bounds(kernel, cpu, "DF_stack") is { } at ? Read(kernel, at.Start, at.End, PtRegs.Bytes) : null;

    /// <summary>
    /// The stack of the NMI that the CPU was handling, if the NMI interrupted kernel mode; null if it was handling none.
    /// </summary>
    public static ExceptionStack? OfNmi(CrashedKernel kernel, int cpu) =>
        Bounds(kernel, cpu, "NMI_stack") is { } at && kernel.Memory.TryU64(at.End + -NmiExecuting, out ulong executing) && executing == 1
            ? Read(kernel, at.Start, at.End, NmiSaved) : null;

    /// <summary>True if the frame contains the registers that the exception saved.</summary>
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
            // Without exception stacks the walk begins at the CPU's registers.
            return null;
        }
    }
}
