using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;
using Kdump.Sources.Images;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Machines;

/// <summary>
/// The path from a dump target to the hardware on the running machine: the block device behind an id, its parent devices in sysfs,
/// and the module of the driver that each of them is bound to.
/// </summary>
public sealed class ImageTargets(MachineTree root, Facts facts)
{
    /// <summary>Devices below devices: LVM on LUKS on RAID on multipath is five.</summary>
    private const int MaxDepth = 16;

    private readonly HashSet<string> seen = new(StringComparer.Ordinal);
    private readonly SosDevices sos = new(root);
    private readonly LoadedModules loaded = new(root);
    private List<(string Id, string Kind, string Node)>? ids;

    /// <summary>Modules that the way needs.</summary>
    public HashSet<string> Modules { get; } = new(StringComparer.Ordinal);

    /// <param name="modules">Those of the image; null where only the way matters.</param>
    public void Follow(DumpTarget target, ImageModules? modules)
    {
        DeviceReference device = target.Device;
        if (target.IsRemote)
        {
            if (target.Kind == TargetKind.Nfs)
                NeedNfs(target, modules);
            else if (target.FileSystem is "cifs" or "smb" && modules is { KnowsBuiltin: true })
                Need(target.Spec, "cifs", "cifs", "cifs", target.Source, modules);
            if (!root.IsFolder("/sys/class/net"))
                Unresolved(target, "the root has no /sys/class/net, so the driver of the network card is not known");
            else if (Routes.To(root, target.Spec) is { } name)
                Interface(name, $"{target.Spec} over {name}", modules, 0);
            else
                Unresolved(target, "no route shows which network interface leads there");
            return;
        }
        if (target.Kind == TargetKind.Other)
        {
            if (target.FileSystem == "virtiofs")
                NeedFileSystem(target, modules);
            return;
        }
        if (device.Kind == ReferenceKind.None)
            return;
        if (target.FileSystem.Length > 0)
            NeedFileSystem(target, modules);
        bool saved = !root.IsFolder("/sys/class/block") && !root.IsFolder("/sys/block");
        if (saved && !sos.Any)
        {
            Unresolved(target, "the root has no /sys");
            return;
        }
        if (NodeOf(device) is { } node)
        {
            if (target.Kind is TargetKind.FileSystem or TargetKind.Root)
                facts.Add(new TargetNode(target.Source, target.Spec, node));
            if (saved)
                Saved(node, target.Spec, modules);
            else
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
        if (IsPlainName(device.Path) && root.IsWhole && root.List("/sys/class/block").Count > 0)
        {
            facts.Add(new TargetIdAbsent(target.Source, target.Spec, "device", root.List("/sys/class/block")));
            return;
        }
        Unresolved(target, "the root does not show which disk that is");
    }

    /// <summary>The block device of a local target; null where the tree does not tell, or the target is none.</summary>
    public string? NodeOf(DumpTarget target) => target.Device.Kind == ReferenceKind.None ? null : NodeOf(target.Device);

    /// <summary>What a block device holds (ext4, xfs, LVM2_member …): where it is mounted, by udev's database, by blkid.</summary>
    public (string Type, Source Source)? TypeOf(string node)
    {
        int number = 0;
        foreach (string line in (root.Text("/proc/mounts") ?? root.Text("/proc/self/mounts") ?? "").Split('\n'))
        {
            number++;
            string[] words = line.Split(' ');
            if (words.Length > 3 && words[0].StartsWith("/dev/", StringComparison.Ordinal) &&
                NodeOf(DeviceReference.Parse(words[0])) == node)
                return (words[2], Source.Of(root.Shown("/proc/mounts"), line, number));
        }
        if (root.Text($"/sys/class/block/{node}/dev") is not { } device)
            return null;
        string udev = $"/run/udev/data/b{device}";
        string? type = (root.Text(udev) ?? "").Split('\n').FirstOrDefault(l => l.StartsWith("E:ID_FS_TYPE=", StringComparison.Ordinal));
        return type is null ? null : (type["E:ID_FS_TYPE=".Length..], new Source(root.Shown(udev), type));
    }

    /// <summary>/dev/NAME, /dev/mapper/NAME or /dev/VG/LV: no link of udev that a copy of the tree may lack.</summary>
    private static bool IsPlainName(string? path) =>
        path?.Split('/', StringSplitOptions.RemoveEmptyEntries) is ["dev", _] or ["dev", not "disk", _];

    /// <summary>The way to a disk as a sosreport tells it.</summary>
    private void Saved(string node, string target, ImageModules? modules)
    {
        foreach (string step in sos.Chain(node))
        {
            foreach (SosDevices.Bound b in sos.Above(step))
                Need(target, b.Device, b.Driver, b.Module, b.Source, modules);
        }
    }

    private void Unresolved(DumpTarget target, string reason) => facts.Add(new TargetUnresolved(target.Source, target.Spec, reason));

    private static string KindName(ReferenceKind kind) =>
        kind switch { ReferenceKind.Uuid => "UUID", ReferenceKind.Label => "LABEL", ReferenceKind.PartUuid => "PARTUUID",
        _ => "PARTLABEL" };

    private string? NodeOf(DeviceReference device)
    {
        if (device.Kind is ReferenceKind.Uuid or ReferenceKind.Label or ReferenceKind.PartUuid or ReferenceKind.PartLabel)
        {
            string kind = KindName(device.Kind);
            foreach ((string id, string idKind, string node) in Ids())
            {
                if (idKind == kind && string.Equals(id, device.Value, device.Kind is ReferenceKind.Uuid or ReferenceKind.PartUuid
                    ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal))
                    return node;
            }
            return null;
        }
        string path = device.Path ?? "";
        string? target = root.Link(path);
        string name = (target ?? path)[((target ?? path).LastIndexOf('/') + 1)..];
        if (IsBlock(name) || sos.Chain(name).Count > 1)
            return name;
        // /dev/vg/lv is vg-lv there, its own dashes doubled.
        if (path.Split('/', StringSplitOptions.RemoveEmptyEntries) is ["dev", not ("mapper" or "disk"), _] and [_, var group, var volume])
            name = $"{group.Replace("-", "--", StringComparison.Ordinal)}-{volume.Replace("-", "--", StringComparison.Ordinal)}";
        // /dev/mapper/vg-lv without its link: by the name that device mapper keeps.
        return root.List("/sys/class/block")
            .FirstOrDefault(n => n.StartsWith("dm-", StringComparison.Ordinal) && root.Text($"/sys/class/block/{n}/dm/name") == name);
    }

    private bool IsBlock(string name) =>
        name.Length > 0 && (root.IsFolder($"/sys/class/block/{name}") || root.Link($"/sys/class/block/{name}") is not null);

    /// <summary>Every id that the root tells: links of /dev/disk, udev's database, or what blkid printed.</summary>
    private List<(string Id, string Kind, string Node)> Ids()
    {
        if (ids is not null)
            return ids;
        ids = [];
        foreach ((string folder, string kind) in new[] { ("by-uuid", "UUID"), ("by-label", "LABEL"), ("by-partuuid", "PARTUUID"),
            ("by-partlabel", "PARTLABEL") })
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
                foreach ((string key, string kind) in new[] { ("E:ID_FS_UUID=", "UUID"), ("E:ID_FS_LABEL=", "LABEL"),
                    ("E:ID_PART_ENTRY_UUID=", "PARTUUID"), ("E:ID_PART_ENTRY_NAME=", "PARTLABEL") })
                {
                    if (line.StartsWith(key, StringComparison.Ordinal))
                        ids.Add((line[key.Length..], kind, node));
                }
            }
        }
        foreach (string file in new[] { "/sos_commands/block/blkid_-c_.dev.null", "/sos_commands/block/blkid", "/commands/blkid", "/blkid",
            "/blkid.txt" })
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

    private void Block(string node, string target, ImageModules? modules, int depth)
    {
        if (depth > MaxDepth || !seen.Add(node))
            return;
        string path = $"/sys/class/block/{node}";
        foreach (string slave in root.List(path + "/slaves"))
            Block(slave, target, modules, depth + 1);
        if (root.Text(path + "/dm/uuid") is { } uuid && uuid.StartsWith("CRYPT-", StringComparison.Ordinal))
            facts.Add(new TargetEncrypted(Source.Of(root.Shown(path + "/dm/uuid"), uuid, 1), target, root.Text(path + "/dm/name") ?? node,
                root.IsFolder("/sys/kernel/config/crash_dm_crypt_keys")));
        if (node.StartsWith("dm-", StringComparison.Ordinal))
            Need(target, node, "device-mapper", "dm_mod", path, modules);
        Stack(target, node, path, modules);
        Climb(target, path, modules);
        string at = root.Resolve(path) ?? "";
        Served(target, node, at, modules, depth);
        foreach (string controller in FabricDisks.Controllers(root, at))
        {
            Climb(target, controller, modules);
            Served(target, node, controller, modules, depth);
        }
    }

    /// <summary>A disk on a server needs the protocol's program and driver, and the way to the network card.</summary>
    private void Served(string target, string node, string at, ImageModules? modules, int depth)
    {
        if (at.Contains("/nvme-fabrics/", StringComparison.Ordinal))
            Program(target, node, "NVMe over fabrics", ["nvme"], at);
        foreach (FabricDisk disk in FabricDisks.Of(root, at))
        {
            if (root.IsFile($"/sys/module/{disk.Module}/initstate"))
                Need(target, node, disk.Module, disk.Module, disk.Place, modules);
            if (Routes.To(root, disk.Address) is { } card)
                Interface(card, $"{target} over {card}", modules, depth + 1);
        }
    }

    /// <summary>A network interface: its own driver and PHY, or the module of its kind and the interfaces it stands on.</summary>
    private void Interface(string name, string target, ImageModules? modules, int depth)
    {
        if (depth > MaxDepth || !seen.Add("net/" + name))
            return;
        string path = $"/sys/class/net/{name}";
        Climb(target, path + "/device", modules);
        Climb(target, path + "/phydev", modules);
        string kind = (root.Text(path + "/uevent") ?? "").Split('\n')
            .FirstOrDefault(l => l.StartsWith("DEVTYPE=", StringComparison.Ordinal))?[8..] ?? "";
        string? module = kind switch { "bond" => "bonding", "vlan" => "8021q", "bridge" => "bridge", "team" => "team",
            "macvlan" => "macvlan", _ => null };
        if (module is not null && root.IsFile($"/sys/module/{module}/initstate"))
            Need(target, name, kind, module, path, modules);
        if (kind == "team")
            Program(target, name, "a team of network cards", ["teamd"], path);
        if (root.Link(path + "/master") is { } master && master.EndsWith("/ovs-system", StringComparison.Ordinal))
            Program(target, name, "Open vSwitch", ["ovs-vswitchd"], path);
        string real = root.Resolve(path) ?? path;
        Switched(name, target, kind, real, modules, depth);
        foreach (string lower in root.List(real).Where(n => n.StartsWith("lower_", StringComparison.Ordinal)))
            Interface(lower["lower_".Length..], target, modules, depth + 1);
    }

    /// <summary>
    /// A port that Open vSwitch itself made (br-ex) is a virtual interface without a kind and with nothing below: its packets leave by the
    /// cards whose master is the datapath (net/openvswitch/vport-netdev.c links only those).
    /// </summary>
    private void Switched(string name, string target, string kind, string real, ImageModules? modules, int depth)
    {
        if (kind.Length > 0 || !real.StartsWith("/sys/devices/virtual/net/", StringComparison.Ordinal) ||
            !root.Exists("/sys/class/net/ovs-system") || name == "ovs-system")
            return;
        string[] cards = [.. root.List("/sys/class/net").Where(n =>
            root.Link($"/sys/class/net/{n}/master")?.EndsWith("/ovs-system", StringComparison.Ordinal) == true)];
        if (cards.Length > 0 && root.IsFile("/sys/module/openvswitch/initstate"))
            Need(target, name, "openvswitch", "openvswitch", $"/sys/class/net/{name}", modules);
        foreach (string card in cards)
            Interface(card, target, modules, depth + 1);
    }

    /// <summary>Layers between a file system and its disk need a program that sets them up.</summary>
    private void Stack(string target, string node, string path, ImageModules? modules)
    {
        string uuid = root.Text(path + "/dm/uuid") ?? "";
        if (uuid.StartsWith("LVM-", StringComparison.Ordinal))
            Program(target, node, "a logical volume", ["lvm"], path + "/dm/uuid");
        if (uuid.EndsWith("-tpool", StringComparison.Ordinal))
        {
            Need(target, node, "thin pool", "dm_thin_pool", path, modules);
            Program(target, node, "a thin pool", ["thin_check"], path + "/dm/uuid");
        }
        if (uuid.StartsWith("mpath-", StringComparison.Ordinal))
            Program(target, node, "multipath", ["multipathd", "multipath"], path + "/dm/uuid");
        if (root.IsFolder(path + "/md"))
            Program(target, node, "a RAID of md", ["mdadm"], path + "/md");
        string at = root.Resolve(path) ?? "";
        if (at.Contains("/session", StringComparison.Ordinal))
            Program(target, node, "iSCSI", ["iscsistart", "iscsid", "iscsiadm"], path);
        if (at.Contains("/ctlr_", StringComparison.Ordinal))
            Program(target, node, "FCoE", ["fipvlan", "fcoemon"], path);
    }

    private void Program(string target, string device, string what, string[] programs, string path) =>
        facts.Add(new TargetProgram(new Source(root.Shown(path), root.Text(path) ?? $"{device}: {what}"), target, device, what, programs));

    /// <summary>NFS: its module, and for version 3 with locks the daemon that keeps them.</summary>
    private void NeedNfs(DumpTarget target, ImageModules? modules)
    {
        if (modules is { KnowsBuiltin: true })
            Need(target.Spec, "nfs", "nfs", "nfs", target.Source, modules);
        // SUSE's mkdumprd mounts it with nolock, whatever the machine does.
        if (target.Source.Text.Contains("KDUMP_SAVEDIR", StringComparison.Ordinal))
            return;
        int number = 0;
        foreach (string line in (root.Text("/proc/mounts") ?? "").Split('\n'))
        {
            number++;
            string[] words = line.Split(' ');
            if (words.Length < 4 || words[0] != target.Spec || !words[2].StartsWith("nfs", StringComparison.Ordinal))
                continue;
            string[] options = words[3].Split(',');
            if (options.Contains("vers=3") && !options.Contains("nolock") && !options.Contains("local_lock=all"))
                facts.Add(new TargetProgram(Source.Of(root.Shown("/proc/mounts"), line, number), target.Spec, target.Spec,
                    "NFS version 3 with locks", ["rpc.statd"]));
            return;
        }
    }

    /// <summary>From a device up through its parents: each one with a driver needs that driver's module.</summary>
    private void Climb(string target, string path, ImageModules? modules)
    {
        string? at = root.Resolve(path);
        if (at is not null)
            facts.Add(new TargetPath(new Source(root.Shown(path), at), target, at.Split('/', StringSplitOptions.RemoveEmptyEntries)));
        bool any = false;
        for (int i = 0; at is not null && i < 64 && at.StartsWith("/sys/devices/", StringComparison.Ordinal); i++,
            at = at[..at.LastIndexOf('/')])
        {
            if (root.Link(at + "/driver") is not { } driver)
                continue;
            any = true;
            string name = driver[(driver.LastIndexOf('/') + 1)..];
            // Not a module: built into the machine's kernel, and so into the crash kernel when that is the same.
            if (loaded.Behind(at + "/driver/module") is not { } module)
                continue;
            Need(target, at[(at.LastIndexOf('/') + 1)..], name, module, at + "/driver/module", modules);
        }
        if (!any)
            ClimbByAlias(target, root.Resolve(path), modules);
    }

    /// <summary>
    /// Collected folders often lack the links to drivers: then the modules that the machine's modules.alias names for the device.
    /// </summary>
    private void ClimbByAlias(string target, string? at, ImageModules? modules)
    {
        var devices = new List<(string Path, string Alias)>();
        for (int i = 0; at is not null && i < 64 && at.StartsWith("/sys/devices/", StringComparison.Ordinal); i++,
            at = at[..at.LastIndexOf('/')])
        {
            if (root.Text(at + "/modalias") is { Length: > 0 } alias &&
                (alias.StartsWith("pci:", StringComparison.Ordinal) || alias.StartsWith("virtio:", StringComparison.Ordinal)))
                devices.Add((at, alias));
        }
        string? table = root.List("/lib/modules").Where(r => modules is null || modules.Releases.Contains(r))
            .Select(r => $"/lib/modules/{r}/modules.alias").FirstOrDefault(root.IsFile);
        if (devices.Count == 0 || table is null || root.Bytes(table) is not { } bytes)
            return;
        List<string>[] matches = ModulesAlias.Match(new LineReader(root.Shown(table), new MemoryStream(bytes)),
            devices.ConvertAll(d => d.Alias));
        for (int i = 0; i < devices.Count; i++)
        {
            // Bridges and ports match drivers that no dump needs; several drivers for one device: any of them will do.
            if (matches[i].Count == 0 || devices[i].Alias.Contains("bc06", StringComparison.Ordinal))
                continue;
            string module = matches[i].Find(m => modules?.Has(m) != false) ?? matches[i][0];
            Need(target, devices[i].Path[(devices[i].Path.LastIndexOf('/') + 1)..], module, module, devices[i].Path + "/modalias", modules);
        }
    }

    private void Need(string target, string device, string driver, string module, string path, ImageModules? modules) =>
        Need(target, device, driver, module, new Source(root.Shown(path), $"{device}: driver {driver}, module {module}"), modules);

    private void Need(string target, string device, string driver, string module, Source source, ImageModules? modules)
    {
        Modules.Add(ImageModules.Normal(module));
        facts.Add(new TargetDriver(source, target, device, driver, module, modules?.Has(module) != false));
    }

    /// <summary>The file system's module, where the machine has it loaded as one.</summary>
    private void NeedFileSystem(DumpTarget target, ImageModules? modules)
    {
        string name = target.FileSystem is "ext2" or "ext3" ? "ext4" : target.FileSystem;
        // /sys/module/X/initstate is there for a loaded module only, not for what is built in.
        if (root.IsFile($"/sys/module/{name}/initstate") || (sos.Any && sos.IsLoaded(name)))
            Need(target.Spec, target.FileSystem, name, name, $"/sys/module/{name}", modules);
    }
}
