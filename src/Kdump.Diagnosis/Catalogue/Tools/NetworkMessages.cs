namespace Kdump.Diagnosis.Catalogue.Tools;

/// <summary>
/// The network of an initramfs does not come up: NetworkManager, systemd-networkd, dhclient, klibc's ipconfig, udhcpc and the
/// kernel's own words about a link. It is a failure of the dump only if the target is behind that network.
/// </summary>
internal static class NetworkMessages
{
    private static readonly ToolFix Cable = new("See the link and the switch's port: cable, speed, VLAN, spanning tree (portfast)",
        "ip -s link; ethtool {1}");

    private static readonly ToolFix Wait = new("Give it longer, or a fixed address: rd.net.timeout.carrier=60 rd.net.timeout.dhcp=60, " +
        "ip=ADDRESS::GATEWAY:NETMASK::INTERFACE:none on the command line (dracut)");

    public static readonly ToolMessage[] All =
    [
        Of("device ({e}): carrier: link disconnected", "The link of {1} was down.", Cable),
        Of("{w}: Link is Down", "The link of {1} was down.", Cable),
        Of("{w}: NIC Link is Down", "The link of {1} was down.", Cable),
        Of("{w} NIC Link is Down", "The link of {1} was down.", Cable),
        Of("dhcp4 ({e}): request timed out", "No DHCP server answered on {1}.", Wait),
        Of("device ({e}): state change: ip-config -> failed", "{1} got no address.", Wait),
        Of("{w}: DHCPv4 client: Timeout", "No DHCP server answered on {1}.", Wait),
        Of("No DHCPOFFERS received", "No DHCP server answered.", Wait),
        Of("udhcpc: no lease, failing", "No DHCP server answered.", Wait),
        Of("ipconfig: no devices to configure",
            "There was no network card when the initramfs looked for one: its driver is missing, or it came later " +
            "(a USB card).", new ToolFix("Take its driver into the initramfs, " +
            "and name the card (ip=…:eth0:dhcp), so that it is waited for", "ls /sys/class/net; ethtool -i eth0")),
        Of("ipconfig: {w}: SIOCGIFINDEX: No such device", "There is no network card of the name {1}: its driver is missing, or it has " +
            "another name in the initramfs.", new ToolFix("Compare the name in ip= with what is there", "ip -br link; cat /proc/cmdline")),
        Of("Failed to start NetworkManager Wait Online", "NetworkManager did not bring the network up in time.", Wait),
        Of("Failed to start Wait for Network to be Configured", "systemd-networkd did not bring the network up in time.", Wait),
    ];

    private static ToolMessage Of(string wording, string means, params ToolFix[] fixes) =>
        new(ToolStage.Networking, wording, means, fixes);
}
