using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Arch;

/// <summary>One disassembled machine instruction.</summary>
/// <param name="Text">In the syntax of the architecture's GNU tools.</param>
/// <param name="Refers">Symbol of an address in the instruction (target of a call or jump, or a variable); null if there is none.</param>
/// <param name="Guess">The struct member that a memory operand may be, derived from the types of the function's parameters; a guess,
/// because branches are not followed.</param>
public sealed record Instruction(VirtualAddress Address, byte[] Bytes, string Text, string? Refers, string? Guess);
