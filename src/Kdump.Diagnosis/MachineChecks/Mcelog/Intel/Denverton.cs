using Kdump.Diagnosis.MachineChecks.Records;

namespace Kdump.Diagnosis.MachineChecks.Mcelog.Intel;

/// <summary>
/// Atom C3000: Intel SDM volume 3B, incremental decoding for 06_5FH. Only its memory controllers (banks 6 and 7) say more than the
/// architecture.
/// </summary>
internal static class Denverton
{
    private static readonly BitText[] Memory = BitText.Bits("""
        16 Cmd/Addr parity
        17 Corrected Demand/Patrol Scrub Error
        18 Uncorrected patrol scrub error
        19 Uncorrected demand read error
        20 WDB read ECC
        """);

    public static void Decode(int bank, ulong status, DecodedText text)
    {
        if (bank is not (6 or 7))
            return;
        text.Say("MemCtrl: ");
        text.Bits(status, Memory);
    }
}
