using Kdump.Formats.Dumps;
using Kdump.Formats.Elf;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Unwind;

namespace Kdump.Kernel.Arch.X8664;

/// <summary>x86-64: page tables with four or five levels; stacks by ORC.</summary>
public sealed class X8664Architecture : Architecture
{
    /// <summary>Byte offset of pr_reg in struct elf_prstatus, include/linux/elfcore.h.</summary>
    private const int RegistersAt = 112;

    public override string Machine => "x86_64";

    public override string UnwindTables => "orc";

    public override int PrStatusBytes => 336;

    public override KernelMemory OpenMemory(PhysicalMemory physical, Keys keys) => X8664Memory.Open(physical, keys);

    public override StackWalker OpenStacks(CrashedKernel kernel) => new Unwinder(kernel);

    public override Disassembler OpenCode(CrashedKernel kernel) => new X8664Disassembler(kernel);

    public override Registers? OfPrStatus(ReadOnlySpan<byte> description) =>
        description.Length >= RegistersAt + PtRegs.Bytes ? PtRegs.Full21(description[RegistersAt..]) : null;

    public override (uint Id, Registers Saved)? OfFirmware(ElfNote note) =>
        note.Name == SaDump.CpuNote && PtRegs.OfSmram(note.Description.Span) is { } registers ? (note.Type, registers) : null;

    public override string FirmwareIds => "x86_cpu_to_apicid";

    /// <summary>
    /// The base of gs if the CPU was in kernel mode, KernelGsBase if it was in user mode: one of them is the CPU's per-CPU area.
    /// </summary>
    public override ulong[] PerCpuBases(ElfNote hypervisorNote, string input)
    {
        QemuCpuState state = QemuCpuState.Read(hypervisorNote, input);
        return [state.Gs.Base, .. state.KernelGsBase is { } other ? [other] : Array.Empty<ulong>()];
    }
}
