using Kdump.Formats.Dumps;
using Kdump.Formats.Elf;
using Kdump.Kernel.Arch;
using Kdump.Kernel.Arch.Arm64;
using Kdump.Kernel.Arch.X8664;

namespace Kdump.Kernel;

/// <summary>The supported architectures.</summary>
public static class Architectures
{
    public static readonly Architecture[] All = [new X8664Architecture(), new Arm64Architecture(), .. LinearArchitecture.All];

    /// <summary>
    /// The architecture of a dump: by its header; if that is unknown (QEMU writes "Unknown" for all but x86), by the length of a CPU's
    /// PRSTATUS note; otherwise the first one in the table. Null for an unsupported architecture.
    /// </summary>
    public static Architecture? Of(Dump dump)
    {
        string machine = dump.Info.Machine;
        // QEMU writes ppc64 dumps in the byte order of the hypervisor's interrupts: that of a guest is proven by its memory.
        if (machine == "ppc64")
            machine = "ppc64le";
        if (machine is not ("" or "Unknown"))
            return Array.Find(All, a => a.Machine == machine);
        ElfNote? status = dump.ElfNotes.FirstOrDefault(n => n is { Type: ElfNote.PrStatus, Name: "CORE" });
        return Array.Find(All, a => a.PrStatusBytes == status?.Description.Length) ?? All[0];
    }
}
