using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Arch;

/// <summary>One machine instruction in words.</summary>
/// <param name="Text">In the syntax of the architecture's GNU tools.</param>
/// <param name="Refers">What an address in it is: the target of a call or jump, a variable; null where it names none.</param>
/// <param name="Guess">What a memory operand may be by the types of the function's parameters; a guess, because branches are not
/// followed.</param>
public sealed record Instruction(VirtualAddress Address, byte[] Bytes, string Text, string? Refers, string? Guess);
