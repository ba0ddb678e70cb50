namespace Kdump.Diagnosis.MachineChecks.Records;

/// <summary>
/// CPUID leaf 1, EAX: family, model and stepping, and which processor that is (arch/x86/include/asm/intel-family.h, cpu/amd.c).
/// </summary>
public readonly record struct CpuId(uint Value)
{
    public uint Family => ((Value >> 8) & 0xf) is var f && f == 0xf ? f + ((Value >> 20) & 0xff) : f;

    public uint Model => ((Value >> 4) & 0xf) + (Family is 6 || ((Value >> 8) & 0xf) == 0xf ? ((Value >> 16) & 0xf) << 4 : 0);

    public uint Stepping => Value & 0xf;

    /// <summary>The vendor as the kernel numbers it (X86_VENDOR_*): 0 Intel, 2 AMD, 5 Centaur, 9 Hygon, 10 Zhaoxin.</summary>
    public static string VendorName(uint vendor) => vendor switch
    {
        0 => "Intel", 1 => "Cyrix", 2 => "AMD", 3 => "UMC", 5 => "Centaur", 7 => "Transmeta", 8 => "NSC", 9 => "Hygon", 10 =>
            "Zhaoxin", 11 => "Vortex", _ => $"vendor {vendor}",
    };

    /// <summary>Model and extended model as mcelog adds them up: the extended model counts for families 6 and 15 only.</summary>
    internal uint McelogModel => ((Value >> 4) & 0xf) + (Family is 6 or 15 ? ((Value >> 16) & 0xf) << 4 : 0);

    /// <summary>Reads <c>6,85</c> or <c>0x6,0x55</c>; null for what is no Intel processor.</summary>
    public static Cpu? TryParseIntel(string text)
    {
        string[] parts = text.Split(',');
        return parts.Length == 2 && Number(parts[0]) is { } family && Number(parts[1]) is { } model && Intel(family, model) is var cpu &&
            cpu != Cpu.Generic ? cpu : null;
    }

    private static uint? Number(string text)
    {
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            return uint.TryParse(text.AsSpan(2), System.Globalization.NumberStyles.AllowHexSpecifier, null, out uint hex) ? hex : null;
        return uint.TryParse(text, out uint number) ? number : null;
    }

    internal static Cpu Intel(uint family, uint model) => family switch
    {
        15 => model == 6 ? Cpu.Tulsa : Cpu.P4,
        6 => IntelFamily6(model),
        19 when model == 1 => Cpu.DiamondRapids,
        > 6 => Cpu.Intel,
        _ => Cpu.Generic,
    };

    private static Cpu IntelFamily6(uint model) => model switch
    {
        0x97 or 0x9a or 0xbe => Cpu.AlderLake,
        0xb5 or 0xc5 or 0xc6 => Cpu.ArrowLake,
        0x1c or 0x26 or 0x27 or 0x35 or 0x36 or 0x37 or 0x4a or 0x4c or 0x4d or 0x5a or 0x5d => Cpu.Atom,
        0x3d or 0x47 => Cpu.Broadwell,
        0x56 => Cpu.BroadwellDe,
        0x4f => Cpu.BroadwellEpEx,
        0xdd => Cpu.ClearwaterForest,
        0xa5 or 0xa6 => Cpu.CometLake,
        0x0f or 0x17 => Cpu.Core2,
        0x5f => Cpu.Denverton,
        0x1d => Cpu.Dunnington,
        0xcf => Cpu.EmeraldRapids,
        0xb6 => Cpu.GrandRidge,
        0xad or 0xae => Cpu.GraniteRapids,
        0x3c or 0x45 or 0x46 => Cpu.Haswell,
        0x3f => Cpu.HaswellEpEx,
        0x7d or 0x7e or 0x9d => Cpu.IceLake,
        0x6c => Cpu.IceLakeDe,
        0x6a => Cpu.IceLakeXeon,
        0x3a => Cpu.IvyBridge,
        0x3e => Cpu.IvyBridgeEpEx,
        0x8e or 0x9e => Cpu.KabyLake,
        0x57 => Cpu.KnightsLanding,
        0x85 => Cpu.KnightsMill,
        0x8a => Cpu.Lakefield,
        0xbd => Cpu.LunarLake,
        0xac or 0xaa => Cpu.MeteorLake,
        0x1a or 0x2c or 0x1e or 0x25 => Cpu.Nehalem,
        <= 0x0e => Cpu.P6Old,
        0xcc => Cpu.PantherLake,
        0xb7 or 0xba or 0xbf => Cpu.RaptorLake,
        0xa7 => Cpu.RocketLake,
        0x2a => Cpu.SandyBridge,
        0x2d => Cpu.SandyBridgeEp,
        0x8f => Cpu.SapphireRapids,
        0xaf => Cpu.SierraForest,
        0x4e or 0x5e => Cpu.Skylake,
        0x55 => Cpu.SkylakeXeon,
        0x8c or 0x8d => Cpu.TigerLake,
        0x86 => Cpu.TremontD,
        0xd5 => Cpu.WildcatLake,
        0x2e or 0x2f => Cpu.Xeon75xx,
        > 0x1a => Cpu.Intel,
        _ => Cpu.P6Old,
    };
}
