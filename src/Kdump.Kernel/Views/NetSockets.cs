using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Views;

/// <summary>
/// Sockets: those of every process, found by its open files, and those in the hash tables of TCP, UDP and unix that no process has open
/// (connections that are closing, sockets of the kernel).
/// </summary>
public sealed class NetSockets
{
    private const int Most = 4_000_000;
    private const int MaxBuckets = 1 << 24;

    private readonly CrashedKernel kernel;
    private readonly List<Damage> damages = [];
    private readonly Dictionary<ulong, NetSocket> all = [];
    private readonly StructType sock;

    /// <exception cref="InputException">BTF lacks a struct.</exception>
    public NetSockets(CrashedKernel kernel, Tasks? tasks, NetNamespaces spaces)
    {
        this.kernel = kernel;
        sock = kernel.Struct("sock");
        foreach (TaskStruct task in tasks?.All.Where(t => !t.KernelThread) ?? [])
            OfTask(task);
        HashSet<ulong> tables = [];
        Table("tcp_hashinfo", Tcp, tables);
        Table("udp_table", Udp, tables);
        StructType net = kernel.Struct("net");
        foreach ((VirtualAddress space, _) in spaces.All)
        {
            StructReader of = new(kernel.Memory, net, space);
            Try(() =>
            {
                // A namespace may have a table of its own since 6.1 (TCP) and 6.2 (UDP).
                if (of.Has("ipv4.tcp_death_row.hashinfo") && of.Pointer("ipv4.tcp_death_row.hashinfo") is { Value: not 0 } tcp &&
                    tables.Add(tcp.Value))
                    Tcp(tcp);
                if (of.Has("ipv4.udp_table") && of.Pointer("ipv4.udp_table") is { Value: not 0 } udp && tables.Add(udp.Value))
                    Udp(udp);
                if (of.Has("unx.table.buckets"))
                    Unix(of.Pointer("unx.table.buckets"), 256);
                if (of.Has("packet.sklist"))
                    Bucket(of.AddressOf("packet.sklist"), "__sk_common.skc_node");
            });
        }
        // Until 5.20 there is one table for all namespaces, with UNIX_HASH_SIZE (256) entries, and as many for sockets without a name.
        if (!net.Has("unx.table.buckets") && kernel.FindSymbol("unix_socket_table") is { } unix)
            Try(() => Unix(unix, 512));
    }

    /// <summary>The sockets, sorted by family, local address and address of the struct.</summary>
    public IReadOnlyList<NetSocket> All =>
        [.. all.Values.OrderBy(s => Order(s.Socket)).ThenBy(s => s.Socket.Local, StringComparer.Ordinal).ThenBy(s => s.Socket.Remote,
            StringComparer.Ordinal).ThenBy(s => s.Socket.Address)];

    public IReadOnlyList<Damage> Damages => damages;

    private static string Order(SocketStruct socket) => socket.FamilyName switch
    {
        "TCP" => "0", "TCP6" => "1", "UDP" => "2", "UDP6" => "3", "UNIX" => "8", var name => $"5{name}",
    };

    private void OfTask(TaskStruct task)
    {
        // Threads share their table of files: read only that of one thread, the leader unless it has exited.
        try
        {
            if (task.Struct.Follow("files") is not { } files || !seenFiles.Add(files.Address.Value))
                return;
            foreach ((int number, VirtualAddress file, _) in OpenFiles.Numbers(kernel, files, damages))
                Try(() =>
                {
                    StructReader open = kernel.At("file", file);
                    if (open.Follow("f_inode") is not { } inode || (inode.U64("i_mode") & 0xF000) != 0xC000 ||
                        OpenFiles.SocketOf(kernel, inode.Address) is not { } at)
                        return;
                    NetSocket known = all.GetValueOrDefault(at.Value) ?? new NetSocket(new SocketStruct(kernel, at), []);
                    all[at.Value] = known with { Owners = [.. known.Owners, (task, number)] };
                });
        }
        catch (InputException e)
        {
            damages.Add(Damage.From(e));
        }
    }

    private readonly HashSet<ulong> seenFiles = [];

    private void Table(string symbol, Action<VirtualAddress> walk, HashSet<ulong> tables)
    {
        if (kernel.FindSymbol(symbol) is { } at && tables.Add(at.Value))
            Try(() => walk(at));
    }

    private void Tcp(VirtualAddress at)
    {
        StructReader table = kernel.At("inet_hashinfo", at);
        Buckets(table.Pointer("ehash"), (long)table.U32("ehash_mask") + 1, kernel.Struct("inet_ehash_bucket"), "chain",
            "__sk_common.skc_nulls_node");
        // Listening sockets are linked in lhash2 by this node since Linux commit cae3873c5b3a ("net: inet: Retire port only
        // listening_hash") (v5.19); before, lhash2 used another node, and this one belonged to listening_hash.
        StructType listening = kernel.Struct("inet_listen_hashbucket");
        string head = listening.Has("nulls_head") ? "nulls_head" : "head";
        if (table.Has("listening_hash"))
            Buckets(table.AddressOf("listening_hash"), table.Type.Length("listening_hash"), listening, head, "__sk_common.skc_nulls_node");
        else if (table.Has("lhash2"))
            Buckets(table.Pointer("lhash2"), (long)table.U32("lhash2_mask") + 1, listening, head, "__sk_common.skc_nulls_node");
    }

    private void Udp(VirtualAddress at)
    {
        StructReader table = kernel.At("udp_table", at);
        Buckets(table.Pointer("hash"), (long)table.U32("mask") + 1, kernel.Struct("udp_hslot"), "head", "__sk_common.skc_node");
    }

    private void Unix(VirtualAddress heads, int count)
    {
        for (int i = 0; i < count; i++)
            Bucket(heads + 8L * i, "__sk_common.skc_node");
    }

    private void Buckets(VirtualAddress first, long count, StructType bucket, string head, string node)
    {
        if (first.Value == 0)
            return;
        if (count > MaxBuckets)
            throw new InputException(kernel.Dump.Name, bucket.Name, -1, $"{count} buckets are no size of a hash table");
        int at = bucket.Offset(head);
        // Most of a large table is empty, so read all of it at once.
        long bytes = count * bucket.Size;
        const int piece = 1 << 20;
        for (long done = 0; done < bytes;)
        {
            int size = (int)Math.Min(bytes - done, piece / bucket.Size * bucket.Size);
            Memory.MemoryBlock block = kernel.Memory.ReadBlock(first + done, size);
            for (int i = 0; i < size; i += bucket.Size)
                if (!block.TrySlice(i + at, 8, out ReadOnlySpan<byte> link))
                    damages.Add(new Damage(kernel.Dump.Name, $"{bucket.Name}.{head}", -1, "a part of the table is missing"));
                else if ((System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(link) & 1) == 0)
                    Bucket(first + done + i + at, node);
            done += size;
            if (damages.Count > 1000)
                return;
        }
    }

    private void Bucket(VirtualAddress head, string node)
    {
        int at = sock.Offset(node);
        foreach (VirtualAddress entry in HList.Walk(kernel, head, node, damages, Most))
        {
            VirtualAddress found = entry + -at;
            if (!all.ContainsKey(found.Value))
                Try(() => all[found.Value] = new NetSocket(new SocketStruct(kernel, found), []));
        }
    }

    private void Try(Action read)
    {
        try
        {
            read();
        }
        catch (InputException e)
        {
            damages.Add(Damage.From(e));
        }
    }
}
