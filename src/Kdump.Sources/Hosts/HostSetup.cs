using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Sources.Machines;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Hosts;

/// <summary>Which distribution's kdump tools a machine has, whether they start at boot, and the image they build for its kernel.</summary>
public static class HostSetup
{
    /// <summary>Distributions whose kexec or kdump package has kdumpctl; some of them name no related distribution in ID_LIKE.</summary>
    private static readonly string[] RedHatKin = ["rhel", "fedora", "centos", "rocky", "almalinux", "ol", "openEuler", "euleros", "hce",
        "azurelinux", "mariner", "amzn", "anolis", "alinux", "tencentos", "opencloudos", "kylin", "uos", "virtuozzo", "scientific"];

    public static KdumpSetup Collect(MachineTree root, Facts facts)
    {
        (KdumpTools tools, string mark) = ToolsOf(root);
        string unit = tools switch { KdumpTools.Debian => "kdump-tools.service", KdumpTools.None => "", _ => "kdump.service" };
        (bool? enabled, string place, string text) = unit.Length == 0 ? (null, mark, "no kdump tools") : Enabled(root, unit, mark);
        var setup = new KdumpSetup(new Source(root.Shown(place), text), tools, unit, enabled);
        facts.Add(setup);
        HostConf.Collect(root, tools, facts);
        if (facts.Of<MachineKernel>() is [var kernel, ..] && tools != KdumpTools.None)
            facts.Add(Image(root, tools, Wanted(root, facts, tools) ?? kernel.Release, [.. facts.Of<KdumpSetting>()]));
        return setup;
    }

    /// <summary>os-release(5): ID and ID_LIKE tell whose tools the distribution has.</summary>
    public static void Distribution(MachineTree root, Facts facts)
    {
        foreach (string path in new[] { "/etc/os-release", "/usr/lib/os-release" })
        {
            string[] lines = (root.Text(path) ?? "").Split('\n');
            if (lines.Length < 2)
                continue;
            string[] ids = [.. (Of("ID") + " " + Of("ID_LIKE")).Split(' ', StringSplitOptions.RemoveEmptyEntries)];
            KdumpTools tools;
            if (ids.Any(i => i is "debian" or "ubuntu"))
                tools = KdumpTools.Debian;
            else if (ids.Any(i => i is "suse" or "opensuse" or "sles" || i.StartsWith("opensuse-", StringComparison.Ordinal)))
                tools = KdumpTools.Suse;
            else if (ids.Any(i => Array.Exists(RedHatKin, k => i.Equals(k, StringComparison.OrdinalIgnoreCase))))
                tools = KdumpTools.RedHat;
            else
                tools = KdumpTools.None;
            facts.Add(new Distribution(new Source(root.Shown(path), Of("PRETTY_NAME")), Of("PRETTY_NAME"), tools));
            return;

            string Of(string name) => Array.Find(lines, l => l.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..]
                .Trim('"', '\'') ?? "";
        }
    }

    private static (KdumpTools Tools, string Mark) ToolsOf(MachineTree root)
    {
        (KdumpTools, string)[] marks =
        [
            (KdumpTools.Debian, "/etc/default/kdump-tools"), (KdumpTools.Debian, "/usr/sbin/kdump-config"),
            (KdumpTools.RedHat, "/usr/bin/kdumpctl"), (KdumpTools.RedHat, "/usr/sbin/kdumpctl"), (KdumpTools.RedHat, "/etc/kdump.conf"),
            (KdumpTools.Suse, "/usr/lib/kdump/kdump-save"), (KdumpTools.Suse, "/usr/sbin/kdumptool"),
        ];
        foreach ((KdumpTools tools, string path) in marks)
        {
            if (root.Knows(path))
                return (tools, path);
        }
        // RHEL's file of this name has no KDUMP_SAVEDIR.
        const string sysconfig = "/etc/sysconfig/kdump";
        return root.Text(sysconfig) is not { } text ? (KdumpTools.None, "/")
            : (text.Contains("KDUMP_SAVEDIR", StringComparison.Ordinal) ? KdumpTools.Suse : KdumpTools.RedHat, sysconfig);
    }

    /// <summary>systemctl enable makes a link in a folder *.wants; a mask, or a link of the vendor's, decides as well
    /// (systemd.unit(5)).</summary>
    private static (bool? Enabled, string Place, string Text) Enabled(MachineTree root, string unit, string mark)
    {
        const string folder = "/etc/systemd/system";
        if (root.Link($"{folder}/{unit}") == "/dev/null")
            return (false, $"{folder}/{unit}", "masked: a link to /dev/null");
        foreach (string place in new[] { folder, "/usr/lib/systemd/system", "/lib/systemd/system" })
        {
            foreach (string want in root.List(place).Where(IsWants))
            {
                if (root.List($"{place}/{want}").Contains(unit))
                    return (true, $"{place}/{want}/{unit}", "enabled");
            }
        }
        return root.List(folder).Any(IsWants) ? (false, folder, $"no *.wants/{unit}") : (null, mark, mark);

        static bool IsWants(string name) => name.EndsWith(".wants", StringComparison.Ordinal);
    }

    /// <summary>The kernel that the settings name for the crash kernel; null for the running one.</summary>
    public static string? Wanted(MachineTree root, Facts facts, KdumpTools tools) => tools != KdumpTools.RedHat ? null
        : facts.Of<KdumpSetting>().LastOrDefault(s => s.Name == "KDUMP_KERNELVER" && s.Value.Length > 0 &&
            HostConf.HasKernel(root, s.Value))?.Value;

    public static ExpectedImage Image(MachineTree root, KdumpTools tools, string release, IReadOnlyList<KdumpSetting> settings)
    {
        string[] places = [.. Fadump.IsOn(root) ? FadumpPlaces(tools, release) : Places(root, tools, release, settings)];
        foreach (string path in places)
        {
            if (root.IsForbidden(path))
                return new(new Source(root.Shown(path), "permission denied"), release, path, ExpectedImageState.Unreadable, []);
            if (root.IsFile(path))
                return new(new Source(root.Shown(path), path), release, path, ExpectedImageState.There, []);
        }
        string[] folders = places.Select(p => p[..p.LastIndexOf('/')]).Distinct().ToArray();
        string[] listing = (root.Text("/listing.tsv") ?? "").Split('\n');
        foreach (string path in places)
        {
            if (Array.FindIndex(listing, l => l.EndsWith("\t" + path, StringComparison.Ordinal)) is >= 0 and var at)
                return new(Source.Of(root.Shown("/listing.tsv"), listing[at], at + 1), release, path, ExpectedImageState.NotCollected, []);
        }
        // Only a whole tree, or a list of what it left out, can show that something is absent.
        if (listing.Length == 1 && root.Name != "/" && KernelFile.Find(root, release) is null)
            return new(new Source(root.Shown(folders[0]), "not in this collection"), release, places[0], ExpectedImageState.Unknown, []);
        IEnumerable<string> listed = listing.Select(l => l[(l.LastIndexOf('\t') + 1)..])
            .Where(p => folders.Any(f => p.StartsWith(f + "/", StringComparison.Ordinal)));
        string[] others = folders.SelectMany(f => root.List(f).Select(n => $"{f}/{n}")).Concat(listed).Distinct()
            .Where(p => IsKdumpImage(tools, p[(p.LastIndexOf('/') + 1)..])).ToArray();
        return new(new Source(root.Shown(folders[0]), others.Length == 0 ? $"no kdump image in {folders[0]}"
            : string.Join(", ", others.Take(8))), release, places[0], ExpectedImageState.Absent, others);
    }

    /// <summary>
    /// The places where kdump-lib.sh prepare_kdump_bootinfo, kdump-config locate_kdump_kernel and SUSE's load.sh look for it.
    /// </summary>
    private static IEnumerable<string> Places(MachineTree root, KdumpTools tools, string release, IReadOnlyList<KdumpSetting> settings)
    {
        switch (tools)
        {
            case KdumpTools.Debian:
                string? kernel = Value("KDUMP_KERNEL"), own = Value("KDUMP_INITRD");
                if (settings.Count > 0 && kernel is null)
                    yield return $"/boot/initrd.img-{release}";
                // The link under the other name leads to the image of the running kernel, and is made again where it does not.
                else if (own is ['/', ..] && !own.StartsWith("/var/lib/kdump/", StringComparison.Ordinal) && root.Knows(own))
                    yield return own;
                yield return $"/var/lib/kdump/initrd.img-{release}";
                break;
            case KdumpTools.Suse:
                yield return "/var/lib/kdump/initrd";
                yield return $"/boot/initrd-{release}-kdump";
                break;
            default:
                // ostree mounts /boot read-only.
                if (root.Exists("/run/ostree-booted"))
                    yield return $"/var/lib/kdump/initramfs-{release}kdump.img";
                yield return $"/boot/initramfs-{release}kdump.img";
                yield return $"/var/lib/kdump/initramfs-{release}kdump.img";
                if (Value("KDUMP_BOOTDIR") is ['/', ..] folder)
                    yield return $"{folder.TrimEnd('/')}/initramfs-{release}kdump.img";
                foreach (string deployment in root.List("/boot/ostree"))
                    yield return $"/boot/ostree/{deployment}/initramfs-{release}kdump.img";
                if (root.Text("/etc/machine-id") is not { Length: > 0 } id)
                    break;
                foreach (string boot in new[] { "/boot", "/boot/efi", "/efi" })
                    yield return $"{boot}/{id}/{release}/initrdkdump";
                break;
        }

        string? Value(string name) => settings.LastOrDefault(s => s.Name == name && s.Value.Length > 0)?.Value;
    }

    /// <summary>With fadump the firmware boots the machine's own kernel and image again, with the dump's part inside.</summary>
    private static string[] FadumpPlaces(KdumpTools tools, string release) => tools switch
    {
        KdumpTools.Suse => [$"/boot/initrd-{release}"],
        KdumpTools.Debian => [$"/boot/initrd.img-{release}"],
        _ => [$"/boot/initramfs-{release}.img"],
    };

    private static bool IsKdumpImage(KdumpTools tools, string name) => tools switch
    {
        KdumpTools.Debian => name.StartsWith("initrd.img-", StringComparison.Ordinal),
        KdumpTools.Suse => name.EndsWith("-kdump", StringComparison.Ordinal),
        _ => name.EndsWith("kdump.img", StringComparison.Ordinal),
    };
}
