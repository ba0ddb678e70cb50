using Kdump.Diagnosis.MachineChecks.Records;

namespace Kdump.Diagnosis.MachineChecks.Mcelog.Intel;

/// <summary>
/// Granite Rapids, Sierra Forest and Clearwater Forest (06_ADH, 06_AEH, 06_AFH, 06_DDH): bank 5 UPI, 6 power unit, 12 the bridge to
/// memory, 13-24 memory channels.
/// </summary>
internal static class GraniteRapids
{
    private static readonly CodeTable Upi = new("""
        00 UC Phy Initialization Failure (NumInit)
        01 UC Phy Detected Drift Buffer Alarm
        02 UC Phy Detected Latency Buffer Rollover
        10 UC LL Rx detected CRC error: unsuccessful LLR (entered Abort state)
        11 UC LL Rx Unsupported/Undefined packet
        12 UC LL or Phy Control Error
        13 UC LL Rx Parameter Exception
        14 UC LL TDX Failure
        15 UC LL SGX Failure
        16 UC LL Tx SDC Parity Error
        17 UC LL Rx SDC Parity Error
        18 UC LL FLE Failure
        1f UC LL Detected Control Error
        20 COR Phy Initialization Abort
        21 COR Phy Inband Reset
        22 COR Phy Lane failure, recovery in x8 width
        23 COR Phy L0c error corrected without Phy reset
        24 COR Phy L0c error triggering Phy reset
        25 COR Phy L0p exit error corrected with reset
        30 COR LL Rx detected CRC error: successful LLR without Phy Reinit
        31 COR LL Rx detected CRC error: successful LLR with Phy Reinit
        """);

    private static readonly CodeTable PunitLow = new("""
        02-03 Power Management Unit microcontroller double-bit ECC error
        08-09 Power Management Unit microcontroller error
        0a Power Management Unit microcontroller patch load error
        0b Power Management Unit microcontroller POReqValid error
        10 Power Management Unit microcontroller TeleSRAM double-bit ECC error
        20 Power Management Agent signaled error
        80 S3M signaled error
        a0 Power Management Unit HPMSRAM double-bit ECC error detected
        b0 Power Management Unit TPMISRAM double-bit ECC error detected
        """);

    private static readonly CodeTable PunitHigh = new("""
        09 MCA_TSC_DOWNLOAD_TIMEOUT: TSC download timed out
        0b MCA_GPSB_TIMEOUT: GPSB does not respond within timeout value
        0c MCA_PMSB_TIMEOUT: PMSB does not respond within timeout value
        10 MCA_PMAX_CALIB_ERROR: PMAX calibration error
        1a MCA_DISP_RUN_BUSY_TIMEOUT: Dispatcher busy beyond timeout
        1d MCA_MORE_THAN_ONE_LT_AGENT: During Boot Mode Processing, >1 LT Agent detected
        23 MCA_PCU_SVID_ERROR: SVID error
        35 MCA_SVID_LOADLINE_INVALID: Invalid SVID VCCIN Loadline resistance value
        36 MCA_SVID_ICCMAX_INVALID: Invalid SVID ICCMAX value
        40 MCA_SVID_VIDMAX_INVALID: Invalid SVID VID_MAX value
        41 MCA_SVID_VDDRAMP_INVALID: Invalid ramp voltage for VDD_RAMP
        48 MCA_ITD_FUSE_INVALID: ITD fuse settings are not valid
        49 MCA_SVID_DC_LL_INVALID: ITD fuse settings are not valid
        4a MCA_FIVR_PD_HARDERR: PM event has issued some FIVR Fault
        4c MCA_HPM_DOUBLE_BIT_ERROR_DETECTED: Read from HPM SRAM resulted in Double bit error
        56 SVID_ACTIVE_VID_FUSE_ERROR: Invaid fuse values programmed for SVID Active vid
        """);

    private static readonly CodeTable Bridge = new("""
        01 Read ECC error
        02 Bucket1 error
        03 Tracker Parity error
        04 Security mismatch
        07 Read completion parity error
        08 Response parity error
        09 Timeout error
        0a Address parity error
        0c CMI credit over subscription error
        0d SAI mismatch error
        """);

    private static readonly CodeTable Memory = new("""
        01 Address Parity Error (APPP)
        02 CMI Wr data parity Error on sCH0
        03 CMI Uncorr/Corr ECC error on sCH0
        04 CMI Wr BE parity Error on sCH0
        05 CMI Wr MAC parity Error on sCH0
        08 Corr Patrol Scrub Error
        10 UnCorr Patrol Scrub Error
        20 Corr Spare Error
        40 UnCorr Spare Error
        80 Transient or Correctable Error for Demand or Underfill Reads
        a0 Uncorrectable Error for Demand or Underfill Reads
        b0 Poison was read from memory when poison was disabled in memory controller
        c0 Read 2LM MetaData Error
        """);

    private static readonly CodeTable WriteData = new("""
        00 WDB Read Parity Error on sCH0
        02 WDB Read Uncorr/Corr ECC Error on sCH0
        04 WDB BE Read Parity Error on sCH0
        06 WDB Read Persistent Corr ECC Error on sCH0
        08 DDR Link Fail
        09 Illegal incoming opcode
        """);

    private static readonly CodeTable CommandAddress = new("""
        00 DDR CAParity or WrCRC Error
        """);

    private static readonly CodeTable Scheduler = new("""
        00 Scheduler address parity error
        """);

    private static readonly CodeTable Internal = new("""
        32 MC Internal Errors
        33 MCTracker Address RF parity error
        """);

    private static readonly CodeTable SecondMemory = new("""
        02 CMI Wr data parity Error on sCH1
        03 CMI Uncorr/Corr ECC error on sCH1
        04 CMI Wr BE parity Error on sCH1
        05 CMI Wr MAC parity Error on sCH1
        """);

    private static readonly CodeTable SecondWriteData = new("""
        00 WDB Read Parity Error on sCH1
        02 WDB Read Uncorr/Corr ECC Error on sCH1
        04 WDB BE Read Parity Error on sCH1
        06 WDB Read Persistent Corr ECC Error on sCH1
        """);

    private static readonly string?[] EccModes =
    [
        null, "SDDC 128b 1LM", "SDDC 125b 1LM", "SDDC 96b 1LM", "SDDC 96b 2LM", "ADDDC 80b 1LM", "ADDDC 80b 2LM", "ADDDC 64b 1LM",
            "9x4 61b 1LM", "9x4 32b 1LM", "9x4 32b 2LM",
    ];

    public static void Decode(int bank, ulong status, ulong misc, DecodedText text)
    {
        switch (bank)
        {
            case 5:
                text.Say("UPI: ");
                text.Bits(status, BitText.Code(16, 31, Upi) with { Shown = 0 });
                break;
            case 6:
                text.Say("Punit: ");
                text.Bits(status, BitText.Code(16, 23, PunitLow) with { Shown = 0 });
                text.Bits(status, BitText.Code(24, 31, PunitHigh) with { Shown = 0 });
                break;
            case 12:
                text.Say("B2CMI: ");
                text.Bits(status, BitText.Code(16, 31, Bridge) with { Shown = 0 });
                break;
            case >= 13 and <= 24:
                text.Say("MCCHAN: ");
                CodeTable? table = DecodedText.Field(status, 24, 31) switch
                {
                    0 => Memory, 1 => WriteData, 2 => CommandAddress, 4 => Scheduler, 8 => Internal, 0x20 => SecondMemory, 0x21 =>
                        SecondWriteData, _ => null,
                };
                if (table is not null)
                    text.Bits(status, BitText.Code(16, 23, table) with { Shown = 0 });
                // MISC holds a location only when it is valid and the second of the "other information" bits says so.
                if ((status & MciStatus.MiscV) != 0 && DecodedText.Field(status, 33, 33) != 0)
                    Location(status, misc, text);
                break;
        }
    }

    private static void Location(ulong status, ulong misc, DecodedText text)
    {
        if (DecodedText.Field(status, 16, 31) is >= 0x800 and <= 0x82f)
            return;
        text.Line(
            $"bank: 0x{DecodedText.Field(misc, 37, 38):x} bankgroup: 0x{DecodedText.Field(misc, 39, 41):x} row: " +
            $"0x{DecodedText.Field(misc, 19, 36):x} column: 0x{DecodedText.Field(misc, 9, 18) << 2:x}");
        bool transient = misc >> 63 != 0;
        if (!transient)
            text.Line($"failed device: 0x{DecodedText.Field(misc, 43, 48):x}");
        text.Line($"chipselect: 0x{DecodedText.Field(misc, 55, 57):x} subrank: 0x{DecodedText.Field(misc, 51, 54):x}");
        text.Line($"ecc mode: {EccModes.ElementAtOrDefault((int)DecodedText.Field(misc, 58, 61)) ?? "Invalid/unknown ECC mode"}");
        if (transient)
            text.Line("transient");
    }
}
