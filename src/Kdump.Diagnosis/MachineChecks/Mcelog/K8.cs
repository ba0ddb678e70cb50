using Kdump.Diagnosis.MachineChecks.Records;

namespace Kdump.Diagnosis.MachineChecks.Mcelog;

/// <summary>
/// AMD families 15 to 17 in mcelog's words: BIOS and Kernel Developer's Guide for Athlon 64 and Opteron, chapter "Machine Check
/// Architecture".
/// </summary>
internal static class K8
{
    /// <summary>Software banks in which old kernels reported threshold interrupts: nine for each of six real banks.</summary>
    public const int ThresholdBase = 129, ThresholdTop = ThresholdBase + (6 * 9);

    private static readonly string[] Banks =
        ["data cache", "instruction cache", "bus unit", "load/store unit", "northbridge", "fixed-issue reoder"];
    private static readonly string[] Thresholds =
        ["MC4_MISC0 DRAM threshold", "MC4_MISC1 Link threshold", "MC4_MISC2 L3 Cache threshold", "MC4_MISC3 FBDIMM threshold"];
    private static readonly string[] Transactions = ["instruction", "data", "generic", "reserved"];
    private static readonly string[] Levels = ["0", "1", "2", "generic"];
    private static readonly string[] Requests =
        ["generic error", "generic read", "generic write", "data read", "data write", "instruction fetch", "prefetch", "evict", "snoop"];
    private static readonly string[] Participation =
        ["local node origin", "local node response", "local node observed", "generic participation"];
    private static readonly string[] Targets = ["memory", "res.", "i/o", "generic"];

    private static readonly string[] Northbridge =
    [
        "RAM ECC error", "CRC error", "Sync error", "Master abort", "Target abort", "GART error", "RMW error", "Watchdog error",
        "RAM Chipkill ECC error", "DEV Error", "Link Data Error", "Link Protocol Error", "NB Array Error", "DRAM Parity Error",
            "Link Retry", "Tablew Walk Data Error",
    ];

    private static readonly BitText[] HighBits = BitText.Bits("""
        32 err cpu0
        33 err cpu1
        34 err cpu2
        35 err cpu3
        40 error found by scrub
        41 sublink or DRAM channel
        42 L3 subcache in error bit 0
        43 L3 subcache in error bit 1
        44 res12
        45 uncorrected ecc error
        46 corrected ecc error
        55 res23
        56 res24
        57 processor context corrupt
        59 misc error valid
        61 error uncorrected
        62 error overflow (multiple errors)
        """);

    public static string BankName(int bank)
    {
        int threshold = bank - ThresholdBase - 36;
        string name;
        if (bank < Banks.Length)
            name = Banks[bank];
        else if (bank is < ThresholdBase or >= ThresholdTop)
            name = "unknown";
        else
            name = threshold is >= 0 and < 4 ? Thresholds[threshold] : "Unknown threshold counter";
        return $"{bank} {name}";
    }

    public static void Decode(int bank, ulong status, ulong misc, DecodedText text)
    {
        bool ecc = (status & (3UL << 45)) != 0, tlb = (status & 0xfff0) == 0x10;
        uint extended = (uint)((status >> 16) & 15);
        string array = $"  TLB parity error in {(extended == 0 ? "physical" : "virtual")} array";
        switch (bank)
        {
            case 0:
                if (ecc)
                    text.Line(
                        "  Data cache ECC error " +
                        $"(syndrome {(status >> 47) & 0xff:x}){((status & MciStatus.Scrub) != 0 ? " found by scrubber" : "")}");
                if (tlb)
                    text.Line(array);
                break;
            case 1:
                if (ecc)
                    text.Line("  Instruction cache ECC error");
                if (tlb)
                    text.Line(array);
                break;
            case 2:
                if (ecc)
                    text.Line("  L2 cache ECC error");
                text.Line($"  {(extended == 0 ? "Bus or cache" : "Cache tag")} array error");
                break;
            case 3 or 5:
                break;
            case 4:
                FromNorthbridge(status, extended, text);
                break;
            case >= ThresholdBase and < ThresholdTop:
                if ((misc & (1UL << 48)) != 0)
                    text.Line("  Threshold error count overflow");
                return;
            default:
                text.Line($"  no decoder for unknown bank {bank}");
                return;
        }
        Generic(status, text);
    }

    private static void FromNorthbridge(ulong status, uint extended, DecodedText text)
    {
        text.Line($"  Northbridge {Northbridge[extended]}");
        ulong syndrome = (status >> 47) & 0xff;
        switch (extended)
        {
            case 0:
                text.Line($"  ECC syndrome = {syndrome:x}");
                break;
            case 8:
                text.Line($"  Chipkill ECC syndrome = {(((status >> 24) & 0xff) << 8) | syndrome:x}");
                break;
            case 1 or 2 or 3 or 4 or 6:
                text.Line($"  link number = {(status >> 36) & 15:x}");
                break;
        }
    }

    private static void Generic(ulong status, DecodedText text)
    {
        foreach (BitText bit in HighBits)
        {
            if (bit.Of(status) is { } words)
                text.Line($"       bit{bit.Low} = {words}");
        }
        uint code = (uint)(status & 0xffff);
        string request = (code >> 4 & 15) is var r && r < Requests.Length ? Requests[r] : "?";
        string level = Levels[code & 3];
        if ((code & 0xfff0) == 0x10)
            text.Line($"  TLB error '{Transactions[code >> 2 & 3]} transaction, level {level}'");
        else if ((code & 0xff00) == 0x100)
            text.Line($"  memory/cache error '{request} mem transaction, {Transactions[code >> 2 & 3]} transaction, level {level}'");
        else if ((code & 0xf800) == 0x800)
        {
            text.Line(
                $"  bus error '{Participation[code >> 9 & 3]}, {((code >> 8 & 1) != 0 ? "request timed out" : "request didn't time out")}");
            text.Line($"             {request} mem transaction");
            text.Line($"             {Targets[code >> 2 & 3]} access, level {level}'");
        }
    }
}
