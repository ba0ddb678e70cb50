using Kdump.Diagnosis.MachineChecks.Records;

namespace Kdump.Diagnosis.MachineChecks.Mcelog.Intel;

/// <summary>
/// Xeon 7400 (06_1DH): Intel SDM volume 3B, incremental decoding for 06_1DH.
/// </summary>
internal static class Dunnington
{
    private static readonly BitText[] Bus =
    [
        BitText.Bit(16, "Parity error detected during FSB request phase"),
        BitText.Reserved(17, 19),
        BitText.Bit(20, "Hard Failure response received for a local transaction"),
        BitText.Bit(21, "Parity error on FSB response field detected"),
        BitText.Bit(22, "Parity data error on inbound data detected"),
        BitText.Reserved(23, 25), BitText.Reserved(25, 27), BitText.Reserved(28, 30), BitText.Reserved(31, 31),
    ];

    private static readonly CodeTable Front = Netburst.Front.With("""
        0a Inclusion error from core 2
        0b Write exclusive error from core 2
        """);

    private static readonly CodeTable InternalErrors = new("""
        02-03 Internal timeout error
        04 Intel Cache Safe Technology Queue full error\nor disabled ways in a set overflow
        05 Quiet cycle timeout error (correctable)
        """, mask: 0xf);

    private static readonly BitText[] CorrectedEcc = BitText.Bits("""
        1 Correctable ECC event on outgoing core 0 data
        2 Correctable ECC event on outgoing core 1 data
        3 Correctable ECC event on outgoing core 2 data
        """);

    private static readonly BitText[] UncorrectedEcc = BitText.Bits("""
        1 Uncorrectable ECC event on outgoing core 0 data
        2 Uncorrectable ECC event on outgoing core 1 data
        3 Uncorrectable ECC event on outgoing core 2 data
        """);

    public static void Decode(ulong status, DecodedText text)
    {
        if ((status & 0xffff) == 0xe0f)
            text.Bits(status, Bus);
        else if ((status & 0xffff) == 0x400)
            Netburst.DecodeInternal((status >> 16) & 0xffff, Front, InternalErrors, CorrectedEcc, UncorrectedEcc, text);
    }
}
