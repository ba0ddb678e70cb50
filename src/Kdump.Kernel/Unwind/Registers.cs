using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Unwind;

/// <summary>The saved registers of a CPU at one point in time; some may be unknown.</summary>
public abstract class Registers
{
    /// <summary>Address of the current instruction.</summary>
    public abstract VirtualAddress Ip { get; }

    public abstract VirtualAddress Sp { get; }

    /// <summary>True if the CPU ran a program (user mode), not the kernel.</summary>
    public abstract bool UserMode { get; }

    /// <summary>The known registers, in the order of struct pt_regs.</summary>
    public abstract IReadOnlyList<(string Name, ulong Value)> All { get; }

    /// <summary>
    /// One line for a program's entry into the kernel: instruction pointer, stack pointer, and further identifying registers.
    /// </summary>
    public abstract string Brief { get; }

    /// <summary>Lines in the form and order of the kernel's own register dumps.</summary>
    public abstract IEnumerable<string> Lines();
}
