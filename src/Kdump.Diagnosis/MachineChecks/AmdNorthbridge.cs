using Kdump.Diagnosis.MachineChecks.Records;

namespace Kdump.Diagnosis.MachineChecks;

/// <summary>
/// Bank 4 of AMD families 0Fh to 16h is the northbridge, which holds the memory controller: its error code only says that a request
/// crossed it ("bus error"), and the extended code says what failed (BIOS and Kernel Developer's Guides, "NB error signatures").
/// </summary>
internal static class AmdNorthbridge
{
    public const int Bank = 4;

    /// <summary>Null where the extended code names nothing better than the architectural code does.</summary>
    public static (MceKind Kind, string Words)? Of(uint family, int? bank, ulong status)
    {
        if (bank != Bank || family is < 0xf or 0x13 or > 0x16)
            return null;
        ulong extended = status >> 16 & (family is 0xf or 0x11 ? 0xful : 0x1f);
        return extended switch
        {
            0 or 8 when HasEcc(status) =>
                (MceKind.Memory, $"DRAM{(extended == 8 ? " chipkill" : "")} ECC error found by the northbridge{Scrubber(status)}"),
            0x1 => (MceKind.Link, "CRC error on a HyperTransport link"),
            0x2 => (MceKind.Link, "sync error packets on a HyperTransport link"),
            0x7 => (MceKind.Timer, "watchdog of the northbridge: a request was not answered"),
            0xa => (MceKind.Link, "data error on a HyperTransport link"),
            0xb => (MceKind.Link, "protocol error on a HyperTransport link, in the L3 cache or its probe filter"),
            0xc => (MceKind.Internal, "parity error in an array of the northbridge"),
            0xd => (MceKind.Memory, "parity error of the DRAM's address or control signals"),
            0xe => (MceKind.Link, "transmission error on an I/O link"),
            0x1c => (MceKind.Cache, "ECC error of the L3 cache's data"),
            0x1d => (MceKind.Cache, "error of the L3 cache's tags"),
            0x1e => (MceKind.Cache, "parity error of the L3 cache's LRU bits"),
            0x1f => (MceKind.Cache, "ECC error of the probe filter in the L3 cache"),
            _ => null,
        };
    }

    /// <summary>MCi_STATUS of a bank 4 that would be an ECC error of memory if the processor is a K8 or K10.</summary>
    public static bool MayBeDram(MachineCheck r) => r is { Bank: Bank, Status: { } status } && HasEcc(status) &&
        (status >> 11 & 0x1f) == 1 && (status >> 16 & 0x1f) is 0 or 8;

    private static bool HasEcc(ulong status) => (status & (MciStatus.Cecc | MciStatus.Uecc)) != 0;

    private static string Scrubber(ulong status) => (status & MciStatus.Scrub) != 0 ? ", by its scrubber" : "";
}
