namespace Kdump.Diagnosis.MachineChecks.Intel;

/// <summary>
/// Sapphire and Emerald Rapids: Intel SDM volume 3B, incremental decoding for 06_8FH and 06_CFH. Bank 4 power control unit, 5 UPI,
/// 12 mesh to memory, 13-20 channels, 29 mesh to high-bandwidth memory, 30/31 its channels.
/// </summary>
internal static class SapphireRapids
{
    private static readonly CodeTable Firmware = new("""
        0d MCA_LLC_BIST_ACTIVE_TIMEOUT
        0e MCA_DMI_TRAINING_TIMEOUT
        0f MCA_DMI_STRAP_SET_ARRIVAL_TIMEOUT
        10 MCA_DMI_CPU_RESET_ACK_TIMEOUT
        11 MCA_MORE_THAN_ONE_LT_AGENT
        14 MCA_INCOMPATIBLE_PCH_TYPE
        1e MCA_BIOS_RST_CPL_INVALID_SEQ
        1f MCA_BIOS_INVALID_PKG_STATE_CONFIG
        2d MCA_PCU_PMAX_CALIB_ERROR
        2e MCA_TSC100_SYNC_TIMEOUT
        3a MCA_GPSB_TIMEOUT
        3b MCA_PMSB_TIMEOUT
        3e MCA_IOSFSB_PMREQ_CMP_TIMEOUT
        40 MCA_SVID_VCCIN_VR_ICC_MAX_FAILURE
        42 MCA_SVID_VCCIN_VR_VOUT_FAILURE
        43 MCA_SVID_CPU_VR_CAPABILITY_ERROR
        44 MCA_SVID_CRITICAL_VR_FAILED
        45 MCA_SVID_SA_ITD_ERROR
        46 MCA_SVID_READ_REG_FAILED
        47 MCA_SVID_WRITE_REG_FAILED
        4a MCA_SVID_PKGC_REQUEST_FAILED
        4b MCA_SVID_IMON_REQUEST_FAILED
        4c MCA_SVID_ALERT_REQUEST_FAILED
        4d MCA_SVID_MCP_VR_RAMP_ERROR
        56 MCA_FIVR_PD_HARDERR
        58 MCA_WATCHDOG_TIMEOUT_PKGC_SECONDARY
        59 MCA_WATCHDOG_TIMEOUT_PKGC_MAIN
        5a MCA_WATCHDOG_TIMEOUT_PKGS_MAIN
        5b MCA_WATCHDOG_TIMEOUT_MSG_CH_FSM
        5c MCA_WATCHDOG_TIMEOUT_BULK_CR_FSM
        5d MCA_WATCHDOG_TIMEOUT_IOSFSB_FSM
        60 MCA_PKGS_SAFE_WP_TIMEOUT
        61 MCA_PKGS_CPD_UNCPD_TIMEOUT
        62 MCA_PKGS_INVALID_REQ_PCH
        63 MCA_PKGS_INVALID_REQ_INTERNAL
        64 MCA_PKGS_INVALID_RSP_INTERNAL
        65-7a MCA_PKGS_RESET_PREP_TIMEOUT
        7b MCA_PKGS_SMBUS_VPP_PAUSE_TIMEOUT
        7c MCA_PKGS_SMBUS_MCP_PAUSE_TIMEOUT
        7d MCA_PKGS_SMBUS_SPD_PAUSE_TIMEOUT
        80 MCA_PKGC_DISP_BUSY_TIMEOUT
        81 MCA_PKGC_INVALID_RSP_PCH
        83 MCA_PKGC_WATCHDOG_HANG_CBZ_DOWN
        84 MCA_PKGC_WATCHDOG_HANG_CBZ_UP
        87 MCA_PKGC_WATCHDOG_HANG_C2_BLKMASTER
        88 MCA_PKGC_WATCHDOG_HANG_C2_PSLIMIT
        89 MCA_PKGC_WATCHDOG_HANG_SETDISP
        8b MCA_PKGC_ALLOW_L1_ERROR
        90 MCA_RECOVERABLE_DIE_THERMAL_TOO_HOT
        a0 MCA_ADR_SIGNAL_TIMEOUT
        a1 MCA_BCLK_FREQ_OC_ABOVE_THRESHOLD
        b0 MCA_DISPATCHER_RUN_BUSY_TIMEOUT
        c0 MCA_DISPATCHER_RUN_BUSY_TIMEOUT
        """);

    private static readonly CodeTable Security = new("""
        01 MCE when CR4.MCE is clear
        02 MCE when MCIP bit is set
        03 MCE under WPS
        04 Unrecoverable error during security flow execution
        05 SW triple fault shutdown
        06 VMX exit consistency check failures
        07 RSM consistency check failures
        08 Invalid conditions on protected mode SMM entry
        09 Unrecoverable error during security flow execution
        """);

    private static readonly CodeTable Upi = new("""
        00 Phy Initialization Failure
        01 Phy Detected Drift Buffer Alarm
        02 Phy Detected Latency Buffer Rollover
        10 LL Rx detected CRC error: unsuccessful LLR (entered Abort state)
        11 LL Rx Unsupported/Undefined packet
        12 LL or Phy Control Error
        13 LL Rx Parameter Exception
        15 UC LL Rx SGX MAC Error
        1f LL Detected Control Error
        20 Phy Initialization Abort
        21 Phy Inband Reset
        22 Phy Lane failure, recovery in x8 width
        23 Phy L0c error corrected without Phy reset
        24 Phy L0c error triggering Phy reset
        25 Phy L0p exit error corrected with reset
        30 LL Rx detected CRC error: successful LLR without Phy Reinit
        31 LL Rx detected CRC error: successful LLR with Phy Reinit
        """);

    private static readonly CodeTable MeshToMemory = new("""
        01 Read ECC error
        02 Bucket1 error
        03 RdTrkr Parity error
        05 Prefetch channel mismatch
        07 Read completion parity error
        08 Response parity error
        09 Timeout error
        0a CMI reserved credit pool error
        0b CMI total credit count error
        0c CMI credit oversubscription error
        """);

    private static readonly CodeTable WriteData = new("""
        00 WDB read parity error
        08 DDR link failure
        """);

    private static readonly CodeTable CommandAddress = new("""
        00 DDR5 command / address parity error
        """);

    private static readonly string?[] EccModes =
    [
        "SDDC 2LM memory mode", "SDDC", "SDDC+1 2LM memory mode", "SDDC+1", "ADDDC 2LM memory mode", "ADDDC", "ADDDC+1 2LM memory mode", "ADDDC+1", "DDRT read",
    ];

    public static void Decode(int bank, ulong status, ulong misc, DecodedText text)
    {
        switch (bank)
        {
            case 4:
                text.Say("PCU: ");
                IceLake.DecodePcu(status, Firmware, (status & 0xffff) == 0x40c ? Security : IceLake.Controller, text);
                break;
            case 5:
                text.Say("UPI: ");
                IceLake.DecodeUpi(status, Upi, text);
                break;
            case 12 or 29:
                text.Say(bank == 29 ? "HBM: M2M: " : "M2M: ");
                if (DecodedText.Field(status, 24, 25) == 1)
                    text.Line("HBM Error");
                text.Bits(status, BitText.Code(16, 23, MeshToMemory) with { Shown = 0 });
                break;
            case (>= 13 and <= 20) or 30 or 31:
                text.Say(bank >= 30 ? "HBM: MemCtrl: " : "MemCtrl: ");
                CodeTable? table = DecodedText.Field(status, 24, 31) switch
                {
                    0 => IceLake.Memory, 1 => WriteData, 2 => CommandAddress, 4 => IceLake.Scheduler, 8 => IceLake.Transport, 0x10 => IceLake.Mirror, _ => null,
                };
                if (table is not null)
                    text.Bits(status, BitText.Code(16, 23, table) with { Shown = 0 });
                Location(bank >= 30, status, misc, text);
                break;
        }
    }

    private static void Location(bool highBandwidth, ulong status, ulong misc, DecodedText text)
    {
        ulong group = DecodedText.Field(misc, 37, 38) | (DecodedText.Field(misc, 41, 41) << 2);
        text.Line($"bank: 0x{DecodedText.Field(misc, 39, 40):x} bankgroup: 0x{group:x} row: 0x{DecodedText.Field(misc, 19, 39):x} column: 0x{DecodedText.Field(misc, 9, 18) << 2:x}");
        // mcelog takes the row from bits 39:19 although bank and bank group stand in 41:37.
        bool transient = misc >> 63 != 0;
        if (!transient && (status & MciStatus.Uc) == 0)
            text.Line($"failed device: {(highBandwidth ? $"0x{DecodedText.Field(misc, 51, 55):x}," : "")}0x{DecodedText.Field(misc, 43, 48):x}");
        text.Line($"rank: 0x{DecodedText.Field(misc, 56, 58):x} subrank: 0x{DecodedText.Field(misc, 52, 55):x}");
        ulong mode = DecodedText.Field(misc, 59, 62);
        if (!highBandwidth)
            text.Line($"ecc mode: {EccModes.ElementAtOrDefault((int)mode) ?? "unknown"}");
        else if (mode is 1 or 9)
            text.Line(mode == 1 ? "HBM 64B read" : "HBM 32B read");
        if (transient)
            text.Line("transient");
    }
}
