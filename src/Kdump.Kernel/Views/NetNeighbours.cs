using System.Globalization;
using System.Net;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Views;

/// <summary>
/// The neighbours of all network namespaces: the hash tables of arp_tbl and nd_tbl, net/core/neighbour.c. Their buckets are chains of
/// struct neighbour (<c>hash_buckets</c>, <c>next</c>), and since Linux commit 41b3caa7c076 ("neighbour: Add hlist_node to struct
/// neighbour") (v6.13) hlists (<c>hash_heads</c>, <c>hash</c>).
/// </summary>
public sealed class NetNeighbours
{
    private const int MaxShift = 24;

    /// <summary>NUD_* of include/uapi/linux/neighbour.h.</summary>
    private static readonly (ulong Bit, string Name)[] States =
    [
        (0x01, "INCOMPLETE"), (0x02, "REACHABLE"), (0x04, "STALE"), (0x08, "DELAY"), (0x10, "PROBE"), (0x20, "FAILED"), (0x40, "NOARP"),
        (0x80, "PERMANENT"),
    ];

    private readonly CrashedKernel kernel;
    private readonly StructType neighbour;
    private readonly List<Damage> damages = [];
    private readonly List<NetNeighbour> all = [];

    /// <exception cref="InputException">BTF lacks a struct.</exception>
    public NetNeighbours(CrashedKernel kernel)
    {
        this.kernel = kernel;
        neighbour = kernel.Struct("neighbour");
        // nd_tbl belongs to the module ipv6 where that is none of the kernel's own parts.
        foreach (string table in (ReadOnlySpan<string>)["arp_tbl", "nd_tbl"])
            if (kernel.FindAnySymbol(table) is { } at)
                Table(table, at);
    }

    /// <summary>Entries by table, in the order of device and address.</summary>
    public IReadOnlyList<NetNeighbour> All => all;

    public IReadOnlyList<Damage> Damages => damages;

    private void Table(string name, VirtualAddress at)
    {
        List<NetNeighbour> found = [];
        try
        {
            StructReader table = kernel.At("neigh_table", at);
            uint keyBytes = table.U32("key_len");
            if (keyBytes is not (4 or 16))
                throw new InputException(kernel.Dump.Name, $"{name}.key_len", -1, $"{keyBytes} is not the size of an IP address");
            if (table.Follow("nht") is not { } hash)
                return;
            uint shift = hash.U32("hash_shift");
            if (shift > MaxShift)
                throw new InputException(kernel.Dump.Name, $"{name}.nht.hash_shift", -1, $"{shift} is no size of a hash table");
            bool lists = hash.Has("hash_heads");
            VirtualAddress first = hash.Pointer(lists ? "hash_heads" : "hash_buckets");
            for (long i = 0; i < 1L << (int)shift; i++)
                foreach (VirtualAddress entry in Bucket(first + 8 * i, lists))
                    Add(found, new StructReader(kernel.Memory, neighbour, entry), (int)keyBytes);
        }
        catch (InputException e)
        {
            damages.Add(Damage.From(e));
        }
        all.AddRange(found.OrderBy(n => n.Device, StringComparer.Ordinal).ThenBy(n => n.IpAddress, StringComparer.Ordinal));
    }

    private IEnumerable<VirtualAddress> Bucket(VirtualAddress head, bool lists)
    {
        if (lists)
            return HList.Walk(kernel, head, "neighbour.hash", damages).Select(n => n + -neighbour.Offset("hash"));
        return Chain.Walk(kernel.Memory, head, neighbour.Offset("next"), "neighbour.next", damages);
    }

    private void Add(List<NetNeighbour> found, StructReader of, int keyBytes)
    {
        try
        {
            byte[] key = new byte[keyBytes];
            kernel.Memory.Read(of.AddressOf("primary_key"), key, "neighbour.primary_key");
            StructReader? device = of.Follow("dev");
            int length = (int)Math.Min(device?.U64("addr_len") ?? 0, (ulong)of.Type.Length("ha"));
            byte[] hardware = new byte[length];
            kernel.Memory.Read(of.AddressOf("ha"), hardware, "neighbour.ha");
            ulong state = of.U64("nud_state");
            // NUD_VALID without NUD_INCOMPLETE and NUD_FAILED: the address has been learnt, or is set.
            string learnt = (state & 0xDE) == 0 ? ""
                : string.Join(':', hardware.Select(b => b.ToString("x2", CultureInfo.InvariantCulture)));
            found.Add(new NetNeighbour(of.Address, device?.Pointer("nd_net.net") ?? default, new IPAddress(key).ToString(),
                device?.Text("name") ?? "", learnt, States.FirstOrDefault(s => (state & s.Bit) != 0).Name ?? "NONE"));
        }
        catch (InputException e)
        {
            damages.Add(Damage.From(e));
        }
    }
}
