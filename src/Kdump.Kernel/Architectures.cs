using Kdump.Formats.Dumps;
using Kdump.Formats.Elf;
using Kdump.Kernel.Arch;
using Kdump.Kernel.Arch.Arm64;
using Kdump.Kernel.Arch.X8664;

namespace Kdump.Kernel;

/// <summary>The architectures whose kernels can be read.</summary>
public static class Architectures
{
    public static readonly Architecture[] All = [new X8664Architecture(), new Arm64Architecture(), .. LinearArchitecture.All];

    /// <summary>
    /// By the dump's header; where that does not say (QEMU writes "Unknown" for all but x86), by the length of a CPU's PRSTATUS note, else
    /// the first. Null for a machine whose kernels cannot be read.
    /// </summary>
    public static Architecture? Of(Dump dump)
    {
        string machine = dump.Info.Machine;
        if (machine is not ("" or "Unknown"))
            return Array.Find(All, a => a.Machine == machine);
        ElfNote? status = dump.ElfNotes.FirstOrDefault(n => n is { Type: ElfNote.PrStatus, Name: "CORE" });
        return Array.Find(All, a => a.PrStatusBytes == status?.Description.Length) ?? All[0];
    }
}
