using System.Globalization;
using System.Text;
using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Model;

namespace Kdump.Sources.Rehearsals;

/// <summary>
/// The network of a rehearsal: QEMU's own (user mode), cut off from the world. At the target's address and port a listener accepts
/// what the crash kernel sends and answers nothing: this shows that card, driver, address and route work, and the real server gets
/// nothing.
/// </summary>
public sealed record RehearsalNetwork
{
    public required DumpTarget Target { get; init; }

    /// <summary>The target's address in the rehearsal.</summary>
    public required string Server { get; init; }

    /// <summary>QEMU's card: <c>virtio-net-pci</c>.</summary>
    public required string Card { get; init; }

    /// <summary>The network that contains both addresses: <c>192.168.7.0/24</c>.</summary>
    public required string Subnet { get; init; }

    /// <summary>MAC address of the card that the image waits for; empty: any.</summary>
    public string Mac { get; init; } = "";

    /// <summary>The router's address in it; empty: QEMU's choice.</summary>
    public string Router { get; init; } = "";

    /// <summary>The host's name, where the target is named; empty where it is an address.</summary>
    public string HostName { get; init; } = "";

    public int Port => Target.Kind == TargetKind.Ssh ? 22 : 2049;

    public string Words => $"{Target.Spec}: {Server} port {Port} in a network of its own, where nobody answers";

    /// <summary>What the crash kernel sent to the target's port; empty: no connection was made.</summary>
    public static string Heard(string folder)
    {
        string path = Path.Combine(folder, "heard");
        if (!File.Exists(path))
            return "";
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var head = new byte[64];
        int count = file.Read(head);
        // ssh begins with its version, NFS with a call of RPC in binary.
        if (count == 0)
            return "";
        if (head.AsSpan(0, count).StartsWith("SSH-"u8))
            return Encoding.ASCII.GetString(head, 0, count).Split('\r', '\n')[0];
        return string.Create(CultureInfo.InvariantCulture, $"{Counted.Of(count, "byte")}");
    }

    /// <summary>Name resolution, where the target has a name: the rehearsal has no DNS.</summary>
    internal void AddFiles(CpioWriter cpio)
    {
        if (HostName.Length == 0)
            return;
        cpio.AddFolder("etc");
        cpio.AddFile("etc/hosts", Encoding.UTF8.GetBytes($"127.0.0.1 localhost\n{Server} {HostName}\n"));
    }

    internal IEnumerable<string> Arguments(string folder)
    {
        yield return "-netdev";
        yield return
            $"user,id=net,restrict=on,net={Subnet}{(Router.Length > 0 ? ",host=" + Router : "")},guestfwd=tcp:{Server}:{Port}-cmd:dd " +
            $"bs=1 status=none of={Path.Combine(folder, "heard").Replace(",", ",,", StringComparison.Ordinal)}";
        yield return "-device";
        yield return $"{Card},netdev=net,romfile=,addr=1d.0{(Mac.Length > 0 ? ",mac=" + Mac : "")}";
    }

    /// <summary>The smallest network, at most 24 bits long, that contains all addresses; null for what is no IPv4 address.</summary>
    internal static string? SubnetOf(params IEnumerable<string> addresses)
    {
        uint? first = null;
        int bits = 24;
        foreach (string text in addresses.Where(a => a.Length > 0))
        {
            if (!System.Net.IPAddress.TryParse(text, out System.Net.IPAddress? ip) || ip.GetAddressBytes() is not { Length: 4 } b)
                return null;
            uint value = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(b);
            first ??= value;
            bits = Math.Min(bits, System.Numerics.BitOperations.LeadingZeroCount(first.Value ^ value));
        }
        if (first is null || bits < 4)
            return null;
        uint network = first.Value & (uint.MaxValue << (32 - bits));
        return $"{network >> 24}.{(network >> 16) & 255}.{(network >> 8) & 255}.{network & 255}/{bits}";
    }
}
