using Kdump.Cli.Terminals;
using Kdump.Kernel;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary><c>kdt vmcore net</c>: interfaces by network namespace, and sockets with their queues and owners.</summary>
internal sealed class NetView
{
    private readonly Vmcore vmcore;
    private readonly NetNamespaces spaces;
    private readonly NetSockets sockets;
    private readonly Dictionary<ulong, uint> inodes;
    private readonly Table<NetInterface> interfaceTable;
    private readonly Table<NetSocket> socketTable;

    public NetView(Vmcore vmcore)
    {
        this.vmcore = vmcore;
        spaces = new NetNamespaces(vmcore);
        sockets = new NetSockets(vmcore, vmcore.Tasks.Value, spaces);
        inodes = spaces.All.ToDictionary(s => s.Address.Value, s => s.Inode);
        interfaceTable = new(
            new("namespace", "NETNS", i => Inode(i.Namespace.Value)) { Right = true },
            new("index", "IDX", i => i.Index) { Right = true },
            new("name", "NAME", i => i.Name),
            new("state", "STATE", i => i.State),
            new("carrier", null, i => i.Carrier),
            new("flags", "FLAGS", i => i.Flags),
            new("mtu", "MTU", i => i.Mtu) { Right = true },
            new("driver", "DRIVER", i => i.Driver),
            new("master", "MASTER", i => i.Master),
            new("txQueues", "TX/RX/STOPPED", i => i.TxQueues) { Text = i => $"{i.TxQueues}/{i.RxQueues}/{i.Stopped}" },
            new("rxQueues", null, i => i.RxQueues),
            new("stoppedQueues", null, i => i.Stopped),
            new("qdisc", "QDISC", i => i.Qdisc),
            new("rxPackets", "RX-PKT", i => Told(i, i.Counters.RxPackets)) { Right = true },
            new("rxBytes", null, i => Told(i, i.Counters.RxBytes)),
            new("txPackets", "TX-PKT", i => Told(i, i.Counters.TxPackets)) { Right = true },
            new("txBytes", null, i => Told(i, i.Counters.TxBytes)),
            new("rxErrors", null, i => i.Counters.RxErrors),
            new("txErrors", null, i => i.Counters.TxErrors),
            new("rxDropped", null, i => i.Counters.RxDropped),
            new("txDropped", "DROPPED", i => i.Counters.TxDropped) { Right = true,
                Text = i => $"{i.Counters.RxDropped + i.Counters.TxDropped}" },
            new("hardwareAddress", "HWADDR", i => i.HardwareAddress),
            new("netDevice", null, i => i.Address.ToString()),
            new("addresses", "ADDRESSES", i => i.Addresses));
        socketTable = new(
            new("namespace", "NETNS", s => Inode(s.Socket.NetNamespace.Value)) { Right = true },
            new("family", "FAMILY", s => s.Socket.FamilyName),
            new("state", "STATE", s => s.Socket.State),
            new("receiveQueue", "RECV-Q", s => s.Socket.ReceiveQueue) { Right = true },
            new("sendQueue", "SEND-Q", s => s.Socket.SendQueue) { Right = true },
            new("queuedMessages", null, s => s.Socket.Queued),
            new("local", "LOCAL", s => s.Socket.Local),
            new("remote", "REMOTE", s => s.Socket.Remote),
            new("inode", "INODE", s => s.Socket.Inode) { Right = true },
            new("sock", "SOCK", s => s.Socket.Address.ToString()),
            new("owners", "OWNERS", s => s.Owners.Select(o => $"{o.Task.Comm}({o.Task.Tgid}) fd {o.Number}").ToList()));
    }

    public void Text(Context context)
    {
        interfaceTable.Text(context.Output, spaces.Interfaces);
        context.Output.WriteLine();
        socketTable.Text(context.Output, sockets.All);
        UnreadText.Lost(vmcore, [.. spaces.Damages, .. sockets.Damages]);
    }

    public void Json(TextWriter output) => UnreadText.Json(output, vmcore, "kdt.vmcore.net/1", json =>
    {
        interfaceTable.Json(json, "interfaces", spaces.Interfaces);
        socketTable.Json(json, "sockets", sockets.All);
        UnreadText.Lost(json, vmcore, [.. spaces.Damages, .. sockets.Damages]);
    });

    /// <summary>Null if all counters of the interface are zero: then the packets may be counted by its driver only.</summary>
    private static ulong? Told(NetInterface of, ulong value) => of.Counters is { RxPackets: 0, TxPackets: 0 } ? null : value;

    private uint? Inode(ulong space) => inodes.TryGetValue(space, out uint inode) ? inode : null;
}
