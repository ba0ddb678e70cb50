using Kdump.Diagnosis.MachineChecks.Records;

namespace Kdump.Diagnosis.MachineChecks.Mcelog.Intel;

/// <summary>
/// Pentium Pro to Core 2: the front-side bus fields of MCi_STATUS, Intel SDM volume 3B, "Incremental Decoding Information: Processor
/// Family 06H". They mean something only in a bus error; Nehalem prints them too.
/// </summary>
internal static class P6
{
    private static readonly CodeTable BusRequest = new("""
        00 BQ_DCU_READ_TYPE
        02 BQ_IFU_DEMAND_TYPE
        03 BQ_IFU_DEMAND_NC_TYPE
        04 BQ_DCU_RFO_TYPE
        05 BQ_DCU_RFO_LOCK_TYPE
        06 BQ_DCU_ITOM_TYPE
        08 BQ_DCU_WB_TYPE
        0a BC_DCU_WCEVICT_TYPE
        0b BQ_DCU_WCLINE_TYPE
        0c BQ_DCU_BTM_TYPE
        0d BQ_DCU_INTACK_TYPE
        0e BQ_DCU_INVALL2_TYPE
        0f BQ_DCU_FLUSHL2_TYPE
        10 BQ_DCU_PART_RD_TYPE
        12 BQ_DCU_PART_WR_TYPE
        14 BQ_DCU_SPEC_CYC_TYPE
        18 BQ_DCU_IO_RD_TYPE
        19 BQ_DCU_IO_WR_TYPE
        1c BQ_DCU_LOCK_RD_TYPE
        1d BQ_DCU_LOCK_WR_TYPE
        1e BQ_DCU_SPLOCK_RD_TYPE
        """);

    private static readonly CodeTable BusError = new("""
        00 BQ_ERR_HARD_TYPE
        01 BQ_ERR_DOUBLE_TYPE
        02 BQ_ERR_AERR2_TYPE
        04 BQ_ERR_SINGLE_TYPE
        05 BQ_ERR_AERR1_TYPE
        """);

    private static readonly BitText[] Shared =
    [
        BitText.Reserved(16, 18), BitText.Code(19, 24, BusRequest), BitText.Code(25, 27, BusError), BitText.Code(25, 27, BusError),
        BitText.Bit(30, "internal BINIT"), BitText.Bit(36, "received parity error on response transaction"),
        BitText.Bit(38, "timeout BINIT (ROB timeout). No micro-instruction retired for some time"), BitText.Reserved(39, 41),
        BitText.Bit(42, "bus transaction received hard error response"), BitText.Bit(43, "failure that caused IERR"),
        BitText.Bit(44, "two failing bus transactions with address parity error (AERR)"), BitText.Bit(45, "uncorrectable ECC error"),
        BitText.Bit(46, "correctable ECC error"), BitText.Reserved(55, 56),
    ];

    private static readonly BitText[] PentiumPro =
    [
        BitText.Bit(28, "FRC error"), BitText.Bit(29, "BERR on this CPU"), BitText.Reserved(31, 31), BitText.Reserved(32, 34),
        BitText.Bit(35, "BINIT received from external bus"),
            BitText.Bit(37, "Received hard error response on split transaction (Bus BINIT)"),
    ];

    private static readonly BitText[] Core2 =
    [
        BitText.Bit(28, "MCE driven"), BitText.Bit(29, "MCE is observed"), BitText.Bit(31, "BINIT observed"), BitText.Reserved(32, 33),
        BitText.Bit(34, "PIC or FSB data parity error"), BitText.Reserved(35, 35), BitText.Bit(37, "FSB address parity error detected"),
    ];

    public static void DecodeBus(ulong status, bool core2, DecodedText text)
    {
        text.Bits(status, Shared);
        text.Bits(status, core2 ? Core2 : PentiumPro);
        text.Number(status, 47, 54, "ECC syndrome", hex: true);
    }
}
