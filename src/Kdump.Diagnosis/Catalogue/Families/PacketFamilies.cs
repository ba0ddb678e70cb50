namespace Kdump.Diagnosis.Catalogue.Families;

/// <summary>Packets that the network stack found wrong.</summary>
internal static class PacketFamilies
{
    public static readonly Family Checksum = new("packet-checksum-wrong", "a network card's checksum of a packet is wrong")
    {
        Area = Area.Crashing,
        Severity = Severity.Warning,
        Confidence = 0.9,
        Cause = "The card computed a checksum of what it received, and it is not that of the packet that the kernel now has. " +
            "Mostly code changed the packet on its way and did not mend the checksum (a tunnel, a packet filter, a BPF program); " +
            "else card, firmware or driver compute it wrongly. The packet itself is checked again: this is no crash.",
        Fixes =
        [
            new("See whether it stops without programs that change packets (BPF, tunnels, filters), and with newer firmware and driver"),
            new("Or let the kernel compute the checksums", "ethtool -K INTERFACE rx off", "more work for the CPUs"),
        ],
        Tellings =
        [
            new("{w}: hw csum failure", "the network card of {1} gave a wrong checksum for a packet")
                { Holds = t => !t[0].EndsWith(')') && !t[0].EndsWith('>') },
            new("hw csum failure", "a network card gave a wrong checksum for a packet") { Subject = 0 },
        ],
        Origin = "net/core/dev.c netdev_rx_csum_fault()",
    };

    public static readonly Family[] All = [Checksum];
}
