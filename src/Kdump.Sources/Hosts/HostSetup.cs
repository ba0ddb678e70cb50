using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Hosts;

/// <summary>Which distribution's kdump tools a machine has, whether they start at boot, and the image they build for its kernel.</summary>
public static class HostSetup
{
    public static KdumpSetup Collect(MachineTree root, Facts facts)
    {
        (KdumpTools tools, string mark) = ToolsOf(root);
        string unit = tools switch { KdumpTools.Debian => "kdump-tools.service", KdumpTools.None => "", _ => "kdump.service" };
        (bool? enabled, string place, string text) = unit.Length == 0 ? (null, mark, "no kdump tools") : Enabled(root, unit, mark);
        var setup = new KdumpSetup(new Source(root.Shown(place), text), tools, unit, enabled);
        facts.Add(setup);
        HostConf.Collect(root, tools, facts);
        if (facts.Of<MachineKernel>() is [var kernel, ..] && tools != KdumpTools.None)
            facts.Add(Image(root, tools, kernel.Release));
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
            KdumpTools tools = ids.Any(i => i is "debian" or "ubuntu") ? KdumpTools.Debian
                : ids.Any(i => i is "suse" or "opensuse" or "sles" || i.StartsWith("opensuse-", StringComparison.Ordinal)) ? KdumpTools.Suse
                : ids.Any(i => i is "rhel" or "fedora" or "centos" or "rocky" or "almalinux" or "ol") ? KdumpTools.RedHat : KdumpTools.None;
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

    private static (bool? Enabled, string Place, string Text) Enabled(MachineTree root, string unit, string mark)
    {
        const string folder = "/etc/systemd/system";
        string[] wants = root.List(folder).Where(n => n.EndsWith(".wants", StringComparison.Ordinal)).ToArray();
        foreach (string want in wants)
        {
            if (root.List($"{folder}/{want}").Contains(unit))
                return (true, $"{folder}/{want}/{unit}", "enabled");
        }
        return wants.Length == 0 ? (null, mark, mark) : (false, folder, $"no *.wants/{unit}");
    }

    public static ExpectedImage Image(MachineTree root, KdumpTools tools, string release)
    {
        string[] places = Places(root, tools, release).ToArray();
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
        if (listing.Length == 1 && root.Name != "/" && !root.IsFile("/boot/vmlinuz-" + release))
            return new(new Source(root.Shown(folders[0]), "not in this collection"), release, places[0], ExpectedImageState.Unknown, []);
        IEnumerable<string> listed = listing.Select(l => l[(l.LastIndexOf('\t') + 1)..])
            .Where(p => folders.Any(f => p.StartsWith(f + "/", StringComparison.Ordinal)));
        string[] others = folders.SelectMany(f => root.List(f).Select(n => $"{f}/{n}")).Concat(listed).Distinct()
            .Where(p => IsKdumpImage(tools, p[(p.LastIndexOf('/') + 1)..])).ToArray();
        return new(new Source(root.Shown(folders[0]), others.Length == 0 ? $"no kdump image in {folders[0]}"
            : string.Join(", ", others.Take(8))), release, places[0], ExpectedImageState.Absent, others);
    }

    /// <summary>Where kdump-lib.sh, kdump-config and SUSE's load.sh look for it.</summary>
    private static IEnumerable<string> Places(MachineTree root, KdumpTools tools, string release)
    {
        switch (tools)
        {
            case KdumpTools.Debian:
                yield return $"/var/lib/kdump/initrd.img-{release}";
                break;
            case KdumpTools.Suse:
                yield return "/var/lib/kdump/initrd";
                yield return $"/boot/initrd-{release}-kdump";
                break;
            default:
                yield return $"/boot/initramfs-{release}kdump.img";
                yield return $"/var/lib/kdump/initramfs-{release}kdump.img";
                if (root.Text("/etc/machine-id") is { Length: > 0 } id)
                    yield return $"/boot/{id}/{release}/initrdkdump";
                break;
        }
    }

    private static bool IsKdumpImage(KdumpTools tools, string name) => tools switch
    {
        KdumpTools.Debian => name.StartsWith("initrd.img-", StringComparison.Ordinal),
        KdumpTools.Suse => name.EndsWith("-kdump", StringComparison.Ordinal),
        _ => name.EndsWith("kdump.img", StringComparison.Ordinal),
    };
}
