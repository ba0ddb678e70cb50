namespace Kdump.Diagnosis.MachineChecks.Records;

/// <summary>
/// Processors whose machine-check banks differ; the order means nothing but that all of Intel's stand behind <see cref="Intel"/>.
/// </summary>
public enum Cpu
{
    Generic, K8,
    Intel, P4, Tulsa, AlderLake, ArrowLake, Atom, Broadwell, BroadwellDe, BroadwellEpEx, ClearwaterForest, CometLake, Core2, Denverton,
        DiamondRapids, Dunnington,
    EmeraldRapids, GrandRidge, GraniteRapids, Haswell, HaswellEpEx, IceLake, IceLakeDe, IceLakeXeon, IvyBridge, IvyBridgeEpEx, KabyLake,
        KnightsLanding, KnightsMill,
    Lakefield, LunarLake, MeteorLake, Nehalem, P6Old, PantherLake, RaptorLake, RocketLake, SandyBridge, SandyBridgeEp, SapphireRapids,
        SierraForest, Skylake,
    SkylakeXeon, TigerLake, TremontD, WildcatLake, Xeon75xx,
}
