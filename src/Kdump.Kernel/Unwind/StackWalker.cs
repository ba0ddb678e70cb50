using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;

namespace Kdump.Kernel.Unwind;

/// <summary>Walks kernel stacks the way an architecture's own unwinder does. Not for several threads at once.</summary>
public abstract class StackWalker
{
    /// <summary><c>ok</c>, or why the tables that prove frames are missing; frames are then guesses.</summary>
    public abstract (string Status, MemoryState? Missing) Tables { get; }

    /// <summary>From registers and no further in: where the kernel was when it stopped.</summary>
    public abstract Stack FromRegisters(Registers registers);

    /// <summary>From where a task left its registers when it was scheduled away.</summary>
    /// <exception cref="Formats.Bytes.InputException">The task does not say where that is.</exception>
    public abstract Stack FromSleep(TaskStruct task);

    /// <summary>
    /// A CPU that left registers at the crash, with what it did about the exception that led there, as far as that can be proven.
    /// </summary>
    public virtual Stack OfCpu(int cpu, Registers registers) => FromRegisters(registers);

    /// <summary>A CPU that left no registers: what else tells where it was; null where nothing does.</summary>
    /// <param name="why">Begins the reason for which the stack stopped.</param>
    public virtual Stack? WithoutRegisters(int cpu, string why) => null;
}
