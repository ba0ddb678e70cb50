using Kdump.Diagnosis.MachineChecks.Records;

namespace Kdump.Diagnosis.MachineChecks.Mcelog.Intel;

/// <summary>
/// Skylake, Cascade Lake and Cooper Lake servers: Intel SDM volume 3B, incremental decoding for 06_55H. Bank 4 power control unit,
/// 5/12/19 UPI, 7/8 mesh to memory, 13-18 memory controller channels.
/// </summary>
internal static class SkylakeXeon
{
    private static readonly CodeTable Pcu = new("""
        00 No Error
        0d MCA_DMI_TRAINING_TIMEOUT
        0f MCA_DMI_CPU_RESET_ACK_TIMEOUT
        10 MCA_MORE_THAN_ONE_LT_AGENT
        1e MCA_BIOS_RST_CPL_INVALID_SEQ
        1f MCA_BIOS_INVALID_PKG_STATE_CONFIG
        25 MCA_MESSAGE_CHANNEL_TIMEOUT
        27 MCA_MSGCH_PMREQ_CMP_TIMEOUT
        30 MCA_PKGC_DIRECT_WAKE_RING_TIMEOUT
        31 MCA_PKGC_INVALID_RSP_PCH
        33 MCA_PKGC_WATCHDOG_HANG_CBZ_DOWN
        34 MCA_PKGC_WATCHDOG_HANG_CBZ_UP
        38 MCA_PKGC_WATCHDOG_HANG_C3_UP_SF
        40 MCA_SVID_VCCIN_VR_ICC_MAX_FAILURE
        41 MCA_SVID_COMMAND_TIMEOUT
        42 MCA_SVID_VCCIN_VR_VOUT_FAILURE
        43 MCA_SVID_CPU_VR_CAPABILITY_ERROR
        44 MCA_SVID_CRITICAL_VR_FAILED
        45 MCA_SVID_SA_ITD_ERROR
        46 MCA_SVID_READ_REG_FAILED
        47 MCA_SVID_WRITE_REG_FAILED
        48 MCA_SVID_PKGC_INIT_FAILED
        49 MCA_SVID_PKGC_CONFIG_FAILED
        4a MCA_SVID_PKGC_REQUEST_FAILED
        4b MCA_SVID_IMON_REQUEST_FAILED
        4c MCA_SVID_ALERT_REQUEST_FAILED
        4d MCA_SVID_MCP_VR_ABSENT_OR_RAMP_ERROR
        4e MCA_SVID_UNEXPECTED_MCP_VR_DETECTED
        51 MCA_FIVR_CATAS_OVERVOL_FAULT
        52 MCA_FIVR_CATAS_OVERCUR_FAULT
        58 MCA_WATCHDOG_TIMEOUT_PKGC_SECONDARY
        59 MCA_WATCHDOG_TIMEOUT_PKGC_MAIN
        5a MCA_WATCHDOG_TIMEOUT_PKGS_MAIN
        61 MCA_PKGS_CPD_UNCPD_TIMEOUT
        63 MCA_PKGS_INVALID_REQ_PCH
        64 MCA_PKGS_INVALID_REQ_INTERNAL
        65 MCA_PKGS_INVALID_RSP_INTERNAL
        6b MCA_PKGS_SMBUS_VPP_PAUSE_TIMEOUT
        81 MCA_RECOVERABLE_DIE_THERMAL_TOO_HOT
        """);

    private static readonly CodeTable Upi = new("""
        00 UC Phy Initialization Failure
        01 UC Phy detected drift buffer alarm
        02 UC Phy detected latency buffer rollover
        10 UC LL Rx detected CRC error: unsuccessful LLR: entered abort state
        11 UC LL Rx unsupported or undefined packet
        12 UC LL or Phy control error
        13 UC LL Rx parameter exchange exception
        1f UC LL detected control error from the link-mesh interface
        20 COR Phy initialization abort
        21 COR Phy reset
        22 COR Phy lane failure, recovery in x8 width
        23 COR Phy L0c error corrected without Phy reset
        24 COR Phy L0c error triggering Phy Reset
        25 COR Phy L0p exit error corrected with Phy reset
        30 COR LL Rx detected CRC error - successful LLR without Phy Reinit
        31 COR LL Rx detected CRC error - successful LLR with Phy Reinit
        """);

    /// <summary>Ice Lake's, except for one capital letter.</summary>
    private static readonly BitText[] UpiControl =
        Array.ConvertAll(IceLake.UpiControl, b => b.Low == 27 ? BitText.Bit(27, "unexpected Tx Protocol flit (EOP, Header or Data)") : b);

    private static readonly BitText[] MeshToMemory = BitText.Bits("""
        16 MscodDataRdErr
        17 Reserved
        18 MscodPtlWrErr
        19 MscodFullWrErr
        20 MscodBgfErr
        21 MscodTimeout
        22 MscodParErr
        23 MscodBucket1Err
        """);

    private static readonly BitText[] Memory = BitText.Bits("""
        16 Address parity error
        17 HA write data parity error
        18 HA write byte enable parity error
        19 Corrected patrol scrub error
        20 Uncorrected patrol scrub error
        21 Corrected spare error
        22 Uncorrected spare error
        23 Any HA read error
        24 WDB read parity error
        25 DDR4 command address parity error
        26 Uncorrected address parity error
        """);

    private static readonly CodeTable PersistentMemory = new("""
        00 Unrecognized request type
        01 Read response to an invalid scoreboard entry
        02 Unexpected read response
        03 DDR4 completion to an invalid scoreboard entry
        04 Completion to an invalid scoreboard entry
        05 Completion FIFO overflow
        06 Correctable parity error
        07 Uncorrectable error
        08 Interrupt received while outstanding interrupt was not ACKed
        09 ERID FIFO overflow
        0a Error on Write credits
        0b Error on Read credits
        0c Scheduler error
        0d Error event
        """);

    public static void Decode(int bank, ulong status, DecodedText text)
    {
        switch (bank)
        {
            case 4:
                text.Say("PCU: ");
                Haswell.PcuKind(status, text);
                if (DecodedText.Field(status, 16, 19) != 0)
                    text.Say("PCU internal error ");
                text.Bits(status, BitText.Code(24, 31, Pcu));
                break;
            case 5 or 12 or 19:
                text.Say("UPI: ");
                text.Bits(status, BitText.Code(16, 21, Upi));
                if (DecodedText.Field(status, 16, 21) == 0x12)
                    text.Bits(status, UpiControl);
                break;
            case 7 or 8:
                text.Say("M2M: ");
                text.Bits(status, MeshToMemory);
                break;
            case >= 13 and <= 18:
                text.Say("MemCtrl: ");
                if ((status & (1UL << 27)) != 0)
                    text.Bits(status, BitText.Code(16, 19, PersistentMemory));
                else
                    text.Bits(status, Memory);
                break;
        }
    }
}
