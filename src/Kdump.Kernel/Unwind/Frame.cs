using Kdump.Formats.Bytes;
using Kdump.Kernel.Symbols;

namespace Kdump.Kernel.Unwind;

/// <summary>
/// How a frame was entered, or that it is a guess: an unproven frame, found by a frame pointer or because a word on the stack may be a
/// return address.
/// </summary>
public enum FrameKind : byte
{
    Call, Exception, Interrupt, Syscall, Guess,
}

/// <summary>One frame of a stack.</summary>
/// <param name="Ip">Address where execution would continue: a return address, or the interrupted instruction.</param>
/// <param name="Sp">The stack pointer of the frame.</param>
/// <param name="Location">The symbol of the call (one byte before a return address), null if no symbol covers it. Its offset is that of
/// Ip.</param>
/// <param name="Registers">The registers that were saved on entry, for exception, interrupt and syscall; otherwise null.</param>
public sealed record Frame(VirtualAddress Ip, VirtualAddress Sp, Location? Location, FrameKind Kind, Registers? Registers)
{
    /// <summary>
    /// True if Ip is the address of the instruction itself: the interrupted one, or a function's first. False if Ip is a return address,
    /// with a call before it.
    /// </summary>
    public bool Exact { get; init; }
}
