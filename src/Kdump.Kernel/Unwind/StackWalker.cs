using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;

namespace Kdump.Kernel.Unwind;

/// <summary>Walks kernel stacks like the kernel's own unwinder for the architecture. Not safe for several threads.</summary>
public abstract class StackWalker
{
    /// <summary><c>ok</c>, or the reason why the unwind tables are missing, in which case all frames are guesses.</summary>
    public abstract (string Status, MemoryState? Missing) Tables { get; }

    /// <summary>Walks from the given registers only: where the kernel was when it stopped.</summary>
    public abstract Stack FromRegisters(Registers registers);

    /// <summary>Walks the stack of a sleeping task from the registers that it saved when it was scheduled away.</summary>
    /// <exception cref="Formats.Bytes.InputException">The saved registers of the task cannot be read.</exception>
    public abstract Stack FromSleep(TaskStruct task);

    /// <summary>
    /// Walks the stack of a CPU with registers from the crash. The frames of an exception that led to the crash are included, as far as
    /// they can be proven.
    /// </summary>
    public virtual Stack OfCpu(int cpu, Registers registers) => FromRegisters(registers);

    /// <summary>Walks the stack of a CPU without registers, if other data shows where it was; otherwise null.</summary>
    /// <param name="why">Text with which the stack's reason for stopping begins.</param>
    public virtual Stack? WithoutRegisters(int cpu, string why) => null;
}
