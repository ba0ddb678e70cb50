using Kdump.Diagnosis.MachineChecks.Amd;
using Kdump.Diagnosis.MachineChecks.Records;

namespace Kdump.Diagnosis.MachineChecks;

/// <summary>A machine check in words: what kind, which unit, where; nothing here is in another tool's layout.</summary>
internal static class MceWords
{
    private static readonly string[] Levels = ["level 0", "level 1", "level 2", "generic level"];
    private static readonly string[] Caches = ["instruction", "data", "unified", "unknown"];
    private static readonly string[] Requests =
        ["", "read", "write", "data read", "data write", "instruction fetch", "prefetch", "eviction", "snoop"];

    /// <summary>The kind and the architectural code in words.</summary>
    /// <param name="amdFamily">0 if the processor is not AMD's, or its family is not known.</param>
    public static (MceKind Kind, string Words) Of(MachineCheck r, Cpu model, uint amdFamily)
    {
        if (r.Bank == 128)
            return (MceKind.Thermal, "thermal event");
        ulong s = r.Status ?? 0;
        if (r.IsAmd && r.IsScalable && Smca.Of(r) is { } unit && unit.Name != "RESERVED")
        {
            string meaning = unit.Meaning(s, r.Id ?? default) ?? $"extended error code {(s >> 16) & 0x3f} of no known meaning";
            return (KindOf(unit), $"{meaning} in the {unit.Words}");
        }
        const uint AnyWithNorthbridge = 0x10;
        if (AmdNorthbridge.Of(amdFamily == 0 && r.Northbridge is not null ? AnyWithNorthbridge : amdFamily, r.Bank, s) is { } northbridge)
            return northbridge;
        (MceKind kind, string words) = Code((uint)(s & 0xefff), r.RootPort is not null);
        return (Unit(model, r.Bank ?? -1) is { Kind: not MceKind.Unknown } u && kind is MceKind.Unknown or MceKind.Internal ? u.Kind : kind,
            words);
    }

    private static MceKind KindOf(Smca unit) => unit.Name switch
    {
        "UMC" or "UMC_V2" or "MA_LLC" => MceKind.Memory,
        "L2_CACHE" or "L3_CACHE" => MceKind.Cache,
        "NBIO" or "PCIE" or "PCIE_V2" or "NBIF" or "SATA" or "USB" or "SHUB" => MceKind.InputOutput,
        "CS" or "CS_V2" or "PIE" => MceKind.Bus,
        "XGMI_PCS" or "XGMI_PHY" or "GMI_PCS" or "GMI_PHY" or "WAFL_PHY" or "USR_DP" or "USR_CP" => MceKind.Link,
        "SMU" or "SMU_V2" or "PSP" or "PSP_V2" or "MP5" or "MPDMA" or "PB" => MceKind.PowerUnit,
        _ => MceKind.Internal,
    };

    private static (MceKind Kind, string Words) Code(uint code, bool rootPort)
    {
        uint level = code & 3, type = (code >> 2) & 3, request = (code >> 4) & 15;
        string asked = request < Requests.Length ? Requests[request] : $"request {request}";
        if (code >> 2 == 3)
            return (MceKind.Cache, $"cache error, {Levels[level]}");
        if (code >> 4 == 1)
            return (MceKind.Tlb, $"{Caches[type]} TLB error, {Levels[level]}");
        if (code >> 8 == 1)
            return (MceKind.Cache, $"{Caches[type]} cache error, {Levels[level]}{(asked.Length > 0 ? $", on {asked}" : "")}");
        if (code >> 7 == 1 || (code >> 7) == 5)
        {
            string what = ((code >> 4) & 7) switch { 0 => "memory error", 1 => "memory read error", 2 => "memory write error",
                3 => "memory address or command error", 4 => "memory scrubbing error", _ => "memory error of a reserved kind" };
            return (MceKind.Memory,
                $"{what}{((code >> 7) == 5 ? " (memory used as a cache)" : "")}, " +
                $"{((code & 15) == 15 ? "channel unspecified" : $"channel {code & 15}")}");
        }
        if (code == 0x400)
            return (MceKind.Timer, "internal timer error: no instruction finished for a long time");
        if (code >> 10 == 1)
            return (MceKind.Internal, $"internal unclassified error {code:x}");
        if (code == 0xe0b)
            return (MceKind.InputOutput, rootPort ? "I/O error that came in through a PCIe root port" : "I/O error");
        if (code >> 11 == 1)
        {
            string target = type switch { 0 => "memory access", 2 => "I/O", 3 => "other transaction", _ => "reserved" };
            string who = ((code >> 9) & 3) switch { 0 => "this processor asked", 1 => "this processor answered",
                2 => "seen as a third party", _ => "participation not told" };
            return (type == 2 ? MceKind.InputOutput : MceKind.Bus,
                $"bus or interconnect error, {target}{(asked.Length > 0 ? $", {asked}" : "")}, {who}, " +
                $"{((code >> 8 & 1) != 0 ? "the request timed out" : "no time-out")}");
        }
        return code switch
        {
            0 => (MceKind.Unknown, "no error code"),
            1 => (MceKind.Internal, "unclassified error"),
            2 => (MceKind.Internal, "parity error in the microcode ROM"),
            3 => (MceKind.Bus, "external error: another processor's BINIT#"),
            4 => (MceKind.Internal, "functional redundancy check error"),
            5 => (MceKind.Internal, "internal parity error"),
            6 => (MceKind.Internal, "SMM code outside its memory was run"),
            _ => (MceKind.Unknown, $"error code {code:x} of no known meaning"),
        };
    }

    /// <summary>The unit that a bank of an Intel processor belongs to, where the model's manual tells.</summary>
    public static (MceKind Kind, string Words) Unit(Cpu model, int bank) => (model, bank) switch
    {
        (Cpu.SandyBridge or Cpu.SandyBridgeEp or Cpu.IvyBridgeEpEx or Cpu.HaswellEpEx or Cpu.BroadwellEpEx or Cpu.BroadwellDe or
            Cpu.SkylakeXeon or
            Cpu.IceLakeXeon or Cpu.IceLakeDe or Cpu.TremontD or Cpu.SapphireRapids or Cpu.EmeraldRapids or Cpu.DiamondRapids, 4) =>
                (MceKind.PowerUnit, "power control unit"),
        (Cpu.GraniteRapids or Cpu.SierraForest or Cpu.ClearwaterForest, 6) or (Cpu.DiamondRapids, 11) => (MceKind.PowerUnit, "power unit"),
        (Cpu.SandyBridgeEp, 6 or 7) or (Cpu.IvyBridgeEpEx, 5) or (Cpu.HaswellEpEx or Cpu.BroadwellEpEx, 5 or 20 or 21) =>
            (MceKind.Link, "QPI link"),
        (Cpu.SkylakeXeon, 5 or 12 or 19) or (Cpu.IceLakeXeon, 5 or 7 or 8) or
            (Cpu.SapphireRapids or Cpu.EmeraldRapids or Cpu.GraniteRapids or Cpu.SierraForest or Cpu.ClearwaterForest, 5) or
            (Cpu.DiamondRapids, 18) => (MceKind.Link, "UPI link"),
        (Cpu.SandyBridgeEp or Cpu.SandyBridge, >= 8 and <= 11) => (MceKind.Memory, $"memory controller channel {bank - 8}"),
        (Cpu.IvyBridgeEpEx or Cpu.HaswellEpEx or Cpu.BroadwellEpEx, >= 9 and <= 16) =>
            (MceKind.Memory, $"memory controller {(bank - 9) / 4}, channel {(bank - 9) % 4}"),
        (Cpu.IvyBridgeEpEx or Cpu.HaswellEpEx or Cpu.BroadwellEpEx, 7 or 8) => (MceKind.Memory, $"home agent {bank - 7}"),
        (Cpu.SkylakeXeon, 7 or 8) => (MceKind.Memory, $"mesh to memory, controller {bank - 7}"),
        (Cpu.SkylakeXeon, >= 13 and <= 18) =>
            (MceKind.Memory, $"memory controller {(bank is 15 or 16 or 18 ? 1 : 0)}, channel {(bank >= 17 ? 2 : (bank - 13) % 2)}"),
        (Cpu.IceLakeXeon or Cpu.IceLakeDe or Cpu.TremontD, >= 12 and <= 27) =>
            (MceKind.Memory, bank % 4 == 0 ? $"mesh to memory, controller {(bank - 12) / 4}"
                : $"memory controller {(bank - 12) / 4}, channel {((bank - 12) % 4) - 1}"),
        (Cpu.SapphireRapids or Cpu.EmeraldRapids, 12) => (MceKind.Memory, "mesh to memory"),
        (Cpu.SapphireRapids or Cpu.EmeraldRapids, >= 13 and <= 20) =>
            (MceKind.Memory, $"memory controller {(bank - 13) / 2}, channel {(bank - 13) % 2}"),
        (Cpu.SapphireRapids or Cpu.EmeraldRapids, 29 or 30 or 31) => (MceKind.Memory, "high-bandwidth memory"),
        (Cpu.GraniteRapids or Cpu.SierraForest or Cpu.ClearwaterForest, 12) => (MceKind.Memory, "bridge to memory"),
        (Cpu.GraniteRapids or Cpu.SierraForest or Cpu.ClearwaterForest, >= 13 and <= 24) => (MceKind.Memory, $"memory channel {bank - 13}"),
        (Cpu.DiamondRapids, >= 19 and <= 26) => (MceKind.Memory, $"memory channel {bank - 19} of its hub"),
        (Cpu.Nehalem, 8) => (MceKind.Memory, "memory controller"),
        (Cpu.Denverton, 6 or 7) => (MceKind.Memory, $"memory controller channel {bank - 6}"),
        _ => (MceKind.Unknown, ""),
    };
}
