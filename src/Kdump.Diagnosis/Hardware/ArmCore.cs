namespace Kdump.Diagnosis.Hardware;

/// <summary>Names the core of a MIDR: implementer and part number (arch/arm64/include/asm/cputype.h; Arm's reference manuals).</summary>
public static class ArmCore
{
    private static readonly (uint Implementer, uint Part, string Name)[] Cores =
    [
        (0x41, 0xd03, "Cortex-A53"), (0x41, 0xd04, "Cortex-A35"), (0x41, 0xd05, "Cortex-A55"), (0x41, 0xd07, "Cortex-A57"),
        (0x41, 0xd08, "Cortex-A72"), (0x41, 0xd09, "Cortex-A73"), (0x41, 0xd0a, "Cortex-A75"), (0x41, 0xd0b, "Cortex-A76"),
        (0x41, 0xd0c, "Neoverse N1"), (0x41, 0xd0d, "Cortex-A77"), (0x41, 0xd40, "Neoverse V1"), (0x41, 0xd41, "Cortex-A78"),
        (0x41, 0xd42, "Cortex-A78AE"), (0x41, 0xd44, "Cortex-X1"), (0x41, 0xd46, "Cortex-A510"), (0x41, 0xd47, "Cortex-A710"),
        (0x41, 0xd48, "Cortex-X2"), (0x41, 0xd49, "Neoverse N2"), (0x41, 0xd4b, "Cortex-A78C"), (0x41, 0xd4d, "Cortex-A715"),
        (0x41, 0xd4e, "Cortex-X3"), (0x41, 0xd4f, "Neoverse V2"), (0x41, 0xd80, "Cortex-A520"), (0x41, 0xd81, "Cortex-A720"),
        (0x41, 0xd82, "Cortex-X4"), (0x41, 0xd84, "Neoverse V3"), (0x41, 0xd8e, "Neoverse N3"), (0x43, 0x0a1, "ThunderX"),
        (0x43, 0x0af, "ThunderX2"), (0x46, 0x001, "A64FX"), (0x48, 0xd01, "TaiShan v110 (Kunpeng 920)"), (0x4e, 0x004, "Carmel"),
        (0x50, 0x000, "X-Gene"), (0x6d, 0xd49, "Azure Cobalt 100"), (0xc0, 0xac3, "AmpereOne"), (0xc0, 0xac4, "AmpereOne AC04"),
    ];

    /// <summary><c>Neoverse N1 r3p1</c>; null for a core that is not known.</summary>
    public static string? Name(uint midr)
    {
        uint implementer = midr >> 24, part = midr >> 4 & 0xfff;
        string? name = Array.Find(Cores, c => c.Implementer == implementer && c.Part == part).Name;
        return name is null ? null : $"{name} r{midr >> 20 & 0xf}p{midr & 0xf}";
    }
}
