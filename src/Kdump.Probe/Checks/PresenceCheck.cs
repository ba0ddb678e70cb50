using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Probe.Machine;

namespace Kdump.Probe.Checks;

/// <summary>
/// Which of the required devices exist. They are found by udev's links, or without udev by its database, the kernel's partition UUIDs and
/// plain names. Superblocks are not read, because the probe opens no device.
/// </summary>
internal sealed class PresenceCheck : Check
{
    public override string Name => "presence";

    public override void Run(Root root, Facts facts)
    {
        var seen = new List<string>();
        int uptime = facts.Of<KernelState>() is [var kernel, ..] ? kernel.UptimeSeconds : -1;
        foreach (DumpTarget target in facts.Of<DumpTarget>())
        {
            if (target.Device.Path is not string path || seen.Contains(path))
                continue;
            seen.Add(path);
            string node = Find(root, facts, target.Device, path, out bool certain);
            facts.Add(new TargetState(target.Source, target.Spec, path, node, certain));
            if (node.Length == 0 && certain && uptime >= 0)
                facts.Add(new DeviceWait(target.Source, path, uptime, null, GaveUp: false));
        }
        foreach (string directory in new[] { "by-uuid", "by-path", "by-id", "by-label" })
            Listing(root, facts, "/dev/disk/" + directory);
    }

    /// <summary>
    /// The name of the required block device if it exists; otherwise empty. This method must be cheap, because <c>watch</c> calls it
    /// repeatedly.
    /// </summary>
    internal static string Find(Root root, Facts facts, DeviceReference wanted, string path, out bool certain)
    {
        certain = true;
        if (root.Exists(path))
            return root.LinkName(path) ?? path[(path.LastIndexOf('/') + 1)..];
        IReadOnlyList<BlockDevice> disks = facts.Of<BlockDevice>();
        bool udev = root.Exists("/run/udev/data") || root.Exists("/dev/disk");
        foreach (BlockDevice disk in disks)
        {
            bool same = wanted.Kind switch
            {
                ReferenceKind.Uuid => Same(disk.FsUuid, wanted.Value),
                ReferenceKind.Label => disk.FsLabel.Length > 0 && disk.FsLabel == wanted.Value,
                ReferenceKind.PartUuid => Same(disk.PartUuid, wanted.Value),
                ReferenceKind.Node => disk.Name == wanted.Value["/dev/".Length..],
                ReferenceKind.Mapped => disk.MappedName.Length > 0 && IsMapping(disk.MappedName, wanted.Value),
                _ => false,
            };
            if (same)
                return disk.Name;
        }
        // Without udev, one of the disks may be the required device, but the link with the required name does not exist because only udev
        // creates it.
        certain = udev || disks.Count == 0 || wanted.Kind is ReferenceKind.Node or ReferenceKind.Mapped;
        return "";
    }

    private static bool Same(string a, string b) => a.Length > 0 && a.Equals(b, StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// True if both paths name the same logical volume: /dev/mapper/vg-lv is /dev/vg/lv. Device mapper doubles dashes inside names.
    /// </summary>
    private static bool IsMapping(string name, string path)
    {
        string rest = path["/dev/".Length..];
        if (rest.StartsWith("mapper/", StringComparison.Ordinal))
            return rest["mapper/".Length..] == name;
        string[] parts = rest.Split('/');
        return parts.Length == 2 && $"{parts[0].Replace("-", "--")}-{parts[1].Replace("-", "--")}" == name;
    }

    private static void Listing(Root root, Facts facts, string directory)
    {
        string[] names = root.List(directory);
        var links = new List<DiskLink>();
        foreach (string name in names)
            links.Add(new(name, root.LinkName($"{directory}/{name}") ?? ""));
        if (links.Count > 0)
            facts.Add(new DiskListing(new Source(directory, $"{links[0].Name} -> {links[0].Target}"), directory, links));
    }
}
