using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Kdump.Cli;
using Kdump.Cli.Terminals;
using Kdump.Tests.Formats.Archives;
using Kdump.Tests.Probe;

namespace Kdump.Tests.Host;

/// <summary>
/// A machine's /proc and /sys as eight CPUs show it, and a kdump image with chosen modules: what <c>kdt host vectors</c> reads.
/// </summary>
internal sealed class VectorScene : IDisposable
{
    public const string Release = "6.1.0-test";
    private const int Cpus = 8;

    private readonly TreeBuilder tree = new();
    private readonly StringBuilder rows = new();
    private readonly Dictionary<string, string> image = new(StringComparer.Ordinal);
    private readonly List<string> aliases = [];
    private int irq = 24;

    public VectorScene()
    {
        foreach ((int number, string name) in new[] { (0, "timer"), (8, "rtc0"), (9, "acpi") })
            Row(number, "IO-APIC", $"{number}-edge", name);
        tree.File("proc/sys/kernel/osrelease", Release + "\n").File("sys/devices/system/cpu/possible", "0-7\n")
            .File("proc/version", $"Linux version {Release} (x86_64)\n");
    }

    /// <summary>A folder in which the forecast can be written.</summary>
    public string Folder => tree.Path;

    /// <summary>The machine's files have /proc/interrupts.</summary>
    public bool WithInterrupts { get; set; } = true;

    /// <summary>A function with an MSI-X table of this size, of which the first <paramref name="requested"/> are requested.</summary>
    public VectorScene Device(string address, int kind, string driver, string? module, int table, int allocated, int requested,
        string alias = "")
    {
        string path = Function(address, kind, driver, module, Space(0x11, (table - 1) & 0x7ff), alias);
        Messages(path, address, driver, allocated, requested, "msix");
        return this;
    }

    /// <summary>A root port with PME, AER and hotplug on one message.</summary>
    public VectorScene Port(string address)
    {
        byte[] space = Space(0x05, 0);
        // The PCIe capability behind MSI: a root port.
        space[0x41] = 0x60;
        space[0x60] = 0x10;
        BinaryPrimitives.WriteUInt16LittleEndian(space.AsSpan(0x62), 0x0042);
        string path = Function(address, 0x060400, "pcieport", null, space, "pci:v00001B36d0000000Csv*");
        Messages(path, address, "PCIe PME, aerdrv, pciehp", 1, 1, "msi");
        foreach (string service in new[] { "001", "002", "004" })
            tree.File($"sys/bus/pci_express/devices/{address}:pcie{service}/x", "");
        return this;
    }

    /// <summary>A virtio function: what asks for its vectors is the driver of the device behind it.</summary>
    public VectorScene Virtio(string address, int number, int type, string driver, int table, int requested)
    {
        string path = Function(address, 0x00ff00, "virtio-pci", "virtio_pci", Space(0x11, table - 1),
            $"pci:v00001AF4d0000{0x1040 + type:X4}sv");
        tree.File($"{path}/virtio{number}/modalias", $"virtio:d{type:X8}v00001AF4\n");
        Bind($"{path}/virtio{number}", "virtio", driver, driver);
        Messages(path, address, $"virtio{number}-x", requested, requested, "msix");
        return this;
    }

    /// <summary>A machine of the field: 48 ports, 54 virtio cards, and the disk that the dump goes to.</summary>
    public VectorScene Field()
    {
        for (int i = 0; i < 48; i++)
            Port($"0000:00:{1 + (i / 8):x2}.{i % 8}");
        for (int i = 0; i < 54; i++)
            Virtio($"0000:00:{8 + (i / 8):x2}.{i % 8}", i, 1, "virtio_net", 3, 3);
        Module("virtio_net", "virtio:d00000001v*");
        return Target();
    }

    public VectorScene Target() =>
        Virtio("0000:00:1e.0", 99, 2, "virtio_blk", 9, 9).Disk("vda", "0000:00:1e.0/virtio99")
            .InImage("etc/kdump.conf", "raw /dev/vda\n")
            .Module("virtio_pci", "pci:v00001AF4d*").Module("virtio_blk", "virtio:d00000002v*");

    public VectorScene Disk(string name, string below) =>
        With(tree.File($"sys/devices/pci0000:00/{below}/block/{name}/dev", "252:0\n")
            .Link($"sys/class/block/{name}", $"../../devices/pci0000:00/{below}/block/{name}"));

    public VectorScene Interface(string name, string address) =>
        With(tree.File($"sys/devices/pci0000:00/{address}/net/{name}/address", "52:54:00:12:34:56\n")
            .Link($"sys/class/net/{name}/device", $"../../../devices/pci0000:00/{address}"));

    public VectorScene Host(string path, string content) => With(tree.File(path, content));

    /// <summary>A module of the image, and the aliases that depmod would write for it.</summary>
    public VectorScene Module(string name, params string[] patterns)
    {
        image[$"usr/lib/modules/{Release}/kernel/{name}.ko"] = "";
        aliases.AddRange(patterns.Select(p => $"alias {p} {name}"));
        return this;
    }

    public VectorScene InImage(string path, string content)
    {
        image[path] = content;
        return this;
    }

    public string Image()
    {
        image[$"usr/lib/modules/{Release}/modules.alias"] = string.Join('\n', aliases) + "\n";
        var cpio = new CpioBuilder();
        var folders = new HashSet<string>();
        foreach ((string path, string content) in image.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            string[] parts = path.Split('/');
            for (int i = 1; i < parts.Length; i++)
            {
                if (folders.Add(string.Join('/', parts[..i])))
                    cpio.Folder(string.Join('/', parts[..i]));
            }
            cpio.Entry(path, 0x81a4, Encoding.UTF8.GetBytes(content));
        }
        string file = Path.Combine(tree.Path, "kdump.img");
        File.WriteAllBytes(file, cpio.Trailer().ToArray());
        return file;
    }

    /// <summary>Runs <c>kdt host vectors</c>.</summary>
    public (int Exit, string Output, string Error) Run(string? commandLine, bool withImage, params string[] more)
    {
        if (WithInterrupts)
            tree.File("proc/interrupts",
                "           " + string.Join("       ", Enumerable.Range(0, Cpus).Select(c => $"CPU{c}")) + "\n" + rows);
        List<string> arguments = ["host", "vectors", "--root", tree.Path, .. more];
        if (withImage)
            arguments.AddRange(["--image", Image()]);
        if (commandLine is not null)
            arguments.AddRange(["--cmdline", commandLine]);
        var output = new StringWriter();
        var error = new StringWriter();
        int exit = Kdt.Run([.. arguments], output, error, () => Stream.Null, Terminal.Plain);
        return (exit, output.ToString(), error.ToString());
    }

    public (int Exit, JsonElement Forecast) Json(string? commandLine, bool withImage = true, params string[] more)
    {
        (int exit, string output, string error) = Run(commandLine, withImage, ["--json", .. more]);
        Assert.True(exit != ExitCode.Failed, error);
        return (exit, JsonDocument.Parse(output).RootElement);
    }

    public void Dispose() => tree.Dispose();

    private VectorScene With(TreeBuilder _) => this;

    private string Function(string address, int kind, string driver, string? module, byte[] space, string alias)
    {
        string path = $"sys/devices/pci0000:00/{address}";
        tree.File(path + "/class", $"0x{kind:x6}\n").File(path + "/config", space).File(path + "/modalias", alias + "\n")
            .Link($"sys/bus/pci/devices/{address}", $"../../../devices/pci0000:00/{address}");
        if (driver.Length > 0)
            Bind(path, "pci", driver, module);
        return path;
    }

    private void Bind(string path, string bus, string driver, string? module)
    {
        string up = string.Concat(Enumerable.Repeat("../", path.Count(c => c == '/')));
        tree.Link(path + "/driver", $"{up}bus/{bus}/drivers/{driver}");
        if (!Directory.Exists(Path.Combine(tree.Path, $"sys/bus/{bus}/drivers/{driver}")))
        {
            tree.File($"sys/bus/{bus}/drivers/{driver}/bind", "");
            if (module is not null)
                tree.Link($"sys/bus/{bus}/drivers/{driver}/module", $"../../../../module/{module}");
        }
    }

    private void Messages(string path, string address, string action, int allocated, int requested, string kind)
    {
        for (int i = 0; i < allocated; i++, irq++)
        {
            tree.File($"{path}/msi_irqs/{irq}", kind + "\n");
            if (i < requested)
                Row(irq, $"PCI-MSI{(kind == "msix" ? "X" : "")}-{address}", $"{i}-edge", $"{action}-{i}");
        }
    }

    private void Row(int number, string chip, string hardware, string action) =>
        rows.Append($"{number,4}:").Append(string.Concat(Enumerable.Repeat("          0", Cpus)))
            .Append($"  {chip}   {hardware}      {action}\n");

    /// <summary>256 bytes of config space with one capability at 0x40.</summary>
    private static byte[] Space(byte capability, int control)
    {
        byte[] space = new byte[256];
        space[0x34] = 0x40;
        space[0x40] = capability;
        BinaryPrimitives.WriteUInt16LittleEndian(space.AsSpan(0x42), (ushort)control);
        return space;
    }
}
