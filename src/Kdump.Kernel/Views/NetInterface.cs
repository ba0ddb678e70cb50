using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Views;

/// <summary>A network interface, struct net_device of include/linux/netdevice.h.</summary>
/// <param name="Addresses">IPv4 and IPv6 with their prefix lengths.</param>
/// <param name="Flags">up, broadcast, loopback, promisc …</param>
/// <param name="State">up, down, dormant …: operstate.</param>
/// <param name="Driver">Of the device that it is of, else its kind (veth, bridge, vlan …); null where neither is known.</param>
/// <param name="Stopped">Transmit queues that were stopped, by the driver or by the stack.</param>
/// <param name="Counters">
/// What struct net_device counts itself, and the kernel's own per-CPU counters where the driver uses them; drivers that count elsewhere
/// (most for hardware) show 0.
/// </param>
public sealed record NetInterface(VirtualAddress Address, VirtualAddress Namespace, int Index, string Name, IReadOnlyList<string> Addresses,
    string HardwareAddress, IReadOnlyList<string> Flags, string State, bool Carrier, uint Mtu, string? Driver, string? Master,
        uint TxQueues,
    uint RxQueues, uint Stopped, string? Qdisc, NetCounters Counters);
