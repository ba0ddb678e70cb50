using Kdump.Sources.Trees;

namespace Kdump.Sources.Machines;

/// <summary>A disk on a server: the way there is a network card and the driver of the protocol.</summary>
/// <param name="Address">Of the server.</param>
/// <param name="Module">The protocol's driver; empty where the card has one of its own.</param>
/// <param name="Place">What names the address.</param>
internal readonly record struct FabricDisk(string Address, string Module, string Place);

/// <summary>
/// Disks on servers, by where they stand in sysfs. Authority: drivers/scsi/scsi_transport_iscsi.c (sessionN, connectionN:M),
/// drivers/nvme/host/sysfs.c (transport, address) and multipath.c (a disk with several ways belongs to its subsystem, which links to the
/// controllers).
/// </summary>
internal static class FabricDisks
{
    private const string Subsystems = "/sys/devices/virtual/nvme-subsystem/";

    /// <summary>Controllers of an NVMe disk that stands below its subsystem and not below one of them.</summary>
    public static IEnumerable<string> Controllers(MachineTree root, string at)
    {
        if (!at.StartsWith(Subsystems, StringComparison.Ordinal))
            return [];
        string subsystem = Subsystems + at[Subsystems.Length..].Split('/')[0];
        return root.List(subsystem).Where(n => n.StartsWith("nvme", StringComparison.Ordinal) && n.Length > 4 &&
            n.AsSpan(4).IndexOfAnyExceptInRange('0', '9') < 0).Select(n => root.Resolve($"{subsystem}/{n}") ?? "").Where(c => c.Length > 0);
    }

    /// <param name="at">The disk, or one of its controllers, below /sys/devices.</param>
    public static IEnumerable<FabricDisk> Of(MachineTree root, string at)
    {
        string[] parts = at.Split('/');
        if (Array.Find(parts, p => p.StartsWith("session", StringComparison.Ordinal)) is { } session)
        {
            const string connections = "/sys/class/iscsi_connection";
            foreach (string name in root.List(connections).Where(n => n.StartsWith($"connection{session["session".Length..]}:",
                StringComparison.Ordinal)))
            {
                foreach (string file in new[] { "persistent_address", "address" })
                {
                    string place = $"{connections}/{name}/{file}";
                    if (root.Text(place) is not { Length: > 0 } address)
                        continue;
                    // A card that speaks iSCSI itself has its driver above the session.
                    yield return new(address, parts.Contains("platform") ? "iscsi_tcp" : "", place);
                    break;
                }
            }
        }
        if (at.Contains("/nvme-fabrics/", StringComparison.Ordinal) && Array.FindIndex(parts, p => p == "ctl") is > 0 and var ctl &&
            parts.Length > ctl + 1)
        {
            string controller = string.Join('/', parts[..(ctl + 2)]), transport = root.Text(controller + "/transport") ?? "";
            string? address = (root.Text(controller + "/address") ?? "").Split(',')
                .FirstOrDefault(w => w.StartsWith("traddr=", StringComparison.Ordinal))?["traddr=".Length..];
            if (address is { Length: > 0 } && transport is "tcp" or "rdma")
                yield return new(address!, "nvme_" + transport, controller + "/address");
        }
    }
}
