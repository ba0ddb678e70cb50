using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Views;

/// <summary>A network interface, struct net_device of include/linux/netdevice.h.</summary>
/// <param name="Addresses">IPv4 and IPv6 with their prefix lengths.</param>
/// <param name="Flags">up, broadcast, loopback, promisc …</param>
/// <param name="State">up, down, dormant …: operstate.</param>
/// <param name="Driver">Driver of its device, otherwise its kind (veth, bridge, vlan …); null if neither is known.</param>
/// <param name="Stopped">Number of transmit queues that were stopped, by the driver or by the network stack.</param>
/// <param name="Counters">Counters in struct net_device, and the kernel's per-CPU counters if the driver uses them; 0 for drivers with
/// their own counters (most drivers of hardware).
/// </param>
public sealed record NetInterface(VirtualAddress Address, VirtualAddress Namespace, int Index, string Name, IReadOnlyList<string> Addresses,
    string HardwareAddress, IReadOnlyList<string> Flags, string State, bool Carrier, uint Mtu, string? Driver, string? Master,
        uint TxQueues,
    uint RxQueues, uint Stopped, string? Qdisc, NetCounters Counters);
