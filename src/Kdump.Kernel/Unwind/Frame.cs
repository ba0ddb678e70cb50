using Kdump.Formats.Bytes;
using Kdump.Kernel.Symbols;

namespace Kdump.Kernel.Unwind;

/// <summary>
/// How a frame was entered, or that it is a guess: found without proof, by frame pointer or by looking like a return address.
/// </summary>
public enum FrameKind : byte
{
    Call, Exception, Interrupt, Syscall, Guess,
}

/// <summary>One frame of a stack.</summary>
/// <param name="Ip">Where it will go on: a return address, or the interrupted instruction.</param>
/// <param name="Sp">Its stack pointer.</param>
/// <param name="Location">The symbol of the call (one byte before a return address), null where none covers it. Offset is that of
/// Ip.</param>
/// <param name="Registers">What the frame saved on entry, for exception, interrupt and syscall.</param>
public sealed record Frame(VirtualAddress Ip, VirtualAddress Sp, Location? Location, FrameKind Kind, Registers? Registers)
{
    /// <summary>Ip is the instruction itself: the interrupted one, or a function's first. Else a call is before it.</summary>
    public bool Exact { get; init; }
}
