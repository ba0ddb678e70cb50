using Kdump.Diagnosis.MachineChecks.Records;

namespace Kdump.Diagnosis.MachineChecks.Mcelog.Intel;

/// <summary>
/// Haswell and Broadwell servers, and Broadwell-DE: Intel SDM volume 3B, incremental decoding for 06_3FH, 06_4FH and 06_56H.
/// Bank 4 power control unit, 5/20/21 QPI, 7/8 home agents, 9-16 memory controllers (Broadwell-DE: 9/10).
/// </summary>
internal static class Haswell
{
    private static readonly CodeTable Pcu = new("""
        00 No Error
        09 MC_MESSAGE_CHANNEL_TIMEOUT
        0d MC_IMC_FORCE_SR_S3_TIMEOUT
        0e MC_CPD_UNCPD_SD_TIMEOUT
        13 MC_DMI_TRAINING_TIMEOUT
        15 MC_DMI_CPU_RESET_ACK_TIMEOUT
        1e MC_VR_ICC_MAX_LT_FUSED_ICC_MAX
        25 MC_SVID_COMMAN_TIMEOUT
        29 MC_VR_VOUT_MAC_LT_FUSED_SVID
        2b MC_PKGC_WATCHDOG_HANG_CBZ_DOWN
        2c MC_PKGC_WATCHDOG_HANG_CBZ_UP
        39 MC_PKGC_WATCHDOG_HANG_C3_UP_SF
        44 MC_CRITICAL_VR_FAILED
        45 MC_ICC_MAX_NOTSUPPORTED
        46 MC_VID_RAMP_DOWN_FAILED
        47 MC_EXCL_MODE_NO_PMREQ_CMP
        48 MC_SVID_READ_REG_ICC_MAX_FAILED
        49 MC_SVID_WRITE_REG_VOUT_MAX_FAILED
        4b MC_BOOT_VID_TIMEOUT_DRAM_0
        4c MC_BOOT_VID_TIMEOUT_DRAM_1
        4d MC_BOOT_VID_TIMEOUT_DRAM_2
        4e MC_BOOT_VID_TIMEOUT_DRAM_3
        4f MC_SVID_COMMAND_ERROR
        52 MC_FIVR_CATAS_OVERVOL_FAULT
        53 MC_FIVR_CATAS_OVERCUR_FAULT
        57 MC_SVID_PKGC_REQUEST_FAILED
        58 MC_SVID_IMON_REQUEST_FAILED
        59 MC_SVID_ALERT_REQUEST_FAILED
        60 MC_INVALID_PKGS_REQ_PCH
        61 MC_INVALID_PKGS_REQ_QPI
        62 MC_INVALID_PKGS_RSP_QPI
        63 MC_INVALID_PKGS_RSP_PCH
        64 MC_INVALID_PKG_STATE_CONFIG
        67 MC_HA_IMC_RW_BLOCK_ACK_TIMEOUT
        68 MC_IMC_RW_SMBUS_TIMEOUT
        69 MC_HA_FAILSTS_CHANGE_DETECTED
        6a MC_MSGCH_PMREQ_CMP_TIMEOUT
        70 MC_WATCHDOG_TIMEOUT_PKGC_SECONDARY
        71 MC_WATCHDOG_TIMEOUT_PKGC_MAIN
        72 MC_WATCHDOG_TIMEOUT_PKGS_MAIN
        7c MC_BIOS_RST_CPL_INVALID_SEQ
        7d MC_MORE_THAN_ONE_TXT_AGENT
        81 MC_RECOVERABLE_DIE_THERMAL_TOO_HOT
        """);

    private static readonly CodeTable PcuDe = Pcu.With("""
        26 MCA_PKGC_DIRECT_WAKE_RING_TIMEOUT
        """, without: "0d 0e 39 45 47 48 4c 4d 4e 60 61 63 68 69 70 71 7c 7d");

    private static readonly CodeTable Qpi = new("""
        02 Intel QPI physical layer detected drift buffer alarm
        03 Intel QPI physical layer detected latency buffer rollover
        10 Intel QPI link layer detected control error from R3QPI
        11 Rx entered LLR abort state on CRC error
        12 Unsupported or undefined packet
        13 Intel QPI link layer control error
        15 RBT used un-initialized value
        20 Intel QPI physical layer detected a QPI in-band reset but aborted initialization
        21 Link failover data self healing
        22 Phy detected in-band reset (no width change)
        23 Link failover clock failover
        30 Rx detected CRC error - successful LLR after Phy re-init
        31 Rx detected CRC error - successful LLR without Phy re-init
        """);

    private static readonly BitText[] Memory = BitText.Bits("""
        16 DDR3 address parity error
        17 Uncorrected HA write data error
        18 Uncorrected HA data byte enable error
        19 Corrected patrol scrub error
        20 Uncorrected patrol scrub error
        21 Corrected spare error
        22 Uncorrected spare error
        23 Corrected memory read error
        24 iMC write data buffer parity error
        25 DDR4 command address parity error
        """);

    /// <summary>Broadwell does not tell a corrected read.</summary>
    private static readonly BitText[] MemoryBroadwell = [.. Memory.Where(bit => bit.Low != 23)];

    public static void Decode(Cpu cpu, int bank, ulong status, DecodedText text)
    {
        switch (bank)
        {
            case 4:
                text.Say("PCU: ");
                PcuKind(status, text);
                if (DecodedText.Field(status, 16, 19) != 0)
                    text.Say("PCU internal error ");
                text.Bits(status, BitText.Code(24, 31, Pcu));
                break;
            case 5 or 20 or 21:
                text.Say("QPI: ");
                text.Bits(status, BitText.Code(16, 31, Qpi));
                break;
            case >= 9 and <= 16:
                text.Say("MemCtrl: ");
                text.Bits(status, cpu == Cpu.BroadwellEpEx ? MemoryBroadwell : Memory);
                break;
        }
    }

    public static void DecodeDe(int bank, ulong status, DecodedText text)
    {
        switch (bank)
        {
            case 4:
                text.Say("PCU: ");
                PcuKind(status, text);
                if ((DecodedText.Field(status, 16, 19) & 3) != 0)
                    text.Say("PCU internal error ");
                if ((DecodedText.Field(status, 20, 23) & 4) != 0)
                    text.Say("Ubox error ");
                text.Bits(status, BitText.Code(24, 31, PcuDe));
                break;
            case 9 or 10:
                text.Say("MemCtrl: ");
                text.Bits(status, SandyBridge.MemoryIvyBridge);
                break;
        }
    }

    /// <summary>What is printed for bank 4 before its table: the kind by MCACOD, then the microcontroller's own field.</summary>
    internal static void PcuKind(ulong status, DecodedText text)
    {
        switch (status & 0xefff)
        {
            case 0x402 or 0x403:
                text.Say("Internal errors ");
                break;
            case 0x406:
                text.Say("Intel TXT errors ");
                break;
            case 0x407:
                text.Say("Other UBOX Internal errors ");
                break;
        }
    }
}
