using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Vectors;
using Kdump.Sources.Images;
using Kdump.Sources.Machines;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Vectors;

/// <summary>
/// The PCI functions of a machine as the vector forecast needs them: capabilities, the vectors that they hold now, and their
/// drivers in the crash kernel.
/// </summary>
/// <param name="goesOn">The crash kernel goes on to the machine's root, whose udev loads what the image has not.</param>
public sealed class VectorDevices(MachineTree root, ImageDrivers? image, InterruptTable? table, VectorTarget target, bool goesOn)
{
    private const string Folder = "/sys/bus/pci/devices";

    /// <summary>PCI drivers whose module has another name.</summary>
    private static readonly Dictionary<string, string> ModuleOfDriver = new(StringComparer.Ordinal) { ["xhci_hcd"] = "xhci_pci" };

    private readonly LoadedModules loaded = new(root);
    private readonly Dictionary<int, InterruptRow> rows = (table?.Rows ?? []).Where(r => r.HoldsVector).DistinctBy(r => r.Irq)
        .ToDictionary(r => r.Irq);

    /// <summary>Interrupts of devices in the list: all others are lines, IOMMUs and unknown devices.</summary>
    public HashSet<int> Claimed { get; } = [];

    /// <summary>Whether any config space could be read beyond its first 64 bytes.</summary>
    public bool SeesCapabilities { get; private set; }

    public List<VectorDevice> Read()
    {
        Raw[] all = root.List(Folder).Select(Look).OfType<Raw>().ToArray();
        // The modalias that udev would pass to modprobe: of the function itself, and of the virtio device behind it.
        string[][] modules = image?.For([.. all.Select(r => r.Alias)]) ?? [],
            children = image?.For([.. all.Select(r => r.ChildAlias)]) ?? [];
        var devices = new List<VectorDevice>();
        for (int i = 0; i < all.Length; i++)
            devices.Add(Device(all[i], image is null ? null : modules[i], image is null ? null : children[i]));
        return devices;
    }

    /// <summary>The sysfs attributes of one function.</summary>
    private sealed record Raw(PciAddress Address, string Path, int Class, string Driver, string DriverModule, bool DriverIsModule,
        string Alias, string ChildName, string ChildAlias, string ChildDriver, bool ChildIsModule);

    private Raw? Look(string name)
    {
        if (!PciAddress.TryParse(name, out PciAddress address))
            return null;
        string path = $"{Folder}/{name}";
        string child = root.List(path)
            .FirstOrDefault(n => n.Length > 6 && n.StartsWith("virtio", StringComparison.Ordinal) && n.AsSpan(6)
            .IndexOfAnyExceptInRange('0', '9') < 0) ?? "";
        (string driver, string module, bool loaded) = DriverOf(path);
        (string childDriver, string childModule, bool childLoaded) = child.Length == 0 ? ("", "", false) : DriverOf($"{path}/{child}");
        return new(address, path, Number(path + "/class"), driver, module, loaded, root.Text(path + "/modalias") ?? "", child,
            child.Length == 0 ? "" : root.Text($"{path}/{child}/modalias") ?? "",
            childDriver.Length == 0 ? "" : childModule, childLoaded);
    }

    /// <summary>
    /// The bound driver, the name of its module, and whether it is a loaded module: a driver without one is part of the kernel.
    /// </summary>
    private (string Driver, string Module, bool Loaded) DriverOf(string path)
    {
        if (root.Link(path + "/driver") is not { } link)
            return ("", "", false);
        string driver = link[(link.LastIndexOf('/') + 1)..];
        string? module = loaded.Behind(path + "/driver/module");
        string named = ImageModules.Normal(module ?? ModuleOfDriver.GetValueOrDefault(driver, driver));
        // A driver without a loaded module is part of the kernel. If the tree lacks the driver's folder, the image's list decides.
        return (driver, named, module is not null || !root.IsFolder(path + "/driver") && image?.IsBuiltin(named) != true &&
            named != "pcieport");
    }

    private VectorDevice Device(Raw raw, string[]? modules, string[]? children)
    {
        bool virtio = raw.Driver == "virtio-pci" || raw.Alias.StartsWith("pci:v00001AF4", StringComparison.Ordinal);
        (string module, bool builtin) = Taker(raw.Driver.Length > 0, raw.DriverModule, raw.DriverIsModule, modules);
        if (virtio && module.Length > 0)
            (module, builtin) = raw.ChildName.Length == 0 ? ("", false)
                : Taker(raw.ChildDriver.Length > 0, raw.ChildDriver, raw.ChildIsModule, children);
        bool later = false;
        if (module.Length == 0 && goesOn && image is not null)
        {
            module = virtio ? OfRoot(raw.ChildDriver, raw.ChildIsModule) : OfRoot(raw.DriverModule, raw.DriverIsModule);
            later = module.Length > 0;
        }
        string driver = virtio && raw.ChildDriver.Length > 0 ? raw.ChildDriver : raw.Driver;
        var source = new Source(root.Shown(raw.Path), $"class 0x{raw.Class:x6}, {(driver.Length == 0 ? "no driver" : "driver " + driver)}");
        string[] irqs = [.. root.List(raw.Path + "/msi_irqs")];
        InterruptRow[] own = irqs.Length > 0
            ? [.. irqs.Select(i => int.TryParse(i, out int n) && rows.TryGetValue(n, out InterruptRow? row) ? row : null)
                .OfType<InterruptRow>()]
            : [.. rows.Values.Where(r => r.Message.Device == raw.Address.ToString())];
        foreach (InterruptRow row in own)
            Claimed.Add(row.Irq);
        int allocated = Math.Max(irqs.Length, own.Length);
        InterruptCapabilities? seen = root.Bytes(raw.Path + "/config") is { } space ? InterruptCapabilities.Read(space) : null;
        SeesCapabilities |= seen is not null;
        bool msi = irqs.Length > 0 && root.Text($"{raw.Path}/msi_irqs/{irqs[0]}") == "msi";
        // If the capabilities cannot be read, the vectors that the device holds now are the lower bound.
        InterruptCapabilities caps = seen
            ?? new(msi ? 0 : allocated, msi ? allocated : 0, false, (raw.Class >> 8) == 0x0604 ? 4 : -1, new(-1, -1, -1));
        // The file names the pin as long as no message interrupt is allocated; a row of the table shows that a handler is registered.
        int? pin = allocated == 0 && raw.Driver.Length > 0 && int.TryParse(root.Text(raw.Path + "/irq"), out int line) &&
            rows.ContainsKey(line) ? line : null;
        return new VectorDevice(source with { Text = $"{source.Text}, {allocated} allocated, {own.Length} requested" }, raw.Address,
            raw.Class, raw.Driver, module)
        {
            Builtin = builtin,
            InImage = image is not null || module.Length == 0,
            FromRoot = later,
            // A device that uses MSI now although it has MSI-X will do so again.
            MsixTable = msi ? 0 : caps.MsixTable,
            MsiMessages = caps.MsiMessages,
            MsiMaskable = caps.MsiMaskable,
            Allocated = allocated,
            Requested = own.Length,
            CpusNow = raw.Driver.Length > 0 ? table?.Cpus.Count ?? 0 : 0,
            Line = pin,
            PortType = caps.PortType,
            Messages = seen is null ? null : Granted(raw, caps.Messages),
            Up = Comes(raw, later),
            OnTargetPath = target.Passes(raw.Address.ToString()),
        };
    }

    /// <summary>The driver of a device in the crash kernel: a module of the image by its aliases, a built-in driver, or none.</summary>
    private (string Module, bool Builtin) Taker(bool bound, string module, bool isModule, string[]? fitting)
    {
        // A built-in driver is in the kernel wherever it boots.
        if (bound && !isModule && (image is null || !image.Holds(module)))
            return (module, true);
        if (image is null)
            return (module, false);
        if (fitting!.Length > 0)
            return (fitting.Contains(module) ? module : fitting.FirstOrDefault(f => DriverDemands.Find(f) is not null) ?? fitting[0],
                false);
        if (bound && image.IsBuiltin(module))
            return (module, true);
        return (bound && !image.HasAliases && image.Holds(module) ? module : "", false);
    }

    /// <summary>A driver that runs now and that nothing forbids: the root's udev loads it again.</summary>
    private string OfRoot(string module, bool isModule) => isModule && !image!.Blocks(module) ? module : "";

    /// <summary>Whether an interface is brought up: for the dump, or perhaps by the root, which brings up none that is down now.</summary>
    private bool? Comes(Raw raw, bool fromRoot)
    {
        bool? wanted = target.Brings(Interfaces(raw));
        if (!fromRoot || wanted == true)
            return wanted;
        return Interfaces(raw).Any(n => root.Text($"/sys/class/net/{n}/operstate")?.Trim() != "down") ? null : false;
    }

    private IEnumerable<string> Interfaces(Raw raw) =>
        root.List(raw.Path + "/net").Concat(raw.ChildName.Length == 0 ? [] : root.List($"{raw.Path}/{raw.ChildName}/net"));

    /// <summary>Message numbers of services that exist; without a service a number means nothing.</summary>
    private PortMessages Granted(Raw raw, PortMessages said)
    {
        int services = 0;
        foreach (string name in root.List("/sys/bus/pci_express/devices")
            .Where(n => n.StartsWith(raw.Address + ":pcie", StringComparison.Ordinal)))
            services |= int.TryParse(name.AsSpan(name.Length - 2), System.Globalization.NumberStyles.AllowHexSpecifier, null,
                out int service) ? service : 0;
        return new((services & 0x15) != 0 ? said.Pme : -1, (services & 0x02) != 0 ? said.Aer : -1, (services & 0x08) != 0 ? said.Dpc : -1);
    }

    private int Number(string path) =>
        root.Text(path) is { } text && text.StartsWith("0x", StringComparison.Ordinal) &&
            int.TryParse(text.AsSpan(2), System.Globalization.NumberStyles.AllowHexSpecifier, null, out int n) ? n : 0;
}
