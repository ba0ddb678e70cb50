using System.Globalization;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Evidence.Pci;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Machines;

/// <summary>
/// A folder that <c>kdt host collect</c> wrote, as facts: its texts are read like any others, and the sysfs attributes (devices,
/// groups, versions) are read here, because a plain user's collection may hold no lspci and no log.
/// </summary>
public static class CollectedMachine
{
    /// <summary>The file by which a collection is recognised.</summary>
    public const string ManifestName = "collect.json";

    private const int MaxFunctions = 4096;

    public static bool Is(IFileTree files) => files.IsFile("/" + ManifestName) && files.IsFolder("/proc");

    /// <summary>Texts that are evidence: only one of the logs of this boot, and the config of the running kernel.</summary>
    public static IEnumerable<string> Texts(MachineTree root)
    {
        string? journal = Whole(root, "/commands/journalctl_-k") ?? Whole(root, "/commands/dmesg") ?? Present(root, "/commands/dmesg")
            ?? Present(root, "/commands/journalctl_-k");
        string? config = ImageMachine.Running(root) is { } running
            ? KernelFile.ConfigPlaces(running.Release).FirstOrDefault(root.IsFile) : null;
        string?[] texts = [journal, config ?? Present(root, "/proc/config.gz"), Present(root, "/commands/lspci_-nn_-vvv"),
            Present(root, "/commands/dmidecode"), Present(root, "/proc/interrupts"), Present(root, "/var/log/kdump.log")];
        foreach (string text in texts.OfType<string>())
            yield return text;
        foreach (string name in root.List("/sys/fs/pstore"))
            yield return "/sys/fs/pstore/" + name;
        foreach (string text in new[] { "/var/lib/systemd/pstore", "/var/crash" }
            .SelectMany(f => root.List(f)
            .SelectMany(d => root.List($"{f}/{d}").Where(n => n.Contains("dmesg", StringComparison.Ordinal)).Select(n => $"{f}/{d}/{n}"))))
            yield return text;
    }

    public static void Read(MachineTree root, Facts facts)
    {
        Functions(root, facts);
        Kernel(root, facts);
        Dmi(root, facts);
        Processor(root, facts);
        foreach (string module in root.List("/sys/module"))
            Module(root, module, facts);
        Firmware(root, facts);
    }

    /// <summary>The machine's PCI functions as sysfs shows them, with the buses behind its bridges.</summary>
    public static void Functions(MachineTree root, Facts facts)
    {
        bool listed = facts.Any<LspciFunction>();
        foreach (string name in root.List("/sys/bus/pci/devices").Take(MaxFunctions))
        {
            if (PciAddress.TryParse(name, out PciAddress address))
                Function(root, "/sys/bus/pci/devices/" + name, address, listed, facts);
        }
    }

    private static string? Present(MachineTree root, string path) => root.IsFile(path) ? path : null;

    /// <summary>The log, if it still begins with the boot: the ring buffer of a busy machine does not.</summary>
    private static string? Whole(MachineTree root, string path) =>
        root.Bytes(path, 1 << 20) is { } bytes && bytes.AsSpan().IndexOf("Linux version "u8) >= 0 ? path : null;

    private static void Function(MachineTree root, string path, PciAddress address, bool listed, Facts facts)
    {
        int? group = root.Link(path + "/iommu_group") is { } link && int.TryParse(link[(link.LastIndexOf('/') + 1)..], out int number)
            ? number : null;
        string driver = root.Link(path + "/driver") is { } bound ? bound[(bound.LastIndexOf('/') + 1)..] : "";
        var source = new Source(root.Shown(path), driver.Length == 0 ? "no driver" : $"driver {driver}");
        if (group is int g)
            facts.Add(new IommuGroupMember(source with { Text = $"iommu_group {g}" }, address, g));
        VirtualFunctions(root, path, address, facts);
        if (listed)
            return;
        LspciFunction function = Decoded(root, path, address) ?? new LspciFunction(source, address);
        function.Ids ??= root.Text(path + "/vendor") is { Length: 6 } vendor && root.Text(path + "/device") is { Length: 6 } device
            ? $"{vendor[2..]}:{device[2..]}" : null;
        if (function.Class.Length == 0 && root.Text(path + "/class") is { Length: 8 } kind)
            function.Class = kind[2..6];
        function.Secondary ??= Bus(root, path + "/secondary_bus_number");
        function.Subordinate ??= Bus(root, path + "/subordinate_bus_number");
        function.ShowsDriver = true;
        function.Driver ??= driver.Length > 0 ? driver : null;
        function.Group ??= group;
        function.Numa ??= int.TryParse(root.Text(path + "/numa_node"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture,
            out int node) && node >= 0 ? node : null;
        facts.Add(function);
    }

    private static int? Bus(MachineTree root, string path) =>
        int.TryParse(root.Text(path), NumberStyles.None, CultureInfo.InvariantCulture, out int bus) && bus is > 0 and < 256 ? bus : null;

    /// <summary>SR-IOV, which a plain user may read here, while its capability in configuration space is readable by root only.</summary>
    private static void VirtualFunctions(MachineTree root, string path, PciAddress address, Facts facts)
    {
        int? Number(string name) => int.TryParse(root.Text($"{path}/{name}"), NumberStyles.None, CultureInfo.InvariantCulture, out int n)
            ? n : null;
        Source At(string name, object value) => new(root.Shown($"{path}/{name}"), value.ToString()!, 1);
        if (Number("sriov_numvfs") is not { } active)
            return;
        facts.Add(new VirtualFunctionCount(At("sriov_numvfs", active), address, active));
        if (Number("sriov_offset") is { } offset && Number("sriov_stride") is { } stride)
            facts.Add(new VirtualFunctionPlace(At("sriov_offset", offset), address, offset, stride));
        for (int i = 0; i < Math.Min(active, 256) && root.Link($"{path}/virtfn{i}") is { } link; i++)
        {
            if (PciAddress.TryParse(link.AsSpan()[(link.LastIndexOf('/') + 1)..], out PciAddress vf))
                facts.Add(new VirtualFunction(At($"virtfn{i}", link), vf, address));
        }
    }

    /// <summary>The configuration space of a function, read by the parser of lspci's dumps.</summary>
    private static LspciFunction? Decoded(MachineTree root, string path, PciAddress address)
    {
        if (root.Bytes(path + "/config", 4096) is not { Length: >= 64 } space)
            return null;
        var lines = new List<string> { $"{address} {space[11]:x2}{space[10]:x2}: {space[1]:x2}{space[0]:x2}:{space[3]:x2}{space[2]:x2}" };
        for (int at = 0; at + 16 <= space.Length; at += 16)
            lines.Add(
                $"{at:x2}: {string.Join(' ', space.AsSpan(at, 16).ToArray().Select(b => b.ToString("x2", CultureInfo.InvariantCulture)))}");
        var read = new Facts();
        var parser = new Lspci();
        for (int i = 0; i < lines.Count; i++)
            parser.Line(new TextLine(root.Shown(path + "/config"), i + 1, lines[i]), read);
        parser.End(read);
        return read.Of<LspciFunction>() is [var function] ? function : null;
    }

    private static void Kernel(MachineTree root, Facts facts)
    {
        if (root.Text("/proc/version") is { } version && version.Split(' ') is ["Linux", "version", var release, ..])
            facts.Add(new KernelBanner(Source.Of(root.Shown("/proc/version"), version, 1), release));
        if (root.Text("/proc/cmdline") is { Length: > 0 } line)
            facts.Add(new KernelCommandLine(Source.Of(root.Shown("/proc/cmdline"), line, 1), line));
        Property(root, "/sys/kernel/security/lockdown", "security", "lockdown", facts);
        Property(root, "/sys/kernel/kexec_crash_size", "kdump", "crash kernel memory (bytes)", facts);
        Property(root, "/sys/kernel/kexec_crash_loaded", "kdump", "crash kernel loaded", facts);
        foreach (string unit in new[] { "packages_deb", "packages_rpm" })
        {
            foreach (string package in (root.Text("/commands/" + unit) ?? "").Split('\n').Where(p => p.Split('\t') is [_, { Length: > 0 }]))
                facts.Add(new MachineProperty(Source.Of(root.Shown("/commands/" + unit), package), "package", package.Split('\t')[0],
                    package.Split('\t')[1]));
        }
    }

    private static void Dmi(MachineTree root, Facts facts)
    {
        const string dmi = "/sys/class/dmi/id/";
        foreach ((string file, string name) in new[] { ("sys_vendor", "vendor"), ("product_name", "product"), ("board_name", "board"),
            ("bios_vendor", "BIOS vendor"), ("bios_version", "BIOS version"), ("bios_date", "BIOS date") })
            Property(root, dmi + file, "bios", name, facts);
    }

    private static void Processor(MachineTree root, Facts facts)
    {
        string[] lines = (root.Text("/proc/cpuinfo") ?? "").Split('\n');
        foreach ((string key, string area, string name) in new[] { ("model name", "cpu", "CPU"), ("stepping", "cpu", "CPU stepping"),
            ("microcode", "microcode", "microcode") })
        {
            if (Array.FindIndex(lines, l => l.StartsWith(key, StringComparison.Ordinal)) is >= 0 and var at && lines[at]
                .IndexOf(": ", StringComparison.Ordinal) is > 0 and var colon)
                facts.Add(new MachineProperty(Source.Of(root.Shown("/proc/cpuinfo"), lines[at], at + 1), area, name,
                    lines[at][(colon + 2)..]));
        }
        Property(root, "/sys/devices/system/cpu/present", "cpu", "CPUs", facts);
        Property(root, "/sys/devices/system/cpu/smt/control", "cpu", "SMT", facts);
        Property(root, "/sys/devices/system/node/online", "cpu", "NUMA nodes", facts);
        string memory = (root.Text("/proc/meminfo") ?? "").Split('\n')[0];
        // The memory left over differs with the kernel's version and reservations, so whole GiB are compared.
        if (memory.Split(' ', StringSplitOptions.RemoveEmptyEntries) is ["MemTotal:", var kb, ..] && long.TryParse(kb, out long total))
            facts.Add(new MachineProperty(Source.Of(root.Shown("/proc/meminfo"), memory, 1), "memory", "memory",
                $"{(total + (1 << 19)) >> 20} GiB"));
    }

    private static void Module(MachineTree root, string module, Facts facts)
    {
        Property(root, $"/sys/module/{module}/version", "module", $"{module} version", facts);
        foreach (string parameter in root.List($"/sys/module/{module}/parameters"))
            Property(root, $"/sys/module/{module}/parameters/{parameter}", "parameter", $"{module}.{parameter}", facts);
    }

    private static void Firmware(MachineTree root, Facts facts)
    {
        foreach (string name in root.List("/sys/class/infiniband"))
            Property(root, $"/sys/class/infiniband/{name}/fw_ver", "firmware",
                $"{root.Text($"/sys/class/infiniband/{name}/board_id") ?? "InfiniBand"}", facts);
        foreach (string name in root.List("/sys/class/nvme"))
            Property(root, $"/sys/class/nvme/{name}/firmware_rev", "firmware", root.Text($"/sys/class/nvme/{name}/model") ?? "NVMe", facts);
        foreach (string name in root.List("/sys/bus/scsi/devices").Where(n => n.Contains(':')))
            Property(root, $"/sys/bus/scsi/devices/{name}/rev", "firmware", root.Text($"/sys/bus/scsi/devices/{name}/model") ?? "disk",
                facts);
    }

    private static void Property(MachineTree root, string path, string area, string name, Facts facts)
    {
        if (root.Text(path)?.Trim() is { Length: > 0 and < 200 } value)
            facts.Add(new MachineProperty(Source.Of(root.Shown(path), value, 1), area, name.Trim(), value));
    }
}
