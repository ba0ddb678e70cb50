using Kdump.Formats.Bytes;
using Kdump.Formats.Elf;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Unwind;

namespace Kdump.Kernel.Arch;

/// <summary>
/// Everything about a crashed kernel that depends on the processor: page tables, registers, stacks. All other code uses symbols and
/// types from the dump. A new architecture is a folder next to <c>X8664</c> and a line in <c>Architectures</c>.
/// </summary>
public abstract class Architecture
{
    /// <summary>As uname -m and dump headers name it.</summary>
    public abstract string Machine { get; }

    /// <summary>Layer name of what stacks are unwound by: <c>orc</c>.</summary>
    public abstract string UnwindTables { get; }

    /// <summary>Bytes of struct elf_prstatus, the description of an NT_PRSTATUS note.</summary>
    public abstract int PrStatusBytes { get; }

    /// <summary>The address space of a kernel, by what its VMCOREINFO says.</summary>
    /// <exception cref="Formats.Bytes.InputException">VMCOREINFO does not say enough.</exception>
    public abstract KernelMemory OpenMemory(PhysicalMemory physical, Keys keys);

    /// <summary>What walks the stacks of a kernel.</summary>
    /// <exception cref="Formats.Bytes.InputException">There is no memory to walk in.</exception>
    public abstract StackWalker OpenStacks(CrashedKernel kernel);

    /// <summary>Registers out of a note that firmware's dump has for the CPU of an interrupt controller's number, and that number; null
    /// for other notes.</summary>
    public virtual (uint Id, Registers Saved)? OfFirmware(ElfNote note) => null;

    /// <summary>The per-CPU variable that holds that number; null where there is none.</summary>
    public virtual string? FirmwareIds => null;

    /// <summary>Registers out of the description of an NT_PRSTATUS note; null where it is too short.</summary>
    public abstract Registers? OfPrStatus(ReadOnlySpan<byte> description);

    /// <summary>What reads instructions of a kernel; null where this architecture's are not known.</summary>
    public virtual Disassembler? OpenCode(CrashedKernel kernel) => null;

    /// <summary>
    /// A variable that no table of symbols names, out of the code that uses it; null where this architecture's code does not tell.
    /// </summary>
    public virtual VirtualAddress? FindVariable(CrashedKernel kernel, string name) => null;

    /// <summary>
    /// Where a CPU has its per-CPU area, by the registers that a hypervisor added to a dump (QEMU's own notes): one of these is
    /// __per_cpu_offset of that CPU. Empty where they do not tell.
    /// </summary>
    /// <exception cref="Formats.Bytes.InputException">The note is too short, or of a version that is not known.</exception>
    public virtual ulong[] PerCpuBases(ElfNote hypervisorNote, string input) => [];
}
