using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Machines;

/// <summary>
/// Finds the interface that leads to a host, by /proc/net/route (net/ipv4/fib_trie.c): longest prefix, else the default route.
/// </summary>
public static class Routes
{
    /// <param name="spec"><c>user@host</c>, <c>user@host:port/path</c>, <c>host:/path</c>, <c>//host/share</c>, <c>host</c>; a name
    /// counts as a host behind the default route.</param>
    public static string? To(MachineTree root, string spec)
    {
        string? scheme = Array.Find(["cifs://", "smb://", "ftp://"], s => spec.StartsWith(s, StringComparison.Ordinal));
        spec = spec[(scheme?.Length ?? 0)..];
        // An IPv6 address is not cut; its route is not looked up.
        string host = spec[(spec.LastIndexOf('@') + 1)..].TrimStart('/').Split(":/")[0].Split('/')[0];
        if (host.IndexOf(':') is > 0 and var port && host.LastIndexOf(':') == port)
            host = host[..port];
        uint? address = IPAddress.TryParse(host, out IPAddress? ip) && ip.GetAddressBytes() is { Length: 4 } b
            ? BinaryPrimitives.ReadUInt32LittleEndian(b) : null;
        (string Name, int Bits)? best = null;
        foreach (string line in (root.Text("/proc/net/route") ?? "").Split('\n').Skip(1))
        {
            string[] words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 8 || !uint.TryParse(words[1], NumberStyles.AllowHexSpecifier, null, out uint to) ||
                !uint.TryParse(words[7], NumberStyles.AllowHexSpecifier, null, out uint mask))
                continue;
            int bits = System.Numerics.BitOperations.PopCount(mask);
            if (mask == 0 || (address is { } a && (a & mask) == to))
            {
                if (best is null || bits > best.Value.Bits)
                    best = (words[0], bits);
            }
        }
        return best?.Name;
    }
}
