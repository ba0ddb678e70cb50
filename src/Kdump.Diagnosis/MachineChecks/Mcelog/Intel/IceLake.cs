using Kdump.Diagnosis.MachineChecks.Records;

namespace Kdump.Diagnosis.MachineChecks.Mcelog.Intel;

/// <summary>
/// Ice Lake servers, Ice Lake-D and Tremont (Snow Ridge): Intel SDM volume 3B, incremental decoding for 06_6AH, 06_6CH and 06_86H.
/// Bank 4 power control unit, 5/7/8 UPI, 12/16/20/24 mesh to memory, the three banks behind each of those its channels.
/// </summary>
internal static class IceLake
{
    internal static readonly CodeTable Firmware = new("""
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
        """);

    internal static readonly CodeTable Power = new("""
        04 Clock/power IP response timeout
        05 SMBus controller raised SMI
        09 PM controller received invalid transaction
        """);

    internal static readonly CodeTable Controller = new("""
        01 Instruction address out of valid space
        02 Double bit RAM error on Instruction Fetch
        03 Invalid OpCode seen
        04 Stack Underflow
        05 Stack Overflow
        06 Data address out of valid space
        07 Double bit RAM error on Data Fetch
        """);

    internal static readonly CodeTable Upi = new("""
        00 Phy Initialization Failure (NumInit)
        01 Phy Detected Drift Buffer Alarm
        02 Phy Detected Latency Buffer Rollover
        10 LL Rx detected CRC error: unsuccessful LLR (entered Abort state)
        11 LL Rx Unsupported/Undefined packet
        12 LL or Phy Control Error
        13 LL Rx Parameter Exception
        1f LL Detected Control Error
        20 Phy Initialization Abort
        21 Phy Inband Reset
        22 Phy Lane failure, recovery in x8 width
        23 Phy L0c error corrected without Phy reset
        24 Phy L0c error triggering Phy reset
        25 Phy L0p exit error corrected with reset
        30 LL Rx detected CRC error: successful LLR without Phy Reinit
        31 LL Rx detected CRC error: successful LLR with Phy Reinit
        32 Tx received LLR
        """);

    internal static readonly BitText[] UpiControl = BitText.Bits("""
        22 Phy Control Error
        23 Unexpected Retry.Ack flit
        24 Unexpected Retry.Req flit
        25 RF parity error
        26 Routeback Table error
        27 Unexpected Tx Protocol flit (EOP, Header or Data)
        28 Rx Header-or-Credit BGF credit overflow/underflow
        29 Link Layer Reset still in progress when Phy enters L0
        30 Link Layer reset initiated while protocol traffic not idle
        31 Link Layer Tx Parity Error
        """);

    private static readonly BitText[] MeshToMemory = BitText.Bits("""
        16 MC read data error
        17 Reserved
        18 MC partial write data error
        19 Full write data error
        20 M2M clock-domain-crossing buffer (BGF) error
        21 M2M time out
        22 M2M tracker parity error
        23 fatal Bucket1 error
        """);

    internal static readonly CodeTable Memory = new("""
        01 Address parity error
        02 Data parity error
        03 Data ECC error
        04 Data byte enable parity error
        07 Transaction ID parity error
        08 Corrected patrol scrub error
        10 Uncorrected patrol scrub error
        20 Corrected spare error
        40 Uncorrected spare error
        80 Corrected read error
        a0 Uncorrected read error
        c0 Uncorrected metadata
        """);

    private static readonly CodeTable WriteData = new("""
        00 WDB read parity error
        03 RPA parity error
        06 DDR_T_DPPP data BE error
        07 DDR_T_DPPP data error
        08 DDR link failure
        11 PCLS CAM error
        12 PCLS data error
        """);

    private static readonly CodeTable CommandAddress = new("""
        00 DDR command / address parity error
        20 HBM command / address parity error
        21 HBM data parity error
        """);

    internal static readonly CodeTable Scheduler = new("""
        00 RPQ parity (primary) error
        """);

    internal static readonly CodeTable Transport = new("""
        00 DDR-T bad request
        01 DDR Data response to an invalid entry
        02 DDR data response to an entry not expecting data
        03 DDR completion to an invalid entry
        04 DDR-T completion to an invalid entry
        05 DDR data/completion FIFO overflow
        06 DDR-T ERID correctable parity error
        07 DDR-T ERID uncorrectable error
        08 DDR-T interrupt received while outstanding interrupt was not ACKed
        09 ERID FI FO overflow
        0a DDR-T error on FNV write credits
        0b DDR-T error on FNV read credits
        0c DDR-T scheduler error
        0d DDR-T FNV error event
        0e DDR-T FNV thermal event
        0f CMI packet while idle
        10 DDR_T_RPQ_REQ_PARITY_ERR
        11 DDR_T_WPQ_REQ_PARITY_ERR
        12 2LM_NMFILLWR_CAM_ERR
        13 CMI_CREDIT_OVERSUB_ERR
        14 CMI_CREDIT_TOTAL_ERR
        15 CMI_CREDIT_RSVD_POOL_ERR
        16 DDR_T_RD_ERROR
        17 WDB_FIFO_ERR
        18 CMI_REQ_FIFO_OVERFLOW
        19 CMI_REQ_FIFO_UNDERFLOW
        1a CMI_RSP_FIFO_OVERFLOW
        1b CMI_RSP_FIFO_UNDERFLOW
        1c CMI _MISC_MC_CRDT_ERRORS
        1d CMI_MISC_MC_ARB_ERRORS
        1e DDR_T_WR_CMPL_FI FO_OVERFLOW
        1f DDR_T_WR_CMPL_FI FO_UNDERFLOW
        20 CMI_RD_CPL_FIFO_OVERFLOW
        21 CMI_RD_CPL_FIFO_UNDERFLOW
        22 TME_KEY_PAR_ERR
        23 TME_CMI_MISC_ERR
        24 TME_CMI_OVFL_ERR
        25 TME_CMI_UFL_ERR
        26 TME_TEM_SECURE_ERR
        27 TME_UFILL_PAR_ERR
        29 INTERNAL_ERR
        2a TME_INTEGRITY_ERR
        2b TME_TDX_ERR
        2c TME_UFILL_TEM_SECURE_ERR
        2d TME_KEY_POISON_ERR
        2e TME_SECURITY_ENGINE_ERR
        """);

    internal static readonly CodeTable Mirror = new("""
        08 CORR_PATSCRUB_MIRR2ND_ERR
        10 UC_PATSCRUB_MIRR2ND_ERR
        20 COR_SPARE_MIRR2ND_ERR
        40 UC_SPARE_MIRR2ND_ERR
        80 HA_RD_MIRR2ND_ERR
        a0 HA_UNCORR_RD_MIRR2ND_ERR
        """);

    /// <summary>
    /// The unit that a bank belongs to: Ice Lake-D has two of the four memory controllers, Tremont one, and neither has UPI.
    /// </summary>
    private static char UnitOf(Cpu cpu, int bank)
    {
        int last = cpu switch { Cpu.IceLakeXeon => 27, Cpu.IceLakeDe => 19, _ => 15 };
        return bank switch
        {
            4 => 'P',
            5 or 7 or 8 when cpu == Cpu.IceLakeXeon => 'U',
            >= 12 when bank <= last => bank % 4 == 0 ? 'M' : 'C',
            _ => ' ',
        };
    }

    public static void Decode(Cpu cpu, int bank, ulong status, ulong misc, DecodedText text)
    {
        switch (UnitOf(cpu, bank))
        {
            case 'P':
                text.Say("PCU: ");
                DecodePcu(status, Firmware, Controller, text);
                break;
            case 'U':
                text.Say("UPI: ");
                DecodeUpi(status, Upi, text);
                break;
            case 'M':
                text.Line($"M2M: MscodDDRType=0x{DecodedText.Field(status, 24, 25):x}");
                text.Line($"MscodMiscErrs=0x{DecodedText.Field(status, 26, 31):x}");
                text.Bits(status, MeshToMemory);
                break;
            case 'C':
                text.Say("MemCtrl: ");
                CodeTable? table = DecodedText.Field(status, 24, 31) switch
                {
                    0 => Memory, 1 => WriteData, 2 => CommandAddress, 4 => Scheduler, 8 => Transport, 0x10 => Mirror, _ => null,
                };
                if (table is not null)
                    text.Bits(status, BitText.Code(16, 23, table) with { Shown = 0 });
                MemoryPlace.IceLake.Write(status, misc, highBandwidth: false, text);
                break;
        }
    }

    internal static void DecodePcu(ulong status, CodeTable firmware, CodeTable controller, DecodedText text)
    {
        // Three fields, each on a line of its own, and only those that are not zero.
        if (DecodedText.Field(status, 24, 31) != 0)
            text.Bits(status, BitText.Code(24, 31, firmware) with { Shown = 0 });
        if (DecodedText.Field(status, 20, 23) != 0)
            text.Bits(status, BitText.Code(20, 23, Power) with { Shown = 0 });
        if (DecodedText.Field(status, 16, 19) != 0)
            text.Bits(status, BitText.Code(16, 19, controller) with { Shown = 0 });
    }

    internal static void DecodeUpi(ulong status, CodeTable codes, DecodedText text)
    {
        if (DecodedText.Field(status, 22, 31) != 0)
            text.Bits(status, UpiControl);
        text.Bits(status, BitText.Code(16, 21, codes) with { Shown = 0 });
    }
}
