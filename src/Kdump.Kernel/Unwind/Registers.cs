using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Unwind;

/// <summary>The registers of a CPU at one moment, as far as they were saved.</summary>
public abstract class Registers
{
    /// <summary>The instruction it stood at.</summary>
    public abstract VirtualAddress Ip { get; }

    public abstract VirtualAddress Sp { get; }

    /// <summary>It ran a program, not the kernel.</summary>
    public abstract bool UserMode { get; }

    /// <summary>In the order of struct pt_regs; those that are not known are not in it.</summary>
    public abstract IReadOnlyList<(string Name, ulong Value)> All { get; }

    /// <summary>Instruction, stack and what else identifies a program's entry into the kernel, in one line.</summary>
    public abstract string Brief { get; }

    /// <summary>Lines in the form and order of the kernel's own register dumps.</summary>
    public abstract IEnumerable<string> Lines();
}
