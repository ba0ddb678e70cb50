namespace Kdump.Kernel.Views;

/// <summary>Packets and bytes of an interface.</summary>
public sealed record NetCounters(ulong RxPackets, ulong RxBytes, ulong TxPackets, ulong TxBytes, ulong RxErrors, ulong TxErrors,
    ulong RxDropped, ulong TxDropped);
