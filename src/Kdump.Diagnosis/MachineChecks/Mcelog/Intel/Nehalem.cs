using Kdump.Diagnosis.MachineChecks.Records;

namespace Kdump.Diagnosis.MachineChecks.Mcelog.Intel;

/// <summary>
/// Nehalem and Westmere: Intel SDM volume 3B, incremental decoding for 06_1AH, 06_1EH, 06_25H, 06_2CH; the Xeon 7500 (06_2EH, 06_2FH)
/// knows only the internal errors.
/// </summary>
internal static class Nehalem
{
    private static readonly CodeTable InternalErrors = new("""
        00 No Error
        03 Reset firmware did not complete
        08 Received an invalid CMPD
        0a Invalid Power Management Request
        0d Invalid S-state transition
        11 VID controller does not match POC controller selected
        1a MSID from POC does not match CPU MSID
        """);

    private static readonly BitText[] Memory = BitText.Bits("""
        16 Memory read ECC error
        17 Memory ECC error occurred during scrub
        18 Memory write parity error
        19 Memory error in half of redundant memory
        20 Memory reserved 20
        21 Memory access out of range
        22 Memory internal RTID invalid
        23 Memory address parity error
        24 Memory byte enable parity error
        """);

    private static readonly BitText[] Qpi = BitText.Bits("""
        16 QPI header had bad parity
        17 QPI Data packet had bad parity
        18 Number of QPI retries exceeded
        19 Received QPI data packet that was poisoned by sender
        20 QPI reserved 20
        21 QPI reserved 21
        22 QPI received unsupported message encoding
        23 QPI credit type is not supported
        24 Sender sent too many QPI flits to the receiver
        25 QPI Sender sent a failed response to receiver
        26 Clock jitter detected in internal QPI clocking
        """);

    private static readonly BitText[] QpiMisc = BitText.Bits("""
        14 QPI misc reserved 14
        15 QPI misc reserved 15
        24 QPI Interleave/Head Indication Bit (IIB)
        """);

    public static void Decode(ulong status, ulong misc, DecodedText text)
    {
        ulong code = status & 0xffff;
        if (code >> 11 == 1)
        {
            text.Bits(status, Qpi);
            if ((status & MciStatus.MiscV) == 0)
                return;
            text.Number(misc, 0, 7, "QPI class and opcode of packet with error", hex: true);
            text.Number(misc, 8, 13, "QPI Request Transaction ID", hex: true);
            text.Number(misc, 16, 18, "QPI Requestor/Home Node ID (RHNID)", hex: false, always: true);
            text.Number(misc, 19, 23, "QPI miscreserved 19-23", hex: true);
            text.Bits(misc, QpiMisc);
        }
        else if (code == 1)
            Internal(status, text);
        else if (code >> 7 == 1)
        {
            text.Bits(status, Memory);
            text.Number(status, 25, 37, "Memory MISC reserved 25..37", hex: true);
            text.Number(status, 38, 52, "Memory corrected error count (CORE_ERR_CNT)", hex: false, always: true);
            text.Number(status, 53, 56, "Memory MISC reserved 53..56", hex: true);
            if ((status & MciStatus.MiscV) == 0)
                return;
            text.Number(misc, 0, 7, "Memory transaction Tracker ID (RTId)", hex: true, always: true);
            text.Number(misc, 16, 17, "Memory DIMM ID of error", hex: false, always: true);
            text.Number(misc, 18, 19, "Memory channel ID of error", hex: false, always: true);
            text.Number(misc, 32, 63, "Memory ECC syndrome", hex: true, always: true);
        }
    }

    public static void Internal(ulong status, DecodedText text)
    {
        if ((status & 0xffff) != 1)
            return;
        text.Bits(status, BitText.Code(24, 31, InternalErrors));
        text.Number(status, 16, 23, "Internal machine check status reserved 16..23", hex: true);
        text.Number(status, 32, 56, "Internal machine check status reserved 32..56", hex: true);
    }
}
