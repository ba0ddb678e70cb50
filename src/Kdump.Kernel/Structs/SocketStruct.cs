using System.Net;
using System.Text;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Structs;

/// <summary>
/// A socket: struct sock of include/net/sock.h, and the struct of its family: inet_sock and tcp_sock (include/net/inet_sock.h,
/// include/linux/tcp.h), unix_sock (include/net/af_unix.h), netlink_sock (net/netlink/af_netlink.h).
/// </summary>
public sealed class SocketStruct
{
    private const int Unix = 1, Inet = 2, Inet6 = 10, NetlinkFamily = 16, Packet = 17;
    private const int Listen = 10, TimeWait = 6, NewSynRecv = 12;

    private static readonly string[] States = ["?", "ESTABLISHED", "SYN-SENT", "SYN-RECV", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT", "CLOSE",
        "CLOSE-WAIT", "LAST-ACK", "LISTEN", "CLOSING", "NEW-SYN-RECV"];

    private readonly CrashedKernel kernel;

    /// <exception cref="InputException">BTF does not contain struct sock, or the socket is missing from the dump.</exception>
    public SocketStruct(CrashedKernel kernel, VirtualAddress at)
    {
        this.kernel = kernel;
        Struct = kernel.At("sock", at);
        Family = (int)Struct.U64("__sk_common.skc_family");
        StateNumber = (int)Struct.U64("__sk_common.skc_state");
        NetNamespace = new VirtualAddress(Struct.First("__sk_common.skc_net.net") ?? 0);
        bool small = IsSmall;
        Type = small ? 1 : (int)Struct.U64("sk_type");
        Protocol = small ? 6 : (int)Struct.U64("sk_protocol");
        if (Family is Inet or Inet6)
            ReadInet();
        else if (Family == Unix)
            ReadUnix();
        else if (Family == NetlinkFamily)
            ReadNetlink();
        if (small)
            return;
        ReceiveQueue = Struct.Has("sk_backlog.rmem_alloc.counter") ? Struct.S32("sk_backlog.rmem_alloc.counter") : null;
        SendQueue = Struct.Has("sk_wmem_alloc.refs.counter") ? Math.Max(0, Struct.S32("sk_wmem_alloc.refs.counter") - 1) : null;
        Queued = Struct.Has("sk_receive_queue.qlen") ? Struct.U32("sk_receive_queue.qlen") : 0;
        if (Protocol == 6 && Family is Inet or Inet6 && StateNumber != Listen)
            ReadTcp();
        if (StateNumber == Listen && Family is Inet or Inet6 or Unix)
        {
            if (Family != Unix)
            {
                ReceiveQueue = Struct.S32("sk_ack_backlog");
                SendQueue = Struct.S32("sk_max_ack_backlog");
            }
        }
        if (Struct.Pointer("sk_socket") is { Value: not 0 } socket && kernel.Btf.Value?.Struct("socket_alloc") is { } pair)
            Inode = new StructReader(kernel.Memory, pair, socket + -pair.Offset("socket")).U64("vfs_inode.i_ino");
    }

    public StructReader Struct { get; }

    public VirtualAddress Address => Struct.Address;

    /// <summary>Address family: AF_*.</summary>
    public int Family { get; }

    /// <summary>State: TCP_*; other families use a few of the same values.</summary>
    public int StateNumber { get; }

    /// <summary>Socket type, SOCK_*: 1 stream, 2 datagram, 3 raw, 5 sequenced packets.</summary>
    public int Type { get; }

    /// <summary>Protocol: IPPROTO_* or NETLINK_*.</summary>
    public int Protocol { get; }

    public VirtualAddress NetNamespace { get; }

    /// <summary>Local address and port, path, or number; empty if there is none.</summary>
    public string Local { get; private set; } = "";

    public string Remote { get; private set; } = "";

    /// <summary>
    /// Bytes that were received but not read (for TCP bytes of the stream, otherwise including the kernel's overhead); for a listening
    /// TCP socket the number of connections that wait to be accepted. Null if there is no such queue.
    /// </summary>
    public long? ReceiveQueue { get; private set; }

    /// <summary>
    /// Bytes that were not sent or not acknowledged; for a listening TCP socket the maximum length of its accept queue. Null if there is
    /// no such queue.
    /// </summary>
    public long? SendQueue { get; private set; }

    /// <summary>Number of messages in the receive queue.</summary>
    public uint Queued { get; }

    /// <summary>Inode number of the socket's file; null if it has none any more.</summary>
    public ulong? Inode { get; }

    /// <summary>Name of the family: TCP, UDP, UNIX …, with 6 appended for IPv6.</summary>
    public string FamilyName => Family switch
    {
        Inet or Inet6 => (Protocol switch { 6 => "TCP", 17 => "UDP", 136 => "UDPLITE", 1 or 58 => "ICMP", 132 => "SCTP", 262 => "MPTCP",
            _ => Type == 3 ? "RAW" : $"IP-{Protocol}" }) + (Family == Inet6 ? "6" : ""),
        Unix => "UNIX",
        NetlinkFamily => "NETLINK",
        Packet => "PACKET",
        40 => "VSOCK",
        38 => "ALG",
        29 => "CAN",
        31 => "BLUETOOTH",
        44 => "XDP",
        _ => $"AF-{Family}",
    };

    /// <summary>State as text; - if the family has no states.</summary>
    public string State => Family switch
    {
        Inet or Inet6 when Protocol is 6 or 132 => Name(StateNumber),
        Inet or Inet6 => StateNumber == 1 ? "ESTABLISHED" : "UNCONN",
        Unix => StateNumber switch { Listen => "LISTEN", 1 => "ESTABLISHED", _ => "UNCONN" },
        _ => "-",
    };

    /// <summary>Text for a list of files: <c>TCP 127.0.0.1:80 → 127.0.0.1:4711 ESTABLISHED</c>.</summary>
    public string Words => string.Join(' ', new[] { FamilyName, Local, Remote.Length == 0 ? "" : $"-> {Remote}", State == "-" ? "" : State }
        .Where(s => s.Length > 0));

    /// <summary>
    /// True for connection requests and sockets in TIME-WAIT, which are smaller than struct sock: they consist only of its first part.
    /// </summary>
    private bool IsSmall => Family is Inet or Inet6 && StateNumber is TimeWait or NewSynRecv;

    private static string Name(int state) => state >= 0 && state < States.Length ? States[state] : $"state {state}";

    private void ReadInet()
    {
        ushort port = Family == 0 ? (ushort)0 : (ushort)Struct.U64("__sk_common.skc_num");
        ushort remote = Swap((ushort)Struct.U64("__sk_common.skc_dport"));
        if (Family == Inet)
        {
            Local = $"{V4(Struct.U32("__sk_common.skc_rcv_saddr"))}:{port}";
            uint to = Struct.U32("__sk_common.skc_daddr");
            Remote = to == 0 && remote == 0 ? "" : $"{V4(to)}:{remote}";
            return;
        }
        Local = $"[{V6("__sk_common.skc_v6_rcv_saddr", out _)}]:{port}";
        string address = V6("__sk_common.skc_v6_daddr", out bool none);
        Remote = none && remote == 0 ? "" : $"[{address}]:{remote}";
    }

    private void ReadTcp()
    {
        if (kernel.Btf.Value?.Struct("tcp_sock") is not { } type)
            return;
        StructReader tcp = new(kernel.Memory, type, Address);
        // As in /proc/net/tcp: bytes not acknowledged, and bytes not read.
        SendQueue = unchecked((int)(tcp.U32("write_seq") - tcp.U32("snd_una")));
        ReceiveQueue = Math.Max(0, unchecked((int)(tcp.U32("rcv_nxt") - tcp.U32("copied_seq"))));
    }

    private void ReadUnix()
    {
        if (kernel.FindStruct("unix_sock") is not { } type)
            return;
        StructReader unix = new(kernel.Memory, type, Address);
        Local = UnixName(unix);
        if (unix.Pointer("peer") is { Value: not 0 } peer)
        {
            StructReader other = new(kernel.Memory, type, peer);
            string name = UnixName(other);
            ulong? inode = null;
            if (kernel.At("sock", peer).Pointer("sk_socket") is { Value: not 0 } socket &&
                kernel.Btf.Value?.Struct("socket_alloc") is { } pair)
                inode = new StructReader(kernel.Memory, pair, socket + -pair.Offset("socket")).U64("vfs_inode.i_ino");
            if (name.Length > 0)
                Remote = name;
            else
                Remote = inode is { } number ? $"socket:[{number}]" : $"{peer}";
        }
    }

    private string UnixName(StructReader unix)
    {
        if (unix.Follow("addr") is not { } address)
            return "";
        int length = address.S32("len");
        // The length includes sun_family.
        if (length is <= 2 or > 2 + 108)
            return "";
        byte[] raw = new byte[length - 2];
        kernel.Memory.Read(address.AddressOf("name") + 2, raw, "unix_address.name");
        int end = raw.Length;
        if (raw[0] != 0)
        {
            int zero = Array.IndexOf(raw, (byte)0);
            end = zero < 0 ? end : zero;
        }
        return Encoding.UTF8.GetString(raw, 0, end).Replace('\0', '@');
    }

    private void ReadNetlink()
    {
        if (kernel.FindStruct("netlink_sock") is not { } type)
            return;
        StructReader netlink = new(kernel.Memory, type, Address);
        Local = $"{Netlink(Protocol)}:{netlink.U32("portid")}";
        Remote = netlink.U32("dst_portid") is not 0 and var to ? $"{to}" : "";
    }

    private static string Netlink(int protocol) => protocol switch
    {
        0 => "route", 4 => "sock-diag", 5 => "nflog", 6 => "xfrm", 7 => "selinux", 8 => "iscsi", 9 => "audit", 10 => "fib", 11 =>
            "connector",
        12 => "netfilter", 15 => "uevent", 16 => "generic", 18 => "scsi", 20 => "rdma", 21 => "crypto", _ => $"{protocol}",
    };

    private static string V4(uint address) => new IPAddress(address).ToString();

    private string V6(string member, out bool none)
    {
        byte[] raw = new byte[16];
        kernel.Memory.Read(Struct.AddressOf(member), raw, "sock_common");
        none = Array.TrueForAll(raw, b => b == 0);
        return new IPAddress(raw).ToString();
    }

    private static ushort Swap(ushort value) => System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(value);
}
