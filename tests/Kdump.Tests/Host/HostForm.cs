using System.Text;
using System.Text.Json;
using Kdump.Cli;
using Kdump.Cli.Terminals;
using Kdump.Tests.Formats.Archives;
using Kdump.Tests.Image;

namespace Kdump.Tests.Host;

/// <summary>
/// A machine in the form of one distribution (fixtures/trees/host-NAME.tree) with the image that its tools would build for it. A test
/// changes one thing and asks what <c>kdt host check</c> finds.
/// </summary>
internal sealed class HostForm : IDisposable
{
    public const string Uuid = "0b9a2f4e-1111-2222-3333-444455556666";

    public static readonly string[] RedHat = ["rhel8", "rhel9", "rhel10", "fedora"], Suse = ["sles15", "tumbleweed"],
        Debian = ["debian12", "debian13", "ubuntu2204", "ubuntu2404"],
        // In more of their own form: volumes, subvolumes, deployments, boot loaders, kdump 2's image.
        Others = ["leap", "openeuler", "oracle", "amazon", "coreos", "rocky9luks", "ubuntu2404lvm", "tumbleweedsnap"];

    private readonly string folder = Directory.CreateTempSubdirectory("kdump-host-").FullName;

    public HostForm(string name)
    {
        Name = name;
        string? open = null;
        var body = new List<string>();
        foreach (string line in File.ReadAllLines(Repository.Path("fixtures", "trees", $"host-{name}.tree")).Append("@ "))
        {
            if (!line.StartsWith("@ ", StringComparison.Ordinal))
            {
                body.Add(line);
                continue;
            }
            if (open is not null)
                Files[open] = string.Join('\n', body) + "\n";
            open = null;
            body.Clear();
            string entry = line[2..];
            if (entry.Split(" -> ") is [var link, var target])
                Links[link] = target;
            else if (entry.IndexOf(" = ", StringComparison.Ordinal) is > 0 and var equals)
                Files[entry[..equals]] = entry[(equals + 3)..] + "\n";
            else if (entry.Length > 0)
                open = entry;
        }
        Release = Files["proc/sys/kernel/osrelease"].Trim();
        BuildImage();
    }

    public string Name { get; }

    public string Release { get; }

    public SortedDictionary<string, string> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>Files that are no text.</summary>
    public SortedDictionary<string, byte[]> Binaries { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, string> Links { get; } = new(StringComparer.Ordinal);

    /// <summary>What the image holds; empty: there is no image.</summary>
    public SortedDictionary<string, (uint Mode, byte[] Content)> Image { get; } = new(StringComparer.Ordinal);

    /// <summary>dracut's squash module: the image's files are in a squashfs of that packing (gzip, xz …) inside; null: they are
    /// not.</summary>
    public string? Squash { get; set; }

    /// <summary>Where the image lies; null: where the tools of the machine put it.</summary>
    public string? ImagePath { get; set; }

    /// <summary>The program that the image is packed with; null: it is not.</summary>
    public string? Packer { get; set; }

    /// <summary>Files of the machine that may be executed.</summary>
    public List<string> Executable { get; } = [];

    /// <summary>Files of the machine that are newer than the image.</summary>
    public List<string> Newer { get; } = [];

    public bool IsRedHat => !IsSuse && !IsDebian;

    public bool IsSuse => Suse.Contains(Name) || Name is "leap" or "tumbleweedsnap";

    /// <summary>SUSE's kdump 1.9 and newer: its settings are in /etc/kdump.conf of the image.</summary>
    public bool IsSuse2 => Name is "leap" or "tumbleweed" or "tumbleweedsnap";

    public bool IsDebian => Debian.Contains(Name) || Name == "ubuntu2404lvm";

    public string FileSystem => IsSuse ? "btrfs" : IsDebian || Name == "openeuler" ? "ext4" : "xfs";

    public string Conf => IsRedHat ? "etc/kdump.conf" : IsSuse ? "etc/sysconfig/kdump" : "etc/default/kdump-tools";

    /// <summary>What mkdumprd gives dracut as the target's mount; null: the image does not say.</summary>
    private string? Mount => Name switch
    {
        "leap" or "tumbleweedsnap" => $"/dev/disk/by-uuid/{Uuid} /kdump/mnt/var btrfs rw,relatime,subvol=/@/var",
        "openeuler" => "/dev/mapper/openeuler-root /kdumproot ext4 rw,relatime",
        "oracle" => "/dev/mapper/ol-var /kdumproot/var xfs rw,relatime,attr2,inode64",
        "amazon" => $"/dev/disk/by-uuid/{Uuid} /kdumproot xfs rw,noatime,attr2,inode64",
        "coreos" => $"/dev/disk/by-uuid/{Uuid} /kdumproot/sysroot xfs rw,relatime,prjquota",
        _ => null,
    };

    public string Modules => $"usr/lib/modules/{Release}/kernel/";

    /// <summary>Changes a text of one file, which must be there.</summary>
    public void Change(string path, string from, string to)
    {
        Assert.Contains(from, Files[path]);
        Files[path] = Files[path].Replace(from, to, StringComparison.Ordinal);
    }

    /// <summary>One more line at the end of the tools' configuration.</summary>
    public void Line(string line) => Files[Conf] += line + "\n";

    /// <summary>A setting of a file of shell assignments, written or written anew.</summary>
    public void Set(string name, string value)
    {
        string path = IsRedHat ? "etc/sysconfig/kdump" : Conf;
        string[] lines = Files[path].Split('\n');
        int at = Array.FindIndex(lines, l => l.StartsWith(name + "=", StringComparison.Ordinal));
        if (at < 0)
            Files[path] += $"{name}={value}\n";
        else
        {
            lines[at] = $"{name}={value}";
            Files[path] = string.Join('\n', lines);
        }
    }

    /// <summary>The image holds the machine's configuration as it is now.</summary>
    public void CopyConf()
    {
        if (IsRedHat)
            Put("etc/kdump.conf", Files["etc/kdump.conf"]);
        else if (IsSuse2)
            Put("etc/kdump.conf", string.Concat(Files[Conf].Split('\n').Where(l => l.StartsWith("KDUMP_", StringComparison.Ordinal) ||
                l.StartsWith("KEXEC_", StringComparison.Ordinal))
                .Select(l => $"{l.Split('=')[0]}='{l[(l.IndexOf('=') + 1)..].Trim('"')}'\n")) + "KDUMP_PROTO=file\n");
        else if (IsSuse)
            Put("etc/sysconfig/kdump", Files["etc/sysconfig/kdump"]);
    }

    public void Put(string path, string content, uint mode = 0x81a4) => Image[path] = (mode, Encoding.UTF8.GetBytes(content));

    public void Script(string path) => Put(path, "#!/bin/sh\ncat /proc/vmcore\n", 0x81ed);

    public void Program(string path, params string[] needed) =>
        Image[path] = (0x81ed, ElfBuilder.Dynamic("/lib64/ld-linux-x86-64.so.2", needed));

    public void Module(string path, params string[] info) =>
        Image[Modules + path] = (0x81a4, ElfBuilder.Module(["license=GPL", $"vermagic={Release} SMP mod_unload", .. info]));

    public (int Exit, string[] Findings, JsonElement Document) Check()
    {
        string text = Run(out int exit, "--json");
        JsonElement document = JsonDocument.Parse(text).RootElement;
        return (exit, [.. document.GetProperty("verdict").GetProperty("findings").EnumerateArray()
            .Where(f => f.GetProperty("severity").GetString() != "info").Select(f => f.GetProperty("id").GetString()!).Distinct()
            .Order(StringComparer.Ordinal)], document);
    }

    public string Run(out int exit, params string[] arguments) => Run("check", out exit, arguments);

    public string Run(string verb, out int exit, params string[] arguments)
    {
        string root = LayOut();
        var output = new StringWriter();
        var error = new StringWriter();
        exit = Kdt.Run(["host", verb, "--root", root, .. arguments], output, error, () => Stream.Null, Terminal.Plain);
        Assert.True(error.ToString().Length == 0, error.ToString());
        return output.ToString();
    }

    public string LayOut()
    {
        string root = Path.Combine(folder, "root");
        foreach ((string path, string content) in Files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(root, path))!);
            File.WriteAllText(Path.Combine(root, path), content);
            if (Executable.Contains(path) && OperatingSystem.IsLinux())
                File.SetUnixFileMode(Path.Combine(root, path), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            File.SetLastWriteTimeUtc(Path.Combine(root, path), DateTime.UnixEpoch.AddYears(50));
        }
        foreach ((string path, byte[] content) in Binaries)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(root, path))!);
            File.WriteAllBytes(Path.Combine(root, path), content);
            File.SetLastWriteTimeUtc(Path.Combine(root, path), DateTime.UnixEpoch.AddYears(50));
        }
        foreach ((string path, string target) in Links)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(root, path))!);
            File.Delete(Path.Combine(root, path));
            File.CreateSymbolicLink(Path.Combine(root, path), target);
        }
        if (Image.Count > 0)
        {
            string image = Path.Combine(root, ImagePath ?? (Name == "coreos" ? $"var/lib/kdump/initramfs-{Release}kdump.img"
                : IsRedHat ? $"boot/initramfs-{Release}kdump.img"
                : IsSuse ? "var/lib/kdump/initrd" : $"var/lib/kdump/initrd.img-{Release}"));
            Directory.CreateDirectory(Path.GetDirectoryName(image)!);
            File.WriteAllBytes(image, Pack());
            if (Packer is { } packer)
            {
                Tool.Run(packer switch
                {
                    "xz" => $"xz --check=crc32 -0 -c '{image}' > packed", "zstd" => $"zstd -q -1 -c '{image}' > packed",
                    _ => $"gzip -1 -c '{image}' > packed",
                }, folder);
                File.Move(Path.Combine(folder, "packed"), image, overwrite: true);
            }
            File.SetLastWriteTimeUtc(image, DateTime.UnixEpoch.AddYears(55));
        }
        foreach (string path in Newer)
            File.SetLastWriteTimeUtc(Path.Combine(root, path), DateTime.UnixEpoch.AddYears(56));
        return root;
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private byte[] Pack()
    {
        string index = $"usr/lib/modules/{Release}/modules.dep";
        if (!Image.ContainsKey(index) && Image.Keys.Any(k => k.StartsWith(Modules, StringComparison.Ordinal)))
            Put(index, string.Concat(Image.Keys.Where(k => k.StartsWith(Modules, StringComparison.Ordinal))
                .Select(k => k[(Modules.Length - "kernel/".Length)..] + ":\n")));
        return Archive(Squash is null ? Image : Loader(Squash));
    }

    /// <summary>What dracut leaves outside the squashfs: an init, a shell, the modules that mount it.</summary>
    private SortedDictionary<string, (uint Mode, byte[] Content)> Loader(string packing)
    {
        string tree = Path.Combine(folder, "inner");
        if (Directory.Exists(tree))
            Directory.Delete(tree, recursive: true);
        foreach ((string path, (uint mode, byte[] content)) in Image)
        {
            string file = Path.Combine(tree, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            if ((mode & 0xf000) == 0xa000)
                File.CreateSymbolicLink(file, Encoding.UTF8.GetString(content));
            else
                File.WriteAllBytes(file, content);
        }
        Tool.Run($"chmod -R 755 inner; mksquashfs inner root.img -comp {packing} -noappend -no-xattrs -quiet -no-progress", folder);
        var outer = new SortedDictionary<string, (uint Mode, byte[] Content)>(StringComparer.Ordinal);
        foreach (string path in new[] { "bin", "sbin", "lib", "lib64", "usr/lib64/libc.so.6", "usr/lib64/ld-linux-x86-64.so.2",
            "usr/bin/sh" })
            outer[path] = Image[path];
        outer["init"] = (0x81ed, "#!/bin/sh\n"u8.ToArray());
        foreach (string module in new[] { "drivers/block/loop.ko", "fs/squashfs/squashfs.ko", "fs/overlayfs/overlay.ko" })
            outer[Modules + module] = (0x81a4, ElfBuilder.Module(["license=GPL", $"vermagic={Release} SMP mod_unload"]));
        outer[$"usr/lib/modules/{Release}/modules.dep"] = (0x81a4, Encoding.UTF8.GetBytes(
            "kernel/drivers/block/loop.ko:\nkernel/fs/squashfs/squashfs.ko:\nkernel/fs/overlayfs/overlay.ko:\n"));
        outer["squashfs-root.img"] = (0x81a4, File.ReadAllBytes(Path.Combine(folder, "root.img")));
        return outer;
    }

    private static byte[] Archive(SortedDictionary<string, (uint Mode, byte[] Content)> files)
    {
        var cpio = new CpioBuilder();
        var folders = new HashSet<string>();
        foreach ((string path, (uint mode, byte[] content)) in files)
        {
            string[] parts = path.Split('/');
            for (int i = 1; i < parts.Length; i++)
            {
                string parent = string.Join('/', parts[..i]);
                if (folders.Add(parent))
                    cpio.Folder(parent);
            }
            cpio.Entry(path, mode, content);
        }
        return cpio.Trailer().ToArray();
    }

    private void BuildImage()
    {
        foreach (string link in new[] { "bin", "sbin", "lib", "lib64" })
            Image[link] = (0xa1ff, Encoding.UTF8.GetBytes("usr/" + link));
        Program("usr/lib64/libc.so.6", "ld-linux-x86-64.so.2");
        Program("usr/lib64/ld-linux-x86-64.so.2");
        Program("usr/bin/sh", "libc.so.6");
        if (IsDebian)
        {
            Script("init");
            Put("scripts/functions", "");
            Put("conf/arch.conf", "DPKG_ARCH=amd64\n");
        }
        else
        {
            Image["init"] = (0xa1ff, Encoding.UTF8.GetBytes("usr/lib/systemd/systemd"));
            Program("usr/lib/systemd/systemd", "libc.so.6");
            Put("usr/lib/dracut/modules.txt", "base\nkdumpbase\n");
            Program("usr/sbin/makedumpfile", "libc.so.6");
            Script(IsRedHat ? "usr/bin/kdump.sh" : IsSuse2 ? "kdump/kdump-save" : "usr/lib/kdump/kdump-save");
            CopyConf();
        }
        if (Name == "amazon")
            Module("drivers/nvme/host/nvme.ko");
        if (Name is "openeuler" or "oracle" or "ubuntu2404lvm")
        {
            Program("usr/sbin/lvm", "libc.so.6");
            Module("drivers/md/dm-mod.ko");
        }
        if (Mount is { } mount)
            Put("usr/lib/dracut/build-parameter.txt",
                $" --quiet --hostonly --hostonly-cmdline --hostonly-mode 'strict' --hostonly-nics '' --mount '{mount}' " +
                    $"--no-hostonly-default-device\n");
        Module("drivers/virtio/virtio.ko");
        Module("drivers/virtio/virtio_ring.ko");
        Module("drivers/virtio/virtio_pci.ko", "depends=virtio,virtio_ring");
        Module("drivers/block/virtio_blk.ko", "depends=virtio_ring,virtio");
        Module($"fs/{FileSystem}/{FileSystem}.ko");
        Put($"usr/lib/modules/{Release}/modules.builtin", "kernel/lib/builtin_thing.ko\n");
    }
}
