using Kdump.Diagnosis.MachineChecks.Records;

namespace Kdump.Diagnosis.MachineChecks.Mcelog.Intel;

/// <summary>
/// Diamond Rapids (family 19 model 1): bank 4 the core block's power unit, 11 the hub's, 18 UPI, 19-26 memory channels. The hub
/// (IMH 0 or 1) is bit 2 of the APIC id.
/// </summary>
internal static class DiamondRapids
{
    private static readonly CodeTable Shutdown = new("""
        01 CR4_MCE_CLEAR: MCE when CR4.MCE is clear
        02 MCE_MCIP_SET: MCE when MCIP bit is set
        03 MCE_UNDER_WFS: MCE under WPS
        04 MCE_LT_HANDSHAKE: Unrecoverable error during security flow execution
        05 TRIPLE_FAULT: SW triple fault shutdown
        06 VMX_ABORT: VMX exit consistency check failures
        07 RSM_CONSISTENCY_FAIL: RSM consistency check failures
        08 SMM_PROTECTED_ENTRY_FAIL: Invalid conditions on protected mode SMM entry
        09 UCODE_PATCH_LOAD_FAIL: Unrecoverable error during security flow execution
        """);

    private static readonly CodeTable PowerUnit = new("""
        16 MCA_DVFS_COUNTER_EXPIRED
        23 MCA_UNSUPP_RESP
        25 MCA_FUSA_MBIST
        26 MCA_SA_PLL_LOCKED
        27 MCA_XTAL_FREQ_MON_ERROR
        28 MCA_PMSB_FUSE_PULLER_ERROR
        29 MCA_GPSB_FUSE_PULLER_ERROR
        30 MCA_PCODE_WATCHDOG
        31 MCA_BGR_FUSA_ERR
        32 MCA_CORE_FIVR_ERR
        33 MCA_D2D_FIVR_ERR
        34 MCA_MLC_FIVR_ERR
        35 MCA_RING_FIVR_ERR
        36 MCA_D2D_MONF_PLL_FUSA_0
        37 MCA_D2D_MONF_PLL_FUSA_1
        38 MCA_TOP0_FUSA_PLL_ERR
        39 MCA_BASE_FUSA_PLL_ERR
        40 MCA_UCIE_RESET_BUS_STOP_ON_ERROR
        41 MCA_RSRC_ADAPT_0_ERR
        42 MCA_RSC_ADAPT_1_ERR
        45 MCA_TOP1_FUSA_PLL_ERR
        46 MCA_TOP2_FUSA_PLL_ERR
        47 MCA_TOP3_FUSA_PLL_ERR
        48 UC_PATCH_LOAD_ACK_ERROR
        """);

    private static readonly CodeTable Microcontroller = new("""
        01 MCA_UC_IRAM_DOUBLE_ERROR
        02 MCA_UC_DOUBLE_EXCEPTION_ERROR
        03 MCA_UC_TELEM_SRAM_ERROR
        04 MCA_UC_DRAM_DOUBLE_ERROR
        05 MCA_UC_TPMI_SRAM_ERROR
        """);

    private static readonly CodeTable Regulator = new("""
        01 MCA_FIVR_HI_YELLOW
        02 MCA_FIVR_HI_RED
        """);

    private static readonly CodeTable HubLow = new("""
        02-03 Power Management Unit microcontroller double-bit ECC error
        08-09 Power Management Unit microcontroller error
        0a Power Management Unit microcontroller Patch Load error
        0b Power Management Unit microcontroller POReqValid error
        0c Power Management Unit microcontroller RAM address error
        0d Power Management Unit microcontroller RAM access error
        10 If MCI_MISC.MODEL_SPECIFIC_INFORMATION is set to 1, indicates Pcode Watchdog Timer expired. If MCI_MISC.MODEL_SPECIFIC_INFORMATION is set to 3, indicates Power Management Unit TeleSRAM double-bit ECC error detected.
        20 Power Management Agent signaled Error
        30 Power Management Unit Microcontroller Error
        a0 Power Management Unit HPMSRAM double-bit ECC error detected
        b0 Power Management Unit TPMISRAM double-bit ECC error detected
        """);

    private static readonly CodeTable HubHigh = new("""
        09 MCA_TSC_DOWNLOAD_TIMEOUT
        0a MCA_INVALID_XTALFREQ_RANGE
        0b MCA_GPSB_TIMEOUT
        0c MCA_PMSB_TIMEOUT
        0d MCA_CFG_ACK_TIMEOUT
        23 MCA_PCU_SVID_ERROR
        35 MCA_SVID_LOADLINE_INVALID
        36 MCA_SVID_ICCMAX_INVALID
        4a MCA_FIVR_PD_HARDERR
        4c MCA_HPM_DOUBLE_BIT_ERROR_DETECTED
        58 MCA_INVALID_MEMORY_FREQUENCY
        63 MCA_SVID_VCCIN_PROTOCOL_ERROR
        6a MCA_SPPR_TIMEOUT
        6f MCA_INVALID_SID_ERROR
        70 MCA_INVALID_REMOTE_LEGACY_AGENT_ERROR
        71 MCA_INVALID_REMOTE_LT_AGENT_ERROR
        7b MCA_THERMAL_SENSOR_INVALID
        7c MCA_CXL_DEVICE_NO_CREDIT
        7e MCA_RECOVERABLE_DIE_THERMAL_TOO_HOT
        83 MCA_PKGS_RECOVERABLE_RESET_PREP_ACK_TIMEOUT
        """);

    private static readonly CodeTable Upi = new("""
        00-02 Internal Parity Error
        05 Internal Parity Error
        08 Internal Queue Overflow Error
        09 UPI link layer buffer overflow
        0a Internal Queue Underflow Error
        0b UPI link layer buffer underflow
        0c Link layer or internal credit overflow
        11-12 Internal Queue Overflow Error
        13-14 Internal Queue Underflow Error
        21 Internal Interface Error
        23 Invalid Message
        24 UPI Protocol Error
        25 UPI Interleave Error
        28 Internal Interface Error
        29 Link integrity or initialization error
        2a-2d Power Management Transition Error - Timeout
        30 Received poison when poison is disabled
        31 Internal Interface Error
        """);

    private static readonly CodeTable UpiLink = new("""
        00 Link integrity or initialization error
        03 Link degraded
        04-07 Power Management Transition Error - Timeout
        """);

    private static readonly CodeTable Memory = new("""
        01 CMI Request Address Parity Error (APPP)
        02 CMI Wr data parity error
        04 CMI Wr BE parity error
        08 Transient or Correctable Error for Patrol Reads
        10 UnCorr Patrol Scrub Error
        20 Nontransient or Transient ectable Error for Spare Reads
        40 UnCorr Spare Error
        80 Transient or Correctable Error for Demand or Underfill Reads
        a0 Uncorrectable Error for Demand or Underfill Reads
        b0 Poisoned Read Data when Poison Disabled
        c0 Read 2LM MetaData Error for Demand, Underfill, or Patrol/Spare
        """);

    private static readonly CodeTable WriteData = new("""
        02 WDB Read ECC Error
        04 WDB BE Read Parity Error
        06 WDB Read Persistent ECC Error
        08 DDR Link Fail
        09 Illegal incoming opcode
        """);

    private static readonly CodeTable CommandAddress = new("""
        00 DDR CAParity or WrCRC Error
        40 Decoder structure error
        """);

    private static readonly CodeTable Internal = new("""
        00 MC internal address parity error
        """);

    private static readonly CodeTable Credits = new("""
        13 CMI Credit Oversubscription Error
        14 CMI Total Credit Count Error
        15 CMI Reserved Credit Pool Error
        32 MC Internal Errors
        34 MC Tracker RDCMP RF parity error
        36 MC Tracker WRCMP RF parity error
        """);

    private static readonly string?[] EccModes =
    [
        null, "SDDC 128b 1LM", "SDDC 125b 1LM", "SDDC 125b 2LM", "ADDDC 80b 1LM", "ADDDC 80b 2LM", null, null, null, "5x8 128b 1LM",
            "5x8 125b 1LM", "5x8 125b 2LM",
    ];

    public static void Decode(int bank, ulong status, ulong misc, uint apic, DecodedText text)
    {
        uint hub = (apic >> 2) & 1;
        ulong group = DecodedText.Field(status, 24, 31);
        CodeTable? table = null;
        switch (bank)
        {
            case 4:
                text.Say("CBB Punit: ");
                if ((status & 0xffff) == 0x040b)
                    text.Line("Scan-at-Field Error");
                else
                    table = group switch { 0 => Shutdown, 8 => PowerUnit, 0xc => Microcontroller, 0x14 => Regulator, _ => null };
                break;
            case 11:
                text.Say($"IMH{hub} Punit: ");
                if (group != 0)
                    text.Bits(status, BitText.Code(24, 31, HubHigh) with { Shown = 0 });
                else
                    table = HubLow;
                break;
            case 18:
                text.Say("UPI: ");
                table = group switch { 0 => Upi, 2 => UpiLink, _ => null };
                break;
            case >= 19 and <= 26:
                text.Say($"IMH{hub} MCCHAN: ");
                table = group switch { 0 => Memory, 1 => WriteData, 2 => CommandAddress, 4 => Internal, 8 => Credits, _ => null };
                break;
        }
        if (table is not null)
            text.Bits(status, BitText.Code(16, 23, table) with { Shown = 0 });
        if (bank is >= 19 and <= 26 && (status & MciStatus.MiscV) != 0 && DecodedText.Field(status, 33, 33) != 0)
            Location(status, misc, text);
    }

    private static void Location(ulong status, ulong misc, DecodedText text)
    {
        // From MSCOD 0x800 on, the meaning of MISC is not published.
        if (DecodedText.Field(status, 16, 31) >= 0x800)
            return;
        text.Line(
            $"bank: 0x{DecodedText.Field(misc, 37, 38):x} bankgroup: 0x{DecodedText.Field(misc, 39, 41):x} row: " +
            $"0x{DecodedText.Field(misc, 19, 36):x} column: 0x{DecodedText.Field(misc, 9, 18) << 2:x}");
        text.Line(
            $"chipselect: 0x{DecodedText.Field(misc, 55, 56):x} subrank: 0x{DecodedText.Field(misc, 51, 54):x} subchan: " +
            $"0x{DecodedText.Field(misc, 49, 49):x}");
        if (misc >> 63 != 0)
        {
            text.Line("transient");
            return;
        }
        if (DecodedText.Field(misc, 42, 42) != 0)
            text.Line($"failed device: 0x{DecodedText.Field(misc, 44, 48):x}");
        text.Line($"ecc mode: {EccModes.ElementAtOrDefault((int)DecodedText.Field(misc, 58, 61)) ?? "Invalid/unknown ECC mode"}");
    }
}
