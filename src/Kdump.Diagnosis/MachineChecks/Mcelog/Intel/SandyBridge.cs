using Kdump.Diagnosis.MachineChecks.Records;

namespace Kdump.Diagnosis.MachineChecks.Mcelog.Intel;

/// <summary>
/// Sandy Bridge and Ivy Bridge servers: Intel SDM volume 3B, "Incremental Decoding Information: Processor Family with
/// DisplayFamily_DisplayModel 06_2DH / 06_3EH". Bank 4 is the power control unit, 6/7 (Ivy Bridge: 5) QPI, then the memory controllers.
/// </summary>
internal static class SandyBridge
{
    private static readonly CodeTable Controller = new("""
        00 No error
        01 Non_IMem_Sel
        02 I_Parity_Error
        03 Bad_OpCode
        04 I_Stack_Underflow
        05 I_Stack_Overflow
        06 D_Stack_Underflow
        07 D_Stack_Overflow
        08 Non-DMem_Sel
        09 D_Parity_Error
        """);

    private static readonly CodeTable Firmware = new("""
        00 No Error
        0d MC_IMC_FORCE_SR_S3_TIMEOUT
        0e MC_MC_CPD_UNCPD_ST_TIMEOUT
        0f MC_PKGS_SAFE_WP_TIMEOUT
        43 MC_PECI_MAILBOX_QUIESCE_TIMEOUT
        5c MC_MORE_THAN_ONE_LT_AGENT
        60 MC_INVALID_PKGS_REQ_PCH
        61 MC_INVALID_PKGS_REQ_QPI
        62 MC_INVALID_PKGS_RES_QPI
        63 MC_INVALID_PKGC_RES_PCH
        64 MC_INVALID_PKG_STATE_CONFIG
        70 MC_WATCHDG_TIMEOUT_PKGC_SECONDARY
        71 MC_WATCHDG_TIMEOUT_PKGC_MAIN
        72 MC_WATCHDG_TIMEOUT_PKGS_MAIN
        7a MC_HA_FAILSTS_CHANGE_DETECTED
        81 MC_RECOVERABLE_DIE_THERMAL_TOO_HOT
        """);

    private static readonly CodeTable FirmwareIvyBridge = Firmware.With("""
        44 MC_CRITICAL_VR_FAILED
        45 MC_ICC_MAX-NOTSUPPORTED
        7b MC_PCIE_R2PCIE-RW_BLOCK_ACK_TIMEOUT
        """);

    private static readonly BitText[] Memory = BitText.Bits("""
        16 Address parity error
        17 HA Wrt buffer Data parity error
        18 HA Wrt byte enable parity error
        19 Corrected patrol scrub error
        20 Uncorrected patrol scrub error
        21 Corrected spare error
        22 Uncorrected spare error
        """);

    /// <summary>Ivy Bridge's, which Broadwell-DE has again.</summary>
    internal static readonly BitText[] MemoryIvyBridge = [.. Memory, .. BitText.Bits("""
        23 Corrected memory read error
        24 iMC, WDB, parity errors
        """)];

    public static void Decode(Cpu cpu, int bank, ulong status, DecodedText text)
    {
        switch (bank)
        {
            case 4:
                text.Say("PCU: ");
                text.Bits(status, BitText.Code(16, 19, Controller), BitText.Code(24, 31, Firmware));
                text.Line("");
                break;
            case 6 or 7 when cpu == Cpu.SandyBridgeEp:
                text.Line("QPI");
                break;
            case >= 8 and <= 11:
                text.Say("MemCtrl: ");
                text.Bits(status, Memory);
                text.Line("");
                break;
        }
    }

    public static void DecodeIvyBridge(int bank, ulong status, DecodedText text)
    {
        switch (bank)
        {
            case 4:
                text.Say("PCU: ");
                text.Bits(status, BitText.Code(16, 19, Controller), BitText.Code(24, 31, FirmwareIvyBridge));
                text.Line("");
                break;
            case 5:
                text.Line("QPI");
                break;
            case >= 9 and <= 16:
                text.Say("MemCtrl: ");
                text.Bits(status, MemoryIvyBridge);
                text.Line("");
                break;
        }
    }
}
