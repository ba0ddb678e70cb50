using Kdump.Diagnosis;
using Kdump.Diagnosis.Evidence;

namespace Kdump.Cli.Collect;

/// <summary>
/// The way from a dump target to the hardware, as the machine has it now: the block device behind an id, the devices it hangs on in
/// sysfs, and the module of the driver that each of them is bound to.
/// </summary>
internal sealed class ImageTargets(ImageRoot root, Facts facts)
{
    /// <summary>Devices below devices: LVM on LUKS on RAID on multipath is five.</summary>
    private const int MaxDepth = 16;

    private readonly HashSet<string> seen = new(StringComparer.Ordinal);
    private List<(string Id, string Kind, string Node)>? ids;

    /// <summary>Modules that the way needs.</summary>
    public HashSet<string> Modules { get; } = new(StringComparer.Ordinal);

    public void Follow(DumpTarget target, ImageModules modules)
    {
        DeviceReference device = target.Device;
        if (target.Kind is TargetKind.Nfs or TargetKind.Ssh or TargetKind.Other)
        {
            foreach (string name in root.List("/sys/class/net").Where(n => n != "lo" && IsPhysical(n)))
                Climb($"network interface {name}", $"/sys/class/net/{name}/device", modules);
            return;
        }
        if (device.Kind == ReferenceKind.None)
            return;
        if (target.FileSystem.Length > 0)
            NeedFileSystem(target, modules);
        if (!root.IsFolder("/sys/class/block") && !root.IsFolder("/sys/block"))
        {
            Unresolved(target, "the root has no /sys");
            return;
        }
        if (NodeOf(device) is { } node)
        {
            Block(node, target.Spec, modules, 0);
            return;
        }
        if (device.Kind is ReferenceKind.Uuid or ReferenceKind.Label or ReferenceKind.PartUuid or ReferenceKind.PartLabel)
        {
            string kind = KindName(device.Kind);
            string[] known = Ids().Where(i => i.Kind == kind).Select(i => i.Id).Distinct().Order(StringComparer.Ordinal).ToArray();
            if (Ids().Count > 0)
            {
                facts.Add(new TargetIdAbsent(target.Source, target.Spec, kind, known));
                return;
            }
        }
        Unresolved(target, "the root does not tell which disk that is");
    }

    private void Unresolved(DumpTarget target, string reason) => facts.Add(new TargetUnresolved(target.Source, target.Spec, reason));

    private bool IsPhysical(string name) => root.Link($"/sys/class/net/{name}/device") is not null;

    private static string KindName(ReferenceKind kind) => kind switch { ReferenceKind.Uuid => "UUID", ReferenceKind.Label => "LABEL", ReferenceKind.PartUuid => "PARTUUID", _ => "PARTLABEL" };

    private string? NodeOf(DeviceReference device)
    {
        if (device.Kind is ReferenceKind.Uuid or ReferenceKind.Label or ReferenceKind.PartUuid or ReferenceKind.PartLabel)
        {
            string kind = KindName(device.Kind);
            foreach ((string id, string idKind, string node) in Ids())
            {
                if (idKind == kind && string.Equals(id, device.Value, device.Kind is ReferenceKind.Uuid or ReferenceKind.PartUuid ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal))
                    return node;
            }
            return null;
        }
        string path = device.Path ?? "";
        string? target = root.Link(path);
        string name = (target ?? path)[((target ?? path).LastIndexOf('/') + 1)..];
        if (IsBlock(name))
            return name;
        // /dev/mapper/vg-lv without its link: by the name that device mapper keeps.
        return root.List("/sys/class/block").FirstOrDefault(n => n.StartsWith("dm-", StringComparison.Ordinal) && root.Text($"/sys/class/block/{n}/dm/name") == name);
    }

    private bool IsBlock(string name) => name.Length > 0 && (root.IsFolder($"/sys/class/block/{name}") || root.Link($"/sys/class/block/{name}") is not null);

    /// <summary>Every id that the root tells: links of /dev/disk, udev's database, or what blkid printed.</summary>
    private List<(string Id, string Kind, string Node)> Ids()
    {
        if (ids is not null)
            return ids;
        ids = [];
        foreach ((string folder, string kind) in new[] { ("by-uuid", "UUID"), ("by-label", "LABEL"), ("by-partuuid", "PARTUUID"), ("by-partlabel", "PARTLABEL") })
        {
            foreach (string name in root.List("/dev/disk/" + folder))
            {
                if (root.Link($"/dev/disk/{folder}/{name}") is { } link)
                    ids.Add((DeviceReference.Unescape(name), kind, link[(link.LastIndexOf('/') + 1)..]));
            }
        }
        foreach (string name in root.List("/run/udev/data").Where(n => n.StartsWith('b')))
        {
            string? node = NodeOfNumber(name[1..]);
            if (node is null)
                continue;
            foreach (string line in (root.Text("/run/udev/data/" + name) ?? "").Split('\n'))
            {
                foreach ((string key, string kind) in new[] { ("E:ID_FS_UUID=", "UUID"), ("E:ID_FS_LABEL=", "LABEL"), ("E:ID_PART_ENTRY_UUID=", "PARTUUID"), ("E:ID_PART_ENTRY_NAME=", "PARTLABEL") })
                {
                    if (line.StartsWith(key, StringComparison.Ordinal))
                        ids.Add((line[key.Length..], kind, node));
                }
            }
        }
        foreach (string file in new[] { "/sos_commands/block/blkid_-c_.dev.null", "/sos_commands/block/blkid", "/blkid", "/blkid.txt" })
        {
            foreach (string line in (root.Text(file) ?? "").Split('\n'))
                Blkid(line);
        }
        return ids;
    }

    /// <summary><c>/dev/vda1: UUID="…" TYPE="ext4" PARTUUID="…"</c></summary>
    private void Blkid(string line)
    {
        int colon = line.IndexOf(':');
        if (colon < 0 || !line.StartsWith("/dev/", StringComparison.Ordinal))
            return;
        string node = line[(line.LastIndexOf('/', colon) + 1)..colon];
        var c = new TextCursor(line.AsSpan(colon + 1));
        while (c.SkipSpaces() && c.Before("=\"", out ReadOnlySpan<char> key) && c.Before("\"", out ReadOnlySpan<char> value))
        {
            if (key is "UUID" or "LABEL" or "PARTUUID" or "PARTLABEL")
                ids!.Add((value.ToString(), key.ToString(), node));
        }
    }

    private string? NodeOfNumber(string number) =>
        root.Link("/sys/dev/block/" + number) is { } link ? link[(link.LastIndexOf('/') + 1)..]
        : root.List("/sys/class/block").FirstOrDefault(n => root.Text($"/sys/class/block/{n}/dev") == number);

    private void Block(string node, string target, ImageModules modules, int depth)
    {
        if (depth > MaxDepth || !seen.Add(node))
            return;
        string path = $"/sys/class/block/{node}";
        foreach (string slave in root.List(path + "/slaves"))
            Block(slave, target, modules, depth + 1);
        if (root.Text(path + "/dm/uuid") is { } uuid && uuid.StartsWith("CRYPT-", StringComparison.Ordinal))
            facts.Add(new TargetEncrypted(Source.Of(root.Shown(path + "/dm/uuid"), uuid, 1), target, root.Text(path + "/dm/name") ?? node, root.IsFolder("/sys/kernel/config/crash_dm_crypt_keys")));
        if (node.StartsWith("dm-", StringComparison.Ordinal))
            Need(target, node, "device-mapper", "dm_mod", path, modules);
        Climb(target, path, modules);
    }

    /// <summary>From a device up through its parents: each one with a driver needs that driver's module.</summary>
    private void Climb(string target, string path, ImageModules modules)
    {
        string? at = root.Resolve(path);
        for (int i = 0; at is not null && i < 64 && at.StartsWith("/sys/devices/", StringComparison.Ordinal); i++, at = at[..at.LastIndexOf('/')])
        {
            if (root.Link(at + "/driver") is not { } driver)
                continue;
            string name = driver[(driver.LastIndexOf('/') + 1)..];
            // No module link: built into the machine's kernel, and so into the crash kernel when that is the same.
            if (root.Link(at + "/driver/module") is not { } module)
                continue;
            Need(target, at[(at.LastIndexOf('/') + 1)..], name, module[(module.LastIndexOf('/') + 1)..], at + "/driver/module", modules);
        }
    }

    private void Need(string target, string device, string driver, string module, string path, ImageModules modules)
    {
        Modules.Add(module.Replace('-', '_'));
        facts.Add(new TargetDriver(new Source(root.Shown(path), $"{device}: driver {driver}, module {module}"), target, device, driver, module, modules.Has(module)));
    }

    /// <summary>The file system's module, where the machine has it loaded as one.</summary>
    private void NeedFileSystem(DumpTarget target, ImageModules modules)
    {
        string name = target.FileSystem is "ext2" or "ext3" ? "ext4" : target.FileSystem;
        // /sys/module/X/initstate is there for a loaded module only, not for what is built in.
        if (root.IsFile($"/sys/module/{name}/initstate"))
            Need(target.Spec, target.FileSystem, name, name, $"/sys/module/{name}", modules);
    }
}
