using Kdump.Formats.Bytes;
using Kdump.Kernel.Unwind;

namespace Kdump.Kernel.Arch;

/// <summary>
/// Disassembles the instructions in a crashed kernel's memory, which include all patches that the kernel made to its own code.
/// </summary>
public abstract class Disassembler
{
    /// <summary>The instructions in a range of addresses; the list ends early if memory is missing or is not code.</summary>
    /// <param name="start">Address of an instruction, preferably the first of a function.</param>
    /// <param name="end">Address after the last byte to decode.</param>
    public abstract IReadOnlyList<Instruction> Range(VirtualAddress start, VirtualAddress end);

    /// <summary>
    /// Lines that explain how the instruction at which a CPU stopped could fault: its memory operand with the values of the registers,
    /// and the instructions that loaded those registers. Empty if the instruction has no memory operand or cannot be read.
    /// </summary>
    /// <param name="start">Address of the function's first instruction.</param>
    public abstract IReadOnlyList<string> Explain(Registers registers, VirtualAddress start);
}
