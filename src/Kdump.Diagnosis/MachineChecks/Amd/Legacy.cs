using Kdump.Diagnosis.MachineChecks.Records;

namespace Kdump.Diagnosis.MachineChecks.Amd;

/// <summary>
/// Banks 0 to 6 of families 0Fh to 16h, in the words of the kernel's decoder: AMD's BIOS and Kernel Developer's Guides, the tables
/// "DC / IC / BU / LS / NB / FR / FP error signatures" (bank 2 is the combined unit and 5 the execution unit from 15h on).
/// </summary>
internal static class Legacy
{
    private const string Prefix = "[Hardware Error]: ";

    // Requests, AMD APM: 0 generic, 1 read, 2 write, 3 data read, 4 data write, 5 instruction fetch, 6 prefetch, 7 evict, 8 snoop.
    private const uint Generic = 0, Read = 1, DataRead = 3, DataWrite = 4, Fetch = 5, Evict = 7, Snoop = 8;

    private static readonly CodeTable Bank1Family15 = new("""
        00 UC during a demand linefill from L2
        01 Parity error during data load from IC
        02 Parity error for IC valid bit
        03 Main tag parity error
        04 Parity error in prediction queue
        05 PFB data/address parity error
        06 Parity error in the branch status reg
        07 PFB promotion address error
        08 Tag error during probe/victimization
        09 Parity error for IC probe tag valid bit
        0a PFB non-cacheable bit parity error
        0d PFB valid bit parity error
        10 Microcode Patch Buffer
        11 Decoder uop queue parity error
        12 Decoder insn buffer parity error
        13 Decoder predecode buffer parity error
        14 Decoder fetch address FIFO parity error
        15 Decoder dispatch uop queue parity error
        """);

    private static readonly CodeTable Bank2Family15 = new("""
        04 Fill ECC error on data fills
        05 Fill parity error on insn fills
        06 Prefetcher request FIFO parity error
        07 PRQ address parity error
        08 PRQ data parity error
        09 WCC Tag ECC error
        0a WCC Data ECC error
        0b WCB Data parity error
        0c VB Data ECC or parity error
        10 L2 Tag ECC error
        11 Hard L2 Tag ECC error
        12 Multiple hits on L2 tag
        13 XAB parity error
        14 PRB address parity error
        """);

    private static readonly CodeTable Northbridge = new("""
        00 DRAM ECC error detected on the NB
        01 CRC error detected on HT link
        02 Link-defined sync error packets detected on HT link
        03 HT Master abort
        04 HT Target abort
        05 Invalid GART PTE entry during GART table walk
        06 Unsupported atomic RMW received from an IO link
        07 Watchdog timeout due to lack of progress
        08 DRAM ECC error detected on the NB
        09 SVM DMA Exclusion Vector error
        0a HT data error detected on link
        0b Protocol error (link, L3, probe filter)
        0c NB internal arrays parity error
        0d DRAM addr/ctl signals parity error
        0e IO link transmission error
        1c L3 data cache ECC error
        1d L3 cache tag error
        1e L3 LRU parity bits error
        1f ECC Error in the Probe Filter directory
        """);

    private static readonly CodeTable Execution = new("""
        00 CPU Watchdog timer expire
        01 Wakeup array dest tag parity error
        02 AG payload array parity error
        03 EX payload array parity error
        04 IDRF array parity error
        05 Retire dispatch queue parity error
        06 Mapper checkpoint array parity error
        07 Physical register file EX0 port parity error
        08 Physical register file EX1 port parity error
        09 Physical register file AG0 port parity error
        0a Physical register file AG1 port parity error
        0b Flag register file parity error
        0c DE error occurred
        0d Retire status queue parity error
        """);

    private static readonly CodeTable FloatingPoint = new("""
        00 Hardware Assertion parity error
        01 Free List parity error
        02 Physical Register File parity error
        03 Retire Queue parity error
        04 Scheduler table parity error
        05 Status Register File parity error
        """);

    public static void Write(MachineCheck r, DecodedText text)
    {
        CpuId id = r.Id ?? default;
        uint family = id.Family, ec = (uint)((r.Status ?? 0) & 0xffff);
        if (family is < 0xf or 0x13 or > 0x16)
            return;
        uint mask = family switch { 0x15 => id.Model == 0x60 ? 0x3fu : 0x1f, 0x16 => 0x1f, _ => 0xf };
        uint xec = (uint)(((r.Status ?? 0) >> 16) & mask);
        switch (r.Bank)
        {
            case 0:
                Say(text, "MC0 Error: ", AmdCode.IsTlb(ec) ? DataTlb(ec, xec) : Bank0(family, ec, xec), 0);
                break;
            case 1:
                Say(text, "MC1 Error: ", Bank1(family, ec, xec, (r.Status & MciStatus.AddrV) != 0), 1);
                break;
            case 2:
                // Here, and only here, the kernel's complaint stands on the same line.
                text.Line($"{Prefix}MC2 Error: {Bank2(family, ec, xec) ?? Prefix + "Corrupted MC2 MCE info?"}");
                break;
            case 3 when family >= 0x14:
                text.Line("You shouldn't be seeing MC3 MCE on this cpu family, please report on LKML.");
                break;
            case 3:
                bool known = xec == 0 && AmdCode.IsBus(ec) && Request(ec) is DataRead or DataWrite;
                Say(text, "MC3 Error", known ? $" during {AmdCode.Request(ec)}." : null, 3);
                break;
            case 4:
                Say(text, $"MC4 Error (node {r.Socket ?? 0}): ", Bank4(family, ec, (uint)(((r.Status ?? 0) >> 16) & 0x1f)), 4);
                break;
            case 5 when family is 0xf or 0x11:
                text.Line($"{Prefix}Corrupted MC5 MCE info?");
                break;
            case 5:
                string? words;
                if (AmdCode.IsInternal(ec))
                    words = xec <= 0x1f ? "Hardware Assert." : null;
                else
                    words = Dotted(Execution[xec]);
                Say(text, "MC5 Error: ", words, 5);
                break;
            case 6:
                Say(text, "MC6 Error: ", Dotted(FloatingPoint[xec]), 6);
                break;
        }
    }

    private static void Say(DecodedText text, string head, string? words, int bank)
    {
        text.Line(Prefix + head + words);
        if (words is null)
            text.Line($"{Prefix}Corrupted MC{bank} MCE info?");
    }

    private static string? Dotted(string? words) => words is null ? null : words + ".";

    private static uint Request(uint ec) => (ec >> 4) & 15;

    private static uint Level(uint ec) => ec & 3;

    private static uint Transaction(uint ec) => (ec >> 2) & 3;

    /// <summary>Only data TLBs belong to the data cache; for another transaction the kernel prints nothing.</summary>
    private static string DataTlb(uint ec, uint xec) =>
        Transaction(ec) != 1 ? "" : $"{AmdCode.Level(ec)} TLB {xec switch { 0 => "parity", 2 => "locked miss", _ => "multimatch" }}.";

    private static string? Bank0(uint family, uint ec, uint xec) => family switch
    {
        0xf or 0x11 when AmdCode.IsBus(ec) => "during system linefill.",
        0xf or 0x10 or 0x11 when Request(ec) == Generic && Level(ec) == 1 => "during data scrub.",
        <= 0x12 => !AmdCode.IsMemory(ec) ? null
            : Level(ec) switch { 2 => "during L1 linefill from L2.", 1 => $"Data/Tag {AmdCode.Request(ec)} error.", _ => null },
        0x15 => Bank0Family15(ec, xec),
        _ => Bank0Cat(ec),
    };

    private static string? Bank0Cat(uint ec)
    {
        if (AmdCode.IsMemory(ec) && Transaction(ec) == 1 && Level(ec) == 1)
        {
            return Request(ec) switch
            {
                DataRead => "Data/Tag parity error due to load/hw prf.",
                DataWrite => "Data/Tag parity error due to store.",
                Evict => "Copyback parity error on a tag miss.",
                Snoop => "Tag parity error during snoop.",
                _ => null,
            };
        }
        if (!AmdCode.IsBus(ec) || Transaction(ec) is not (0 or 2) || Level(ec) != 3)
            return null;
        // The kernel prints the beginning of the sentence before it looks at the request.
        return "System read data error on a " + (Request(ec) switch
        {
            Read => "TLB reload.",
            DataWrite => "store.",
            DataRead => "load.",
            _ => $"\n{Prefix}Corrupted MC0 MCE info?",
        });
    }

    private static string? Bank0Family15(uint ec, uint xec)
    {
        if (AmdCode.IsMemory(ec))
        {
            return xec switch
            {
                0 => "Data Array access error.", 1 => "UC error during a linefill from L2/NB.", 2 or 0x11 => "STQ access error.",
                3 => "SCB access error.", 0x10 => "Tag error.", 0x12 => "LDQ access error.", _ => null,
            };
        }
        if (AmdCode.IsBus(ec))
            return xec == 0 ? "System Read Data Error." : $" Internal error condition type {xec}.";
        return AmdCode.IsInternal(ec) && xec <= 0x1f ? "Hardware Assert." : null;
    }

    private static string? Bank1(uint family, uint ec, uint xec, bool addressValid)
    {
        if (AmdCode.IsTlb(ec))
            return $"{AmdCode.Level(ec)} TLB {(xec != 0 ? "multimatch" : "parity error")}.";
        if (AmdCode.IsBus(ec))
            return family == 0xf && addressValid ? "during system linefill." : "during NB data read.";
        if (AmdCode.IsInternal(ec))
            return "Hardware Assert.";
        if (!AmdCode.IsMemory(ec))
            return null;
        if (family == 0x15)
            return Dotted(Bank1Family15[xec]);
        if (family is 0x14 or 0x16)
        {
            return (Transaction(ec), Request(ec), xec) switch
            {
                (not 0, _, _) => null,
                (_, Fetch, _) => "Data/tag array parity error for a tag hit.",
                (_, Snoop, _) => "Tag error during snoop/victimization.",
                (_, _, 0) => "Tag parity error from victim castout.",
                (_, _, 2) => "Microcode patch RAM parity error.",
                _ => null,
            };
        }
        return (Level(ec), Request(ec)) switch
        {
            (2, _) => "during a linefill from L2.", (1, Fetch) => "Parity error during data load.", (1, Evict) =>
                "Copyback Parity/Victim error.",
            (1, Snoop) => "Tag Snoop error.", _ => null,
        };
    }

    private static string? Bank2(uint family, uint ec, uint xec)
    {
        if (family == 0x15)
        {
            if (AmdCode.IsTlb(ec))
                return xec switch { 0 => "Data parity TLB read error.", 1 => "Poison data provided for TLB fill.", _ => null };
            if (AmdCode.IsBus(ec))
                return "Error during attempted NB data read." + (xec > 2 ? "\n" + Prefix + "Corrupted MC2 MCE info?" : "");
            if (AmdCode.IsMemory(ec))
                return Dotted(Bank2Family15[xec]);
            return AmdCode.IsInternal(ec) ? "Hardware Assert." : "";
        }
        if (family == 0x16)
            return Bank2Family16(ec, xec);
        string request = AmdCode.Request(ec);
        return xec switch
        {
            1 => " in the write data buffers.",
            3 => " in the victim data buffers.",
            2 when AmdCode.IsMemory(ec) => $": {request} error in the L2 cache tags.",
            0 when AmdCode.IsTlb(ec) => $"{AmdCode.Transaction(ec)} error in a Page Descriptor Cache or Guest TLB.",
            0 when AmdCode.IsBus(ec) => $": {request}/ECC error in data read from NB: {AmdCode.Participation(ec)}.",
            0 when AmdCode.IsMemory(ec) && Request(ec) >= Evict => $": {request} error during data copyback.",
            0 when AmdCode.IsMemory(ec) && Request(ec) <= Read => $": {request} parity/ECC error during data access from L2.",
            _ => null,
        };
    }

    private static string? Bank2Family16(uint ec, uint xec)
    {
        if (!AmdCode.IsMemory(ec))
            return null;
        uint request = Request(ec);
        return xec switch
        {
            4 or 5 => $"{(request == Read ? 'I' : 'O')}BUFF parity error.",
            (>= 9 and <= 0xb) or (>= 0xd and <= 0xf) =>
                $"ECC error in L2 tag ({request switch { Generic => "BankReq", Snoop => "Prb", _ => "Fill" }}).",
            (>= 0x10 and <= 0x19) or 0x1b =>
                "ECC error in L2 data array (" + (request == Read && (xec & 3) == 0 ? "Hit"
                        : request switch { Generic => "Attr", Evict => "Vict", _ => "Fill" }) + ").",
            0x1c or 0x1d or 0x1f =>
                $"Parity error in L2 attribute bits ({request switch { Read => "Hit", Generic => "Attr", _ => "Fill" }}).",
            _ => null,
        };
    }

    private static string? Bank4(uint family, uint ec, uint xec) => xec switch
    {
        0 or 8 when family == 0x11 => null,
        0xf when AmdCode.IsTlb(ec) => "GART Table Walk data error.",
        0xf => AmdCode.IsBus(ec) ? "DMA Exclusion Vector Table Walk error." : null,
        0x19 => family is 0x15 or 0x16 ? "Compute Unit Data Error." : null,
        _ => Dotted(Northbridge[xec]),
    };
}
