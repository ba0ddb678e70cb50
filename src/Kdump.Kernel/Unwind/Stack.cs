using Kdump.Kernel.Memory;

namespace Kdump.Kernel.Unwind;

/// <summary>A task's stack, innermost frame first.</summary>
/// <param name="Stopped">Why it ends before the end of the stack; null where it was walked to its end.</param>
/// <param name="UserRegisters">Registers of the program, where the stack begins in user mode.</param>
public sealed record Stack(IReadOnlyList<Frame> Frames, string? Stopped, Registers? UserRegisters)
{
    /// <summary>The state of the memory for lack of which it stopped; null where that is not the reason.</summary>
    public MemoryState? Missing { get; init; }

    /// <summary>No frame was guessed and nothing is missing.</summary>
    public bool Proven => Stopped is null && Frames.All(f => f.Kind != FrameKind.Guess);
}
