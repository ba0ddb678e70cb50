using Kdump.Formats.Bytes;
using Kdump.Kernel.Unwind;

namespace Kdump.Kernel.Arch;

/// <summary>Reads the instructions of a dead kernel as its memory has them: with every patch that it made to itself.</summary>
public abstract class Disassembler
{
    /// <summary>Instructions from an address on; the list ends before its time where memory is missing or is no code.</summary>
    /// <param name="start">Where an instruction begins: a function's first, best.</param>
    /// <param name="end">The first byte that is not wanted.</param>
    public abstract IReadOnlyList<Instruction> Range(VirtualAddress start, VirtualAddress end);

    /// <summary>
    /// Why the instruction at which a CPU stopped could fail, in lines: its memory operand with the registers that it is of, and where in
    /// the function these were loaded. Empty where it has none, or it cannot be read.
    /// </summary>
    /// <param name="start">First instruction of the function.</param>
    public abstract IReadOnlyList<string> Explain(Registers registers, VirtualAddress start);
}
