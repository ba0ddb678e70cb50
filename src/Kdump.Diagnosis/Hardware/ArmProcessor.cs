using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Hardware;

/// <summary>
/// The sections of CPER that arm64 machines have: the ARM processor error (UEFI specification N.2.4.4; drivers/firmware/efi/cper-arm.c),
/// which names its core by MPIDR and not by Linux' number, and Ampere's own (rasdaemon non-standard-ampere.c).
/// </summary>
internal static class ArmProcessor
{
    private const string AmpereSection = "e8ed898d-df16-43cc-8ecc-54f060ef157f";

    /// <summary>First byte of Ampere's record, six bits.</summary>
    private static readonly string[] AmpereParts =
    [
        "a core or its snoop logic", "a memory controller (MCU)", "the mesh between cores", "the link between the sockets",
        "the link between the sockets (Altra Max)", "the interrupt controller (GIC)", "an SMMU", "PCIe (AER)",
        "a PCIe controller's data path", "the on-chip memory", "the management processor (SMpro)", "the power processor (PMpro)",
        "the trusted firmware", "SMpro's firmware", "PMpro's firmware",
    ];

    public static bool Is(CperError e) => e.Section.StartsWith("ARM processor", StringComparison.Ordinal);

    public static bool IsAmpere(CperError e) => e["section type"]?.Contains(AmpereSection, StringComparison.Ordinal) == true ||
        e.Section.Contains(AmpereSection, StringComparison.Ordinal);

    /// <summary>The line with which the kernel started the CPU of a section; null where there is none, or several fit.</summary>
    public static ArmCpu? CpuOf(CperError e, Facts facts)
    {
        if (Mpidr(e) is not { } mpidr)
            return null;
        ArmCpu[] fits = [.. facts.Of<ArmCpu>().Where(c => c.Mpidr == (mpidr & ArmCpu.AffinityBits)).DistinctBy(c => c.Cpu).Take(2)];
        return fits.Length == 1 ? fits[0] : null;
    }

    /// <summary>Sentences that name the core.</summary>
    public static IEnumerable<string> Which(CperError e, Facts facts)
    {
        string core = HexWord.TryRead(e["MIDR"] ?? "", out ulong midr) && ArmCore.Name((uint)(midr & uint.MaxValue)) is { } name
            ? $", a {name}" : "";
        if (CpuOf(e, facts) is { } cpu)
            yield return $"The core with MPIDR 0x{cpu.Mpidr:x} is CPU {cpu.Cpu}{core}: the kernel said so when it started it.";
        else if (Mpidr(e) is { } mpidr)
            yield return $"The core is the one with MPIDR 0x{mpidr & ArmCpu.AffinityBits:x}{core}; " +
                "which CPU that is, the kernel says when it starts it (CPUn: Booted secondary processor 0x…).";
        if (e["state"] is { } state)
            yield return char.ToUpperInvariant(state[0]) + state[1..] + ".";
    }

    /// <summary>The part of the chip that Ampere's record is about; null where it is no such record, or an unknown part.</summary>
    public static string? AmperePart(CperError e)
    {
        if (!IsAmpere(e) || e["00000000"]?.Split(' ')[0] is not { Length: 8 } word || !HexWord.TryRead(word, out ulong first))
            return null;
        ulong part = first & 0x3f;
        string? name = part == 63 ? "an earlier boot (BERT)" : null;
        if (part < (ulong)AmpereParts.Length)
            name = AmpereParts[(int)part];
        return name is null ? null : $"{name}, socket {first >> 30}";
    }

    private static ulong? Mpidr(CperError e) =>
        HexWord.TryRead(e["Multiprocessor Affinity Register (MPIDR)"] ?? "", out ulong value) ? value : null;
}
