namespace Kdump.Diagnosis.Pci;

/// <summary>
/// Bits of the Advanced Error Reporting status, mask and severity registers: PCI Express Base Specification 7.8.4, with the short
/// names that the kernel (drivers/pci/pcie/aer.c) and lspci print, the long ones of kernels before 4.20, and what each means.
/// </summary>
public static class AerBits
{
    private static readonly (int Bit, string Short, string Long, string Meaning)[] Correctable =
    [
        (0, "RxErr", "Receiver Error", "receiver error: noise on the link (ASPM or signal integrity)"),
        (6, "BadTLP", "Bad TLP", "a packet arrived damaged and was sent again"),
        (7, "BadDLLP", "Bad DLLP", "a link-layer packet arrived damaged"),
        (8, "Rollover", "RELAY_NUM Rollover", "a packet had to be sent four times"),
        (12, "Timeout", "Replay Timer Timeout", "the other side did not acknowledge in time"),
        (13, "NonFatalErr", "Advisory Non-Fatal", "an uncorrectable error that the device handled itself"),
        (14, "CorrIntErr", "Corrected Internal Error", "the device corrected an error inside itself"),
        (15, "HeaderOF", "Header Log Overflow", "more errors came than headers could be kept"),
    ];

    private static readonly (int Bit, string Short, string Long, string Meaning)[] Uncorrectable =
    [
        (0, "Undefined", "Undefined", "link training error of an old device"),
        (4, "DLP", "Data Link Protocol", "data link protocol error"),
        (5, "SDES", "Surprise Down Error", "the link went down unexpectedly: the device was lost"),
        (12, "TLP", "Poisoned TLP", "poisoned TLP: data arrived that its sender had marked as bad"),
        (13, "FCP", "Flow Control Protocol", "flow control protocol error"),
        (14, "CmpltTO", "Completion Timeout", "completion timeout: a request was never answered"),
        (15, "CmpltAbrt", "Completer Abort", "completer abort: the target refused a request"),
        (16, "UnxCmplt", "Unexpected Completion", "unexpected completion: an answer without a request"),
        (17, "RxOF", "Receiver Overflow", "receiver overflow"),
        (18, "MalfTLP", "Malformed TLP", "malformed TLP"),
        (19, "ECRC", "ECRC", "end-to-end CRC error"),
        (20, "UnsupReq", "Unsupported Request", "unsupported request: the receiver does not take it"),
        (21, "ACSViol", "ACS Violation", "ACS violation: a request that access control forbids"),
        (22, "UncorrIntErr", "Uncorrectable Internal Error", "uncorrectable internal error of the device"),
        (23, "BlockedTLP", "MC Blocked TLP", "a multicast packet was blocked"),
        (24, "AtomicOpBlocked", "AtomicOp Egress Blocked", "an atomic operation was blocked"),
        (25, "TLPBlockedErr", "TLP Prefix Blocked Error", "a packet with a prefix was blocked"),
        (26, "PoisonTLPBlocked", "Poisoned TLP Egress Blocked", "a poisoned packet was held back"),
        (27, "DMWrReqBlocked", "DMWr Request Egress Blocked", "a deferrable memory write was blocked"),
        (28, "IDECheck", "IDE Check Failed", "link encryption check failed"),
        (29, "MisIDETLP", "Misrouted IDE TLP", "an encrypted packet took a wrong way"),
        (30, "PCRC_CHECK", "PCRC Check Failed", "PCRC check failed"),
        (31, "TLPXlatBlocked", "TLP Translation Egress Blocked", "a packet could not be translated between modes"),
    ];

    /// <summary>The names lspci shows, in its order; it does not show bit 0 of the uncorrectable errors.</summary>
    internal static IEnumerable<(int Bit, string Name)> Lspci(bool correctable) =>
        correctable ? Correctable.Select(b => (b.Bit, b.Bit == 13 ? "AdvNonFatalErr" : b.Short)) : Uncorrectable.Where(b => b.Bit > 0)
            .Select(b => (b.Bit, b.Short));

    /// <summary>Every bit that is set, by short name.</summary>
    public static IEnumerable<string> Names(uint status, bool correctable) => Of(status, correctable).Select(b => b.Short);

    /// <summary>Every bit that is set, in words.</summary>
    public static IEnumerable<string> Meanings(uint status, bool correctable) => Of(status, correctable).Select(b => b.Meaning);

    /// <summary>The bit with this short or long name; -1 for another word. lspci has said NonFatalErr and AdvNonFatalErr.</summary>
    public static int BitOf(ReadOnlySpan<char> name, bool correctable)
    {
        foreach (var b in correctable ? Correctable : Uncorrectable)
        {
            if (name.Equals(b.Short, StringComparison.Ordinal) || name.Equals(b.Long, StringComparison.OrdinalIgnoreCase) ||
                (b.Bit == 13 && correctable && name is "AdvNonFatalErr"))
                return b.Bit;
        }
        return -1;
    }

    private static IEnumerable<(int Bit, string Short, string Long, string Meaning)> Of(uint status, bool correctable)
    {
        (int, string, string, string)[] all = correctable ? Correctable : Uncorrectable;
        for (int bit = 0; bit < 32; bit++)
        {
            if ((status >> bit & 1) == 0)
                continue;
            int at = Array.FindIndex(all, b => b.Item1 == bit);
            yield return at >= 0 ? all[at] : (bit, $"bit {bit}", $"bit {bit}", $"error bit {bit} without a known meaning");
        }
    }
}
