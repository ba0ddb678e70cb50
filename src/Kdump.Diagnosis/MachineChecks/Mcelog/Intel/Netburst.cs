using Kdump.Diagnosis.MachineChecks.Records;

namespace Kdump.Diagnosis.MachineChecks.Mcelog.Intel;

/// <summary>
/// Pentium 4 and Xeon (family 15), and the Xeon MP 7100 (Tulsa): Intel SDM volume 3B, incremental decoding for family 0FH and 0F_06H.
/// </summary>
internal static class Netburst
{
    private static readonly BitText[] Bus = BitText.Bits("""
        16 FSB address parity
        17 Response hard fail
        18 Response parity
        19 PIC and FSB data parity
        20 Invalid PIC request(Signature=0xF04H)
        21 Pad state machine
        22 Pad strobe glitch
        23 Pad address glitch
        """);

    private static readonly BitText[] TulsaBus =
    [
        BitText.Bit(16, "Parity error detected during FSB request phase"),
        BitText.Bit(17, "Partity error detected on Core 0 request's address field"),
        BitText.Bit(18, "Partity error detected on Core 1 request's address field"),
        BitText.Reserved(19, 19),
        BitText.Bit(20, "Parity error on FSB response field detected"),
        BitText.Bit(21, "FSB data parity error on inbound date detected"),
        BitText.Bit(22, "Data parity error on data received from Core 0 detected"),
        BitText.Bit(23, "Data parity error on data received from Core 1 detected"),
        BitText.Bit(24, "Detected an Enhanced Defer parity error phase A or phase B"),
        BitText.Bit(25, "Data ECC event to error on inbound data correctable or uncorrectable"),
        BitText.Bit(26, "Pad logic detected a data strobe glitch or sequencing error"),
        BitText.Bit(27, "Pad logic detected a request strobe glitch or sequencing error"),
        BitText.Reserved(28, 30), BitText.Reserved(31, 31),
    ];

    internal static readonly CodeTable Front = new("""
        01 Inclusion error from core 0
        02 Inclusion error from core 1
        03 Write Exclusive error from core 0
        04 Write Exclusive error from core 1
        05 Inclusion error from FSB
        06 SNP stall error from FSB
        07 Write stall error from FSB
        08 FSB Arbiter Timeout error
        """, mask: 0xf);

    private static readonly CodeTable TulsaFront = Front.With("""
        09 CBC OOD Queue Underflow/overflow
        """);

    private static readonly CodeTable InternalErrors = new("""
        01 Enhanced Intel SpeedStep Technology TM1-TM2 Error
        02-03 Internal timeout error
        04 Intel Cache Safe Technology Queue full error\nor disabled ways in a set overflow
        """, mask: 0xf);

    private static readonly BitText[] CorrectedEcc = BitText.Bits("""
        0 Correctable ECC event on outgoing FSB data
        1 Correctable ECC event on outgoing core 0 data
        2 Correctable ECC event on outgoing core 1 data
        """);

    private static readonly BitText[] UncorrectedEcc = BitText.Bits("""
        0 Uncorrectable ECC event on outgoing FSB data
        1 Uncorrectable ECC event on outgoing core 0 data
        2 Uncorrectable ECC event on outgoing core 1 data
        """);

    public static void DecodeBus(ulong status, DecodedText text)
    {
        text.Say("Model:");
        foreach (BitText bit in Bus)
        {
            if (bit.Of(status) is { } words)
                text.Line(words);
        }
        text.Line("");
    }

    public static void DecodeTulsa(ulong status, ulong misc, DecodedText text)
    {
        text.Number(status, 32, 39, "Corrected events", hex: false);
        if ((status & (1UL << 52)) != 0)
            text.Number(status, 44, 51, "ECC syndrome", hex: true);
        if ((status & MciStatus.MiscV) != 0)
            text.Line($"MISC format {(status >> 40) & 3:x} value {misc:x}");
        if ((status & 0xffff) == 0xe0f)
            text.Bits(status, TulsaBus);
        else if ((status & 0xffff) == 0x400)
            DecodeInternal((status >> 16) & 0xffff, TulsaFront, InternalErrors, CorrectedEcc, UncorrectedEcc, text);
    }

    /// <summary>The internal timer code carries a model-specific code of four forms; Dunnington has the same.</summary>
    internal static void DecodeInternal(ulong code, CodeTable front, CodeTable inside, BitText[] corrected, BitText[] uncorrected,
        DecodedText text)
    {
        if ((code & 0xfff0) == 0)
            text.Bits(code, BitText.Code(0, 3, front));
        else if ((code & 0xf0ff) == 0)
            text.Bits(code, BitText.Code(8, 11, inside));
        else if ((code & 0xfff0) == 0xc000)
            text.Bits(code, corrected);
        else if ((code & 0xfff0) == 0xe000)
            text.Bits(code, uncorrected);
    }
}
