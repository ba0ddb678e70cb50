using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Probe.Machine;

namespace Kdump.Probe.Checks;

/// <summary>
/// Disks, the controllers they are attached to, and the devices on the path between them: virtio, NVMe controllers, SCSI, ATA, network
/// links.
/// </summary>
internal sealed class BlockCheck : Check
{
    /// <summary>Maximum number of disks and partitions to examine.</summary>
    private const int MaxDisks = 4096;

    public override string Name => "block";

    public override void Run(Root root, Facts facts)
    {
        Bus(root, facts, "virtio", "/sys/bus/virtio/devices", null);
        Bus(root, facts, "nvme", "/sys/class/nvme", "state");
        Bus(root, facts, "scsi", "/sys/class/scsi_host", "proc_name");
        Bus(root, facts, "net", "/sys/class/net", "operstate");
        int disks = 0;
        foreach (string name in root.List("/sys/class/block"))
        {
            if (IsAlwaysThere(name))
                continue;
            if (++disks > MaxDisks)
                break;
            Disk(root, facts, name);
        }
    }

    /// <summary>Loop, RAM and compressed-RAM disks exist on every machine and are never dump targets.</summary>
    internal static bool IsAlwaysThere(string name) =>
        name.StartsWith("loop", StringComparison.Ordinal) || name.StartsWith("ram", StringComparison.Ordinal) ||
            name.StartsWith("zram", StringComparison.Ordinal);

    /// <summary>
    /// The PCI function in a device path, and the devices on the path from that function to the block device:
    /// <c>0000:00:03.0 virtio1 vda</c>.
    /// </summary>
    internal static string ChainOf(string devicePath)
    {
        string[] parts = devicePath.Split('/');
        int pci = -1;
        for (int i = 0; i < parts.Length; i++)
        {
            if (PciAddress.TryParse(parts[i], out _) && parts[i].Length >= 12)
                pci = i;
        }
        if (pci < 0)
            return "";
        string chain = parts[pci];
        for (int i = pci + 1; i < parts.Length; i++)
        {
            string part = parts[i];
            if (part.Length > 0 && part is not ("block" or "nvme" or "net" or "scsi_host" or "virtio") &&
                !part.StartsWith("target", StringComparison.Ordinal))
                chain += " " + part;
        }
        return chain;
    }

    private static void Bus(Root root, Facts facts, string bus, string directory, string? attribute)
    {
        var devices = new List<BusDevice>();
        var wanted = new List<string>();
        var asks = new List<int>();
        foreach (string name in root.List(directory))
        {
            if (bus == "net" && name == "lo")
                continue;
            string path = $"{directory}/{name}";
            string link = root.Link(path) ?? "";
            string chain = ChainOf(link);
            string driver = root.LinkName(bus == "virtio" ? path + "/driver" : path + "/device/driver") ?? "";
            string state = attribute is null ? KindOf(root.Text(path + "/device", 64)) : root.Text($"{path}/{attribute}", 64) ?? "";
            var device = new BusDevice(new Source(path, link), bus, name, driver, chain.Length == 0 ? "" : chain.Split(' ')[0], state,
                null);
            if (device.Unbound && root.Text(path + "/modalias", 256) is string alias)
            {
                wanted.Add(alias);
                asks.Add(devices.Count);
            }
            devices.Add(device);
        }
        if (ImageModules.Match(root, facts, wanted) is { } modules)
        {
            for (int i = 0; i < modules.Length; i++)
                devices[asks[i]] = devices[asks[i]] with { Modules = modules[i] };
        }
        facts.AddRange(devices);
    }

    /// <summary>virtio device ids (include/uapi/linux/virtio_ids.h) that matter to a dump.</summary>
    private static string KindOf(string? id) => Root.ParseNumber(id ?? "") switch
    {
        1 => "network",
        2 => "block",
        3 => "console",
        4 => "entropy",
        5 => "balloon",
        8 => "scsi",
        9 => "9p",
        16 => "gpu",
        19 => "vsock",
        26 => "filesystem",
        _ => "",
    };

    private static void Disk(Root root, Facts facts, string name)
    {
        string path = "/sys/class/block/" + name;
        string link = root.Link(path) ?? "";
        string chain = ChainOf(link);
        string parent = "";
        if (root.Exists(path + "/partition"))
        {
            int end = link.LastIndexOf('/');
            int start = end < 0 ? -1 : link.LastIndexOf('/', end - 1);
            parent = start < 0 ? "" : link[(start + 1)..end];
        }
        long sectors = root.Number(path + "/size") ?? 0;
        string dev = root.Text(path + "/dev", 32) ?? "";
        string uuid = "", label = "", part = "";
        if (root.Text("/run/udev/data/b" + dev) is string udev)
        {
            uuid = Line(udev, "E:ID_FS_UUID=");
            label = DeviceReference.Unescape(Line(udev, "E:ID_FS_LABEL_ENC="));
            part = Line(udev, "E:ID_PART_ENTRY_UUID=");
        }
        if (part.Length == 0 && root.Text(path + "/uevent") is string uevent)
            part = Line(uevent, "PARTUUID=");
        facts.Add(new BlockDevice(new Source(path, link), name, sectors is > 0 and < long.MaxValue / 512 ? sectors * 512 : 0, parent, chain,
            uuid, label, part, root.Text(path + "/dm/name", 256) ?? ""));
    }

    private static string Line(string text, string start)
    {
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(start, StringComparison.Ordinal))
                return line[start.Length..].ToString();
        }
        return "";
    }
}
