using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Views;

/// <summary>An entry of the table of neighbours of IPv4 (ARP) or IPv6 (NDISC), struct neighbour of include/net/neighbour.h.</summary>
/// <param name="Namespace">Address of the struct net of its device.</param>
/// <param name="HardwareAddress">Empty where the neighbour has not answered yet.</param>
/// <param name="State">As <c>ip neigh</c> shows it: REACHABLE, STALE, FAILED …</param>
public sealed record NetNeighbour(VirtualAddress Address, VirtualAddress Namespace, string IpAddress, string Device, string HardwareAddress,
    string State);
