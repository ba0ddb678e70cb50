using Kdump.Kernel.Memory;

namespace Kdump.Kernel.Unwind;

/// <summary>A task's stack, innermost frame first.</summary>
/// <param name="Stopped">The reason why the walk stopped before the end of the stack; null if it reached the end.</param>
/// <param name="UserRegisters">Registers of the program, if the stack begins in user mode; otherwise null.</param>
public sealed record Stack(IReadOnlyList<Frame> Frames, string? Stopped, Registers? UserRegisters)
{
    /// <summary>The state of the missing memory because of which the walk stopped; null if there was another reason.</summary>
    public MemoryState? Missing { get; init; }

    /// <summary>True if no frame is a guess and the walk reached the end.</summary>
    public bool Proven => Stopped is null && Frames.All(f => f.Kind != FrameKind.Guess);
}
