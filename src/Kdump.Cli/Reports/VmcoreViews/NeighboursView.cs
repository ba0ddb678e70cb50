using Kdump.Cli.Terminals;
using Kdump.Kernel;
using Kdump.Kernel.Types;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary><c>kdt vmcore net --neigh</c>: who the machine knew on its networks, as <c>ip neigh</c> shows it.</summary>
internal sealed class NeighboursView
{
    private readonly Vmcore vmcore;
    private readonly NetNeighbours neighbours;
    private readonly Table<NetNeighbour> table;

    public NeighboursView(Vmcore vmcore)
    {
        this.vmcore = vmcore;
        neighbours = new NetNeighbours(vmcore);
        Dictionary<ulong, uint?> inodes = [];
        uint? Inode(NetNeighbour of)
        {
            if (!inodes.TryGetValue(of.Namespace.Value, out uint? inode))
                inodes[of.Namespace.Value] = inode = of.Namespace.Value == 0 ? null
                    : (uint?)new StructReader(vmcore.Memory, vmcore.Struct("net"), of.Namespace).First("ns.inum");
            return inode;
        }
        table = new(
            new("namespace", "NETNS", n => Inode(n)) { Right = true },
            new("address", "ADDRESS", n => n.IpAddress),
            new("device", "DEVICE", n => n.Device),
            new("hardwareAddress", "HWADDR", n => n.HardwareAddress),
            new("state", "STATE", n => n.State),
            new("neighbour", "NEIGHBOUR", n => n.Address.ToString()));
    }

    public void Text(Context context)
    {
        table.Text(context.Output, neighbours.All);
        UnreadText.Lost(vmcore, neighbours.Damages);
    }

    public void Json(TextWriter output) => UnreadText.Json(output, vmcore, "kdt.vmcore.neigh/1", json =>
    {
        table.Json(json, "neighbours", neighbours.All);
        UnreadText.Lost(json, vmcore, neighbours.Damages);
    });
}
