using Kdump.Formats.Bytes;
using Kdump.Formats.Elf;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Unwind;

namespace Kdump.Kernel.Arch;

/// <summary>
/// Everything about a crashed kernel that depends on the processor: page tables, registers, stacks. All other code uses symbols and types
/// from the dump. To add an architecture, add a folder next to <c>X8664</c> and a line in <c>Architectures</c>.
/// </summary>
public abstract class Architecture
{
    /// <summary>Name of the architecture, as in uname -m and dump headers.</summary>
    public abstract string Machine { get; }

    /// <summary>Name of the layer by which stacks are unwound: <c>orc</c>.</summary>
    public abstract string UnwindTables { get; }

    /// <summary>Size of a task's kernel stack in bytes (THREAD_SIZE) where the dump does not tell: without KASAN.</summary>
    /// <param name="pageSize">Size of the kernel's page in bytes.</param>
    public virtual int UsualStack(int pageSize) => 16 << 10;

    /// <summary>Size of struct elf_prstatus in bytes, which is the descriptor of an NT_PRSTATUS note.</summary>
    public abstract int PrStatusBytes { get; }

    /// <summary>Opens the address space of a kernel, from its VMCOREINFO.</summary>
    /// <exception cref="Formats.Bytes.InputException">A required key of VMCOREINFO is missing.</exception>
    public abstract KernelMemory OpenMemory(PhysicalMemory physical, Keys keys);

    /// <summary>Creates the stack walker of a kernel.</summary>
    /// <exception cref="Formats.Bytes.InputException">The kernel's memory is not available.</exception>
    public abstract StackWalker OpenStacks(CrashedKernel kernel);

    /// <summary>
    /// Registers from a note in which a firmware's dump stores them, and the number of the CPU's interrupt controller in that note; null
    /// for other notes.
    /// </summary>
    public virtual (uint Id, Registers Saved)? OfFirmware(ElfNote note) => null;

    /// <summary>Name of the per-CPU variable that contains the number of the CPU's interrupt controller; null if there is none.</summary>
    public virtual string? FirmwareIds => null;

    /// <summary>Registers from the descriptor of an NT_PRSTATUS note; null if it is too short.</summary>
    public abstract Registers? OfPrStatus(ReadOnlySpan<byte> description);

    /// <summary>Creates the disassembler for a kernel; null if this architecture's instructions are not supported.</summary>
    public virtual Disassembler? OpenCode(CrashedKernel kernel) => null;

    /// <summary>Finds a variable that is in no symbol table, from the code that uses it; null if it cannot be found this way.</summary>
    public virtual VirtualAddress? FindVariable(CrashedKernel kernel, string name) => null;

    /// <summary>
    /// Candidates for __per_cpu_offset of a CPU, from the registers that a hypervisor added to the dump (QEMU's own notes). Empty if
    /// there are none.
    /// </summary>
    /// <exception cref="Formats.Bytes.InputException">The note is too short, or its version is unknown.</exception>
    public virtual ulong[] PerCpuBases(ElfNote hypervisorNote, string input) => [];
}
