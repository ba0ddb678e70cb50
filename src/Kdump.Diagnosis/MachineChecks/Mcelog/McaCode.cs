using Kdump.Diagnosis.MachineChecks.Records;

namespace Kdump.Diagnosis.MachineChecks.Mcelog;

/// <summary>
/// The architectural error code, MCi_STATUS[15:0]: simple codes and compound codes in which fields stand for transaction type, level,
/// request and participation. Intel SDM volume 3B, "IA32_MCi_STATUS [15:0] Compound Error Code Encoding".
/// </summary>
internal static class McaCode
{
    /// <summary>Bit 12: corrected errors of the same kind may have been filtered out.</summary>
    public const uint Filtered = 0x1000;

    private static readonly string[] Simple =
    [
        "No Error", "Unclassified", "Microcode ROM parity error", "External error", "FRC error", "Internal parity error",
            "SMM Handler Code Access Violation",
    ];

    private static readonly string[] Transactions = ["Instruction", "Data", "Generic", "Unknown"];

    private static readonly string[] Requests =
        ["Generic", "Read", "Write", "Data-Read", "Data-Write", "Instruction-Fetch", "Prefetch", "Eviction", "Snoop"];

    private static readonly string[] Participation =
        ["Local-CPU-originated-request", "Responed-to-request", "Observed-error-as-third-party", "Generic"];

    private static readonly string[] BusTargets = ["Memory-access", "Reserved", "IO", "Other-transaction"];

    private static readonly (string Short, string Words)[] MemoryRequests =
    [
        ("GEN", "Generic undefined request"), ("RD", "Memory read error"), ("WR", "Memory write error"), ("AC", "Address/Command error"),
        ("MS", "Memory scrubbing error"), ("RES5", "Reserved 5"), ("RES6", "Reserved 6"), ("RES7", "Reserved 7"),
    ];

    /// <summary>The code in mcelog's words.</summary>
    /// <param name="yellow">The threshold of corrected errors is crossed: mcelog warns of the cache.</param>
    public static void Write(in IntelRecord r, bool yellow, DecodedText text)
    {
        uint code = (uint)(r.Status & 0xffff);
        if ((code & Filtered) != 0)
        {
            text.Line("corrected filtering (some unreported errors in same region)");
            code &= ~Filtered;
        }
        if (code < Simple.Length)
            text.Line(Simple[code]);
        else if (code >> 2 == 3)
        {
            text.Line($"Level-{code & 3} Generic cache hierarchy error");
            Yellow(r, yellow, $"Level-{code & 3}", "unknown", text);
        }
        else if (code >> 4 == 1)
        {
            string type = Transactions[(code >> 2) & 3], level = $"Level-{code & 3}";
            text.Line($"{type} TLB {level} Error");
            Yellow(r, yellow, level, type, text);
        }
        else if (code >> 8 == 1)
            Cache(r, code, yellow, text);
        else if (code >> 9 == 1 && ((code >> 7) & 3) == 1)
        {
            text.Say("Memory as cache: ");
            Memory(r, code, text);
        }
        else if (code >> 10 == 1)
            text.Line(code == 0x400 ? "Internal Timer error" : $"Internal unclassified error: {code:x}");
        else if (code >> 11 == 1)
            Bus(r, code, text);
        else if (code >> 7 == 1)
            Memory(r, code, text);
        else
            text.Line($"Unknown Error {code:x}");
    }

    /// <summary>mcelog counts the level of a cache error from one, and of every other error from zero as the manual does.</summary>
    private static void Cache(in IntelRecord r, uint code, bool yellow, DecodedText text)
    {
        uint level = code & 3;
        string type = Transactions[(code >> 2) & 3], mcelogLevel = level == 3 ? "UNKNOWN" : $"Level-{level + 1}";
        text.Line($"{type} CACHE {mcelogLevel} {Request((code >> 4) & 15)} Error");
        text.Note(level == 3 ? "the level field of this cache error says \"generic\" (3), not one of the levels"
            : $"the level field of this cache error says level {level} ({LevelName(level)}); mcelog counts it from one");
        Yellow(r, yellow, mcelogLevel, type, text);
    }

    private static string LevelName(uint level) => level switch { 0 => "L0, the cache nearest the core", 1 => "L1", _ => "L2" };

    private static void Yellow(in IntelRecord r, bool yellow, string level, string type, DecodedText text)
    {
        if (!yellow)
            return;
        text.Line(
            $"CPU {r.Processor}{(r.Socket >= 0 ? $" on socket {r.Socket}" : "")} has large number of corrected cache errors in {level} " +
            $"{type}");
        text.Line("System operating correctly, but might lead to uncorrected cache errors soon");
    }

    private static void Bus(in IntelRecord r, uint code, DecodedText text)
    {
        text.Line(
            $"BUS error: {r.Socket} {r.Processor} Level-{code & 3} {Participation[(code >> 9) & 3]} {Request((code >> 4) & 15)} " +
            $"{BusTargets[(code >> 2) & 3]} " +
            ((code >> 8 & 1) != 0 ? "Request-timed-out" : "Request-did-not-timeout"));
        if (MachineCheck.RootPortOf(r.Status, r.Misc) is { } port)
            text.Line($"IO MCA reported by root port {port.Segment:x}:{port.Bus:x2}:{port.Device:x2}.{port.Function:x}");
    }

    private static void Memory(in IntelRecord r, uint code, DecodedText text)
    {
        (string name, string words) = MemoryRequests[(code >> 4) & 7];
        // Knights Landing and Knights Mill count six channels over two banks.
        uint channel = (code & 15) + (r.Model is Cpu.KnightsLanding or Cpu.KnightsMill && r.Bank == 15 ? 3u : 0);
        text.Line($"MEMORY CONTROLLER {name}_CHANNEL{((code & 15) == 15 ? "unspecified" : channel.ToString())}_ERR");
        text.Line($"Transaction: {words}");
    }

    private static string Request(uint code) => code < Requests.Length ? Requests[code] : "UNKNOWN";
}
