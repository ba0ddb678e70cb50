using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;
using Kdump.Sources.Images;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Machines;

/// <summary>
/// What a sosreport shows of devices, because it copies little of /sys: the chain of drivers above a disk by <c>udevadm info
/// -a</c>, what stands on what by the tree of <c>lsblk</c>, and which modules are loaded by <c>lsmod</c>.
/// </summary>
public sealed class SosDevices(MachineTree root)
{
    private const string Folder = "/sos_commands/block/";

    /// <summary>Drivers whose module has another name. For all others only dashes become underscores.</summary>
    private static readonly Dictionary<string, string> Modules = new(StringComparer.Ordinal)
    {
        ["sd"] = "sd_mod", ["sr"] = "sr_mod", ["usb"] = "usbcore", ["hub"] = "usbcore", ["xhci_hcd"] = "xhci_pci",
            ["ehci-pci"] = "ehci_pci", ["usb-storage"] = "usb_storage",
    };

    private HashSet<string>? loaded;

    /// <summary>A device above the disk that has a driver.</summary>
    public sealed record Bound(string Device, string Driver, string Module, Source Source);

    public bool Any => root.IsFolder("/sos_commands/block");

    public bool IsLoaded(string module) =>
        (loaded ??= [.. new[] { "/proc/modules", "/sos_commands/kernel/lsmod", "/lsmod" }.Select(root.Text)
            .FirstOrDefault(t => t is { Length: > 0 } && !t.StartsWith("libkmod", StringComparison.Ordinal))?.Split('\n')
            .Select(l => l.Split(' ')[0]) ?? []]).Contains(module);

    /// <summary>The node and everything it stands on, by the indentation of lsblk.</summary>
    public IReadOnlyList<string> Chain(string node)
    {
        var open = new List<(int Column, string Name)>();
        foreach (string line in (root.Text(Folder + "lsblk") ?? "").Split('\n').Skip(1))
        {
            int column = 0;
            while (column < line.Length && !char.IsAsciiLetterOrDigit(line[column]))
                column++;
            string name = line[column..].Split(' ')[0];
            if (name.Length == 0)
                continue;
            open.RemoveAll(o => o.Column >= column);
            open.Add((column, name));
            if (name == node)
                return open.ConvertAll(o => o.Name);
        }
        return [node];
    }

    /// <summary>Devices above a disk whose driver is a loaded module.</summary>
    public IEnumerable<Bound> Above(string disk)
    {
        string path = $"{Folder}udevadm_info_-a_.dev.{disk}";
        string device = "";
        int number = 0;
        foreach (string raw in (root.Text(path) ?? "").Split('\n'))
        {
            number++;
            var c = new TextCursor(raw.Trim());
            if (c.Skip("KERNEL==\"") || c.Skip("KERNELS==\""))
                device = c.Rest.TrimEnd('"').ToString();
            else if (c.Skip("DRIVERS==\"") && c.Rest.TrimEnd('"').ToString() is { Length: > 0 } driver)
            {
                string module = Modules.GetValueOrDefault(driver, ImageModules.Normal(driver));
                if (IsLoaded(module))
                    yield return new(device, driver, module, Source.Of(root.Shown(path), raw, number));
            }
        }
    }
}
