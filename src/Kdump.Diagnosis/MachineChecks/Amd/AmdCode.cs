namespace Kdump.Diagnosis.MachineChecks.Amd;

/// <summary>The low 16 bits of MCA_STATUS on AMD, in the kernel's abbreviations: AMD APM volume 2, "Error Codes".</summary>
internal static class AmdCode
{
    private static readonly string[] Transactions = ["INSN", "DATA", "GEN", "RESV"];
    private static readonly string[] Levels = ["RESV", "L1", "L2", "L3/GEN"];
    private static readonly string[] Requests = ["GEN", "RD", "WR", "DRD", "DWR", "IRD", "PRF", "EV", "SNP"];
    private static readonly string[] Participations = ["SRC", "RES", "OBS", "GEN"];
    private static readonly string[] Targets = ["MEM", "RESV", "IO", "GEN"];

    public static bool IsTlb(uint code) => (code & 0xfff0) == 0x10;

    public static bool IsMemory(uint code) => (code & 0xff00) == 0x100;

    public static bool IsBus(uint code) => (code & 0xf800) == 0x800;

    public static bool IsInternal(uint code) => (code & 0xf4ff) == 0x400;

    public static string Transaction(uint code) => Transactions[(code >> 2) & 3];

    public static string Level(uint code) => Levels[code & 3];

    public static string Request(uint code) => ((code >> 4) & 15) is var r && r < Requests.Length ? Requests[r] : "Wrong R4!";

    public static string Participation(uint code) => Participations[(code >> 9) & 3];

    public static string Target(uint code) => Targets[(code >> 2) & 3];
}
