using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Views;

/// <summary>Network namespaces (net_namespace_list) and their interfaces.</summary>
public sealed class NetNamespaces
{
    private const int Most = 1_000_000;
    private const uint MaxQueues = 65536;

    /// <summary>IFF_* of include/uapi/linux/if.h.</summary>
    private static readonly (uint Bit, string Name)[] FlagNames =
    [
        (1, "up"), (2, "broadcast"), (8, "loopback"), (0x10, "pointopoint"), (0x80, "noarp"), (0x100, "promisc"), (0x200, "allmulti"),
        (0x400, "master"), (0x800, "slave"), (0x1000, "multicast"),
    ];

    /// <summary>IF_OPER_*, RFC 2863.</summary>
    private static readonly string[] States = ["unknown", "notpresent", "down", "lowerlayerdown", "testing", "dormant", "up"];

    private readonly CrashedKernel kernel;
    private readonly List<Damage> damages = [];
    private readonly List<(VirtualAddress, uint)> all = [];
    private readonly List<NetInterface> interfaces = [];
    private readonly StructType device;

    /// <exception cref="InputException">BTF lacks a struct, or a symbol is missing.</exception>
    public NetNamespaces(CrashedKernel kernel)
    {
        this.kernel = kernel;
        device = kernel.Struct("net_device");
        StructType net = kernel.Struct("net");
        int list = net.Offset("list"), link = device.Offset("dev_list");
        foreach (VirtualAddress entry in KernelList.Walk(kernel.Memory, kernel.Symbol("net_namespace_list"), "net_namespace_list", damages,
            Most))
        {
            VirtualAddress at = entry + -list;
            all.Add((at, new StructReader(kernel.Memory, net, at).U32("ns.inum")));
            foreach (VirtualAddress one in KernelList.Walk(kernel.Memory, at + net.Offset("dev_base_head"), "net.dev_base_head", damages,
                Most))
            {
                try
                {
                    interfaces.Add(Read(at, new StructReader(kernel.Memory, device, one + -link)));
                }
                catch (InputException e)
                {
                    damages.Add(Damage.From(e));
                }
            }
        }
    }

    /// <summary>Each namespace with its inode number; the first is the machine's own.</summary>
    public IReadOnlyList<(VirtualAddress Address, uint Inode)> All => all;

    public IReadOnlyList<NetInterface> Interfaces => interfaces;

    public IReadOnlyList<Damage> Damages => damages;

    private NetInterface Read(VirtualAddress space, StructReader of)
    {
        uint flags = of.U32("flags");
        ulong state = of.U64("operstate");
        // __LINK_STATE_NOCARRIER is bit 2 of state since 2.6.
        bool carrier = (of.U64("state") & 4) == 0;
        // Without IFF_UP operstate keeps what it was; ip link and rtnl_fill_ifinfo() say DOWN.
        const uint Up = 1;
        string shown;
        if ((flags & Up) == 0)
            shown = "down";
        else
            shown = state < (ulong)States.Length ? States[(int)state] : $"state {state}";
        return new NetInterface(of.Address, space, of.S32("ifindex"), of.Text("name"), [.. V4(of), .. V6(of)], Hardware(of),
            [.. FlagNames.Where(f => (flags & f.Bit) != 0).Select(f => f.Name)], shown,
            carrier, of.U32("mtu"), Driver(of), Master(of), of.U32("real_num_tx_queues"), of.U32("real_num_rx_queues"), Stopped(of),
                Qdisc(of),
            Counters(of));
    }

    private List<string> V4(StructReader of)
    {
        List<string> found = [];
        if (of.Follow("ip_ptr") is not { } inet)
            return found;
        StructType type = kernel.Struct("in_ifaddr");
        foreach (VirtualAddress at in Chain.Walk(kernel.Memory, inet.AddressOf("ifa_list"), type.Offset("ifa_next"), "in_device.ifa_list",
            damages, Most))
        {
            StructReader one = new(kernel.Memory, type, at);
            found.Add($"{new System.Net.IPAddress(one.U32("ifa_local"))}/{one.U64("ifa_prefixlen")}");
        }
        return found;
    }

    private List<string> V6(StructReader of)
    {
        List<string> found = [];
        if (!of.Has("ip6_ptr") || of.Follow("ip6_ptr") is not { } inet || kernel.FindStruct("inet6_ifaddr") is not { } type)
            return found;
        byte[] raw = new byte[16];
        foreach (VirtualAddress entry in KernelList.Walk(kernel.Memory, inet.AddressOf("addr_list"), "inet6_dev.addr_list", damages, Most))
        {
            StructReader one = new(kernel.Memory, type, entry + -type.Offset("if_list"));
            kernel.Memory.Read(one.AddressOf("addr"), raw, "inet6_ifaddr.addr");
            found.Add($"{new System.Net.IPAddress(raw)}/{one.U32("prefix_len")}");
        }
        return found;
    }

    /// <summary>
    /// The hardware address: an array in the struct until Linux commit adeef3e32146 ("net: constify netdev->dev_addr") (v5.17), a pointer
    /// before and after.
    /// </summary>
    private string Hardware(StructReader of)
    {
        byte[] raw = new byte[Math.Min(32, of.U64("addr_len"))];
        return raw.Length > 0 && of.Pointer("dev_addr") is { Value: not 0 } at && kernel.Memory.TryRead(at, raw)
            ? string.Join(':', raw.Select(b => b.ToString("x2", System.Globalization.CultureInfo.InvariantCulture))) : "";
    }

    private static string? Driver(StructReader of)
    {
        if (of.Inner("dev").Follow("parent") is { } parent && parent.Follow("driver") is { } driver && driver.TextAt("name") is { } name)
            return name;
        return of.Follow("rtnl_link_ops")?.TextAt("kind");
    }

    /// <summary>The bridge, bond or team of an interface: an adjacent device that is marked as master.</summary>
    private string? Master(StructReader of)
    {
        StructType type = kernel.Struct("netdev_adjacent");
        foreach (VirtualAddress entry in KernelList.Walk(kernel.Memory, of.AddressOf("adj_list.upper"), "net_device.adj_list.upper",
            damages, Most))
        {
            StructReader one = new(kernel.Memory, type, entry + -type.Offset("list"));
            if (one.U64("master") != 0 && one.Follow("dev") is { } master)
                return master.Text("name");
        }
        return null;
    }

    private uint Stopped(StructReader of)
    {
        StructType queue = kernel.Struct("netdev_queue");
        VirtualAddress first = of.Pointer("_tx");
        uint stopped = 0;
        // __QUEUE_STATE_DRV_XOFF, STACK_XOFF, FROZEN are bits 0 to 2.
        uint count = of.U32("real_num_tx_queues");
        if (count > MaxQueues)
            throw new InputException(kernel.Dump.Name, "net_device.real_num_tx_queues", -1, $"{count} is no number of queues");
        for (uint i = 0; i < count; i++)
            if ((new StructReader(kernel.Memory, queue, first + (long)i * queue.Size).U64("state") & 7) != 0)
                stopped++;
        return stopped;
    }

    private static string? Qdisc(StructReader of) => of.Follow("qdisc")?.Follow("ops")?.Text("id");

    private NetCounters Counters(StructReader of)
    {
        StructReader own = of.Inner("stats");
        ulong Own(string name) => own.First(name, $"__{name}.counter") ?? 0;
        ulong rxPackets = Own("rx_packets"), rxBytes = Own("rx_bytes"), txPackets = Own("tx_packets"), txBytes = Own("tx_bytes");
        // lstats and tstats are the same pointer. Which of them it is depends on the driver; since 6.9 pcpu_stat_type contains it (2 is
        // tstats).
        if (of.Has("tstats") && of.Has("pcpu_stat_type") && of.U64("pcpu_stat_type") == 2 && kernel.PerCpu.Value is { } perCpu &&
            kernel.Btf.Value?.Struct("pcpu_sw_netstats") is { } type && of.Pointer("tstats") is { Value: not 0 } area)
        {
            foreach (int cpu in perCpu.Possible)
            {
                StructReader one = new(kernel.Memory, type, perCpu.Address(area, cpu));
                rxPackets += one.U64("rx_packets");
                rxBytes += one.U64("rx_bytes");
                txPackets += one.U64("tx_packets");
                txBytes += one.U64("tx_bytes");
            }
        }
        return new NetCounters(rxPackets, rxBytes, txPackets, txBytes, Own("rx_errors"), Own("tx_errors"), Own("rx_dropped"),
            Own("tx_dropped"));
    }
}
