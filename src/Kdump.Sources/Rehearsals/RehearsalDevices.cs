using System.Globalization;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Rehearsals;

/// <summary>
/// PCI functions that make QEMU's machine look like the real one: for each driver that QEMU has a device for, the same number, in
/// the order of their addresses. Devices on the path to the target are not among them: they are added last and separately.
/// </summary>
internal static class RehearsalDevices
{
    /// <summary>Slots 2 to 28 of the root bus with eight functions each; 29 is the network card's, 30 the target's disk.</summary>
    private const int Most = 27 * 8;

    /// <param name="way">Addresses (0000:00:04.0) of the functions on the way to the target.</param>
    /// <param name="others">Functions that QEMU has nothing for.</param>
    public static List<string> Of(MachineTree root, IReadOnlySet<string> way, out int others)
    {
        var made = new List<string>();
        others = 0;
        foreach (string bdf in root.List("/sys/bus/pci/devices"))
        {
            string path = "/sys/bus/pci/devices/" + bdf;
            string driver = Name(root.Link(path + "/driver"));
            if (way.Contains(bdf) || driver.Length == 0)
                continue;
            if (driver == "virtio-pci")
                driver = root.List(path).Where(n => n.StartsWith("virtio", StringComparison.Ordinal))
                    .Select(n => Name(root.Link($"{path}/{n}/driver"))).FirstOrDefault(n => n.Length > 0) ?? "";
            if (made.Count >= Most || Device(driver, made.Count) is not { } device)
                others++;
            else
                made.Add(device);
        }
        return made;
    }

    /// <summary>QEMU's arguments, with a slot on the bus for each device.</summary>
    public static IEnumerable<string> Arguments(IReadOnlyList<string> devices)
    {
        for (int i = 0; i < devices.Count; i++)
        {
            int slot = 2 + (i / 8), function = i % 8;
            if (devices[i].Contains("drive=like", StringComparison.Ordinal))
            {
                yield return "-drive";
                yield return $"if=none,id=like{i},driver=null-co,size=16M,read-zeroes=on";
            }
            yield return "-device";
            yield return devices[i] + string.Create(CultureInfo.InvariantCulture, $",addr={slot:x}.{function}") +
                (function == 0 ? ",multifunction=on" : "");
        }
    }

    private static string? Device(string driver, int number) => driver switch
    {
        "pcieport" => $"pcie-root-port,id=like{number},chassis={number + 1},io-reserve=0",
        "virtio_net" => "virtio-net-pci,disable-legacy=on,romfile=",
        "virtio_blk" => $"virtio-blk-pci,disable-legacy=on,drive=like{number}",
        "virtio_scsi" => "virtio-scsi-pci,disable-legacy=on",
        "virtio_console" => "virtio-serial-pci,disable-legacy=on",
        "virtio_rng" => "virtio-rng-pci,disable-legacy=on",
        "virtio_balloon" => "virtio-balloon-pci,disable-legacy=on",
        "nvme" => $"nvme,serial=like{number},drive=like{number}",
        "xhci_hcd" => "qemu-xhci",
        "e1000e" => "e1000e,romfile=",
        "e1000" => "e1000,romfile=",
        "vmxnet3" => "vmxnet3,romfile=",
        "vmw_pvscsi" => "pvscsi",
        "megaraid_sas" => "megasas-gen2",
        _ => null,
    };

    private static string Name(string? link) => link is null ? "" : link[(link.LastIndexOf('/') + 1)..];
}
