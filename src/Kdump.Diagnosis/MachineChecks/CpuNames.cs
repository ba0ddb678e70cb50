using Kdump.Diagnosis.MachineChecks.Records;

namespace Kdump.Diagnosis.MachineChecks;

/// <summary>Processors by the names that users and mcelog's <c>--cpu</c> give them.</summary>
public static class CpuNames
{
    // The first name of each is the one that we print; mcelog confuses ivybridge-ep with ivybridge and haswell-ep with haswell, and
    // an option for mcelog's users must do so, too.
    private static readonly (Cpu Cpu, string Names)[] Names =
    [
        (Cpu.Generic, "generic"), (Cpu.K8, "k8"), (Cpu.Intel, "intel"), (Cpu.P4, "p4 xeon5000 xeon7100"), (Cpu.Tulsa, "tulsa xeon71xx"),
            (Cpu.AlderLake, "alderlake"),
        (Cpu.ArrowLake, "arrowlake"), (Cpu.Atom, "atom"), (Cpu.Broadwell, "broadwell"), (Cpu.BroadwellDe, "broadwell-d"),
        (Cpu.BroadwellEpEx, "broadwell-ep broadwell-ex xeon-v4"), (Cpu.ClearwaterForest, "clearwaterforest"), (Cpu.CometLake, "cometlake"),
        (Cpu.Core2, "core2 xeon3100 xeon3200 xeon5100 xeon5200 xeon7200"), (Cpu.Denverton, "denverton"),
            (Cpu.DiamondRapids, "diamond_rapids"),
        (Cpu.Dunnington, "dunnington xeon7400 xeon74xx"), (Cpu.EmeraldRapids, "emeraldrapids_server"), (Cpu.GrandRidge, "grandridge"),
        (Cpu.GraniteRapids, "graniterapids"), (Cpu.Haswell, "haswell-ep haswell-ex xeon-v3"), (Cpu.HaswellEpEx, "haswell"),
            (Cpu.IceLake, "icelake"),
        (Cpu.IceLakeDe, "icelake-d"), (Cpu.IceLakeXeon, "icelake_server"), (Cpu.IvyBridge, "ivybridge-ep ivybridge-ex xeon-v2"),
            (Cpu.IvyBridgeEpEx, "ivybridge"),
        (Cpu.KabyLake, "kabylake"), (Cpu.KnightsLanding, "knightslanding"), (Cpu.KnightsMill, "knightsmill"), (Cpu.Lakefield, "lakefield"),
        (Cpu.LunarLake, "lunarlake"), (Cpu.MeteorLake, "meteorlake"), (Cpu.Nehalem, "nehalem westmere core_i3 core_i5 core_i7 xeon5500"),
            (Cpu.P6Old, "p6old"),
        (Cpu.PantherLake, "pantherlake"), (Cpu.RaptorLake, "raptorlake"), (Cpu.RocketLake, "rocketlake"), (Cpu.SandyBridge, "sandybridge"),
        (Cpu.SandyBridgeEp, "sandybridge-ep"), (Cpu.SapphireRapids, "sapphirerapids_server"), (Cpu.SierraForest, "sierraforest"),
            (Cpu.Skylake, "skylake"),
        (Cpu.SkylakeXeon, "skylake_server cascadelake_server"), (Cpu.TigerLake, "tigerlake"), (Cpu.TremontD, "snowridge"),
            (Cpu.WildcatLake, "wildcatlake"),
        (Cpu.Xeon75xx, "xeon7500 xeon75xx"),
    ];

    public static IEnumerable<string> All => Names.SelectMany(n => n.Names.Split(' '));

    public static Cpu? Find(string name)
    {
        foreach ((Cpu cpu, string names) in Names)
        {
            if (names.Split(' ').Contains(name, StringComparer.OrdinalIgnoreCase))
                return cpu;
        }
        return null;
    }

    /// <summary>The processor in words; the product family if several cannot be told apart.</summary>
    public static string Words(Cpu cpu) => cpu switch
    {
        Cpu.Generic => "unknown processor", Cpu.K8 => "AMD K8", Cpu.Intel => "Intel processor without model tables", Cpu.P4 =>
            "Pentium 4 / Xeon (Netburst)", Cpu.Tulsa => "Xeon 7100 (Tulsa)",
        Cpu.BroadwellDe => "Broadwell-DE", Cpu.BroadwellEpEx => "Broadwell-EP/EX (Xeon v4)", Cpu.Core2 => "Core 2", Cpu.Dunnington =>
            "Xeon 7400 (Dunnington)",
        // These are not called by their first name, which is mcelog's and that of the server.
        Cpu.Haswell => "Haswell (client, Xeon E3 v3)", Cpu.IvyBridge => "Ivy Bridge (client, Xeon E3 v2)",
        Cpu.HaswellEpEx => "Haswell-EP/EX (Xeon v3)", Cpu.IceLakeXeon => "Ice Lake server", Cpu.IceLakeDe =>
            "Ice Lake-D", Cpu.IvyBridgeEpEx => "Ivy Bridge-EP/EX (Xeon v2)",
        Cpu.Nehalem => "Nehalem / Westmere", Cpu.P6Old => "P6", Cpu.SandyBridgeEp => "Sandy Bridge-EP", Cpu.SkylakeXeon =>
            "Skylake / Cascade Lake server",
        Cpu.TremontD => "Snow Ridge (Tremont)", Cpu.Xeon75xx => "Xeon 7500 (Nehalem-EX / Westmere-EX)", Cpu.SapphireRapids =>
            "Sapphire Rapids", Cpu.EmeraldRapids => "Emerald Rapids",
        Cpu.GraniteRapids => "Granite Rapids", Cpu.SierraForest => "Sierra Forest", Cpu.ClearwaterForest =>
            "Clearwater Forest", Cpu.DiamondRapids => "Diamond Rapids",
        _ => Names.First(n => n.Cpu == cpu).Names.Split(' ')[0] is var name ? char.ToUpperInvariant(name[0]) + name[1..] : "",
    };
}
