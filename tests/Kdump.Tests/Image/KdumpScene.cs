using System.Text;
using System.Text.Json;
using Kdump.Cli;
using Kdump.Cli.Terminals;
using Kdump.Tests.Formats.Archives;

namespace Kdump.Tests.Image;

/// <summary>
/// A healthy kdump image as dracut and kdump-utils lay it out, and the machine it is for: a virtio disk with ext4. A test breaks one
/// thing and asks what is found.
/// </summary>
public sealed class KdumpScene : IDisposable
{
    public const string Release = "6.1.0-test";
    private const string Modules = "usr/lib/modules/" + Release + "/kernel/";
    private const string Uuid = "0b9a2f4e-1111-2222-3333-444455556666";

    private readonly string folder = Directory.CreateTempSubdirectory("kdump-scene-").FullName;

    public KdumpScene()
    {
        foreach (string link in new[] { "bin", "sbin", "lib", "lib64" })
            Link(link, "usr/" + link);
        Script("usr/lib/dracut-lib.sh");
        File("usr/lib/dracut/modules.txt", "base\nkdumpbase\n");
        Link("init", "usr/lib/systemd/systemd");
        Program("usr/lib/systemd/systemd", "libc.so.6", "libsystemd-shared.so");
        Library("usr/lib/systemd/libsystemd-shared.so", "libc.so.6");
        Library("usr/lib64/libc.so.6", "ld-linux-x86-64.so.2");
        Library("usr/lib64/ld-linux-x86-64.so.2");
        Library("usr/lib64/libz.so.1.2.13", "libc.so.6");
        Link("usr/lib64/libz.so.1", "libz.so.1.2.13");
        Program("usr/bin/bash", "libc.so.6");
        Link("usr/bin/sh", "bash");
        Program("usr/sbin/makedumpfile", "libz.so.1", "libc.so.6");
        Program("usr/bin/tool", "libc.so.6");
        Script("usr/bin/kdump.sh");
        Script("etc/kdump/pre.d/10-note.sh");
        File("etc/kdump.conf", $"ext4 UUID={Uuid}\npath /var/crash\ncore_collector makedumpfile -l -d 31\nextra_bins /usr/bin/tool\n");
        File("etc/ld.so.conf", "include ld.so.conf.d/*.conf\n");
        Module("drivers/virtio/virtio.ko");
        Module("drivers/virtio/virtio_ring.ko");
        Module("drivers/virtio/virtio_pci.ko", "depends=virtio,virtio_ring");
        Module("drivers/block/virtio_blk.ko", "depends=virtio_ring,virtio", "firmware=virtio/blk.fw");
        Module("fs/ext4/ext4.ko", "depends=mbcache,jbd2,builtin_thing");
        Module("fs/mbcache.ko");
        Module("fs/jbd2/jbd2.ko");
        File("usr/lib/modules/" + Release + "/modules.builtin", "kernel/lib/builtin_thing.ko\n");
        File(Index, "");

        Host("proc/sys/kernel/osrelease", Release + "\n");
        Host("sys/kernel/kexec_crash_size", (256L << 20).ToString());
        Host("etc/sysconfig/kdump",
            "KDUMP_COMMANDLINE_REMOVE=\"hugepages log_buf_len\"\nKDUMP_COMMANDLINE_APPEND=\"irqpoll nr_cpus=1 reset_devices " +
            "pcie_ports=compat\"\n");
        Host("etc/kdump.conf", $"ext4 UUID={Uuid}\npath /var/crash\ncore_collector makedumpfile -l -d 31\nextra_bins /usr/bin/tool\n");
        Host("proc/cmdline", "BOOT_IMAGE=/vmlinuz root=UUID=1 ro quiet crashkernel=256M\n");
        Host("sys/devices/pci0000:00/0000:00:04.0/virtio1/block/vda/vda1/dev", "252:1\n");
        Host("sys/module/ext4/initstate", "live\n");
        foreach (string m in new[] { "virtio_blk", "virtio_pci" })
            Host($"sys/module/{m}/initstate", "live\n");
        HostLink("sys/class/block/vda1", "../../devices/pci0000:00/0000:00:04.0/virtio1/block/vda/vda1");
        HostLink("sys/devices/pci0000:00/0000:00:04.0/driver", "../../../bus/pci/drivers/virtio-pci");
        HostLink("sys/devices/pci0000:00/0000:00:04.0/virtio1/driver", "../../../../bus/virtio/drivers/virtio_blk");
        HostLink("sys/bus/pci/drivers/virtio-pci/module", "../../../../module/virtio_pci");
        HostLink("sys/bus/virtio/drivers/virtio_blk/module", "../../../../module/virtio_blk");
        HostLink("dev/disk/by-uuid/" + Uuid, "../../vda1");
    }

    public SortedDictionary<string, (uint Mode, byte[] Content)> Files { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, string> HostFiles { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, string> HostLinks { get; } = new(StringComparer.Ordinal);

    /// <summary>Applied to the finished archive.</summary>
    public Func<byte[], byte[]> Pack { get; set; } = bytes => bytes;

    public string Name { get; set; } = "kdump.img";

    /// <summary>Files of the host that are newer than the image.</summary>
    public List<string> Newer { get; } = [];

    public void File(string path, string content, uint mode = 0x81a4) => Files[path] = (mode, Encoding.UTF8.GetBytes(content));

    public void Script(string path, string interpreter = "/bin/sh", uint mode = 0x81ed) => File(path, $"#!{interpreter}\nexit 0\n", mode);

    public void Link(string path, string target) => Files[path] = (0xa1ff, Encoding.UTF8.GetBytes(target));

    public void Program(string path, params string[] needed) =>
        Files[path] = (0x81ed, ElfBuilder.Dynamic("/lib64/ld-linux-x86-64.so.2", needed));

    public void Library(string path, params string[] needed) => Files[path] = (0x81ed, ElfBuilder.Dynamic(null, needed));

    public void Module(string path, params string[] info) =>
        Files[Modules + path] = (0x81a4, ElfBuilder.Module(["license=GPL", $"vermagic={Release} SMP mod_unload", .. info]));

    public void Host(string path, string content) => HostFiles[path] = content;

    public void HostLink(string path, string target) => HostLinks[path] = target;

    public static string At(string module) => Modules + module;

    /// <summary>modules.dep, written from the modules unless a test writes or removes it.</summary>
    public const string Index = "usr/lib/modules/" + Release + "/modules.dep";

    public string IndexText() =>
        string.Concat(Files.Keys.Where(k => k.StartsWith(Modules, StringComparison.Ordinal))
        .Select(k => k[(Modules.Length - "kernel/".Length)..] + ":\n"));

    /// <summary>modules.dep.bin with all lines at its root, which the format allows.</summary>
    public static byte[] BinaryIndex(string text)
    {
        string[] lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        byte[] head = [0xB0, 0x07, 0xF4, 0x57, 0, 2, 0, 1, 0x40, 0, 0, 12, 0, 0, 0, (byte)lines.Length];
        return [.. head, .. lines.SelectMany(l => (byte[])[0, 0, 0, 0, .. System.Text.Encoding.UTF8.GetBytes(l), 0])];
    }

    public string WriteImage(string name)
    {
        if (Files.TryGetValue(Index, out var index) && index.Content.Length == 0)
            File(Index, IndexText());
        var cpio = new CpioBuilder();
        var folders = new HashSet<string>();
        foreach ((string path, (uint mode, byte[] content)) in Files)
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
        string file = Path.Combine(folder, name);
        System.IO.File.WriteAllBytes(file, Pack(cpio.Trailer().ToArray()));
        return file;
    }

    /// <summary>Runs <c>kdt image check</c>; the verdict as ids with subjects, severities info left out unless asked for.</summary>
    public (int Exit, string[] Findings, JsonElement Document) Check(bool withRoot = true, bool info = false)
    {
        (string image, string root) = LayOut(Name);
        return Run(info, "image", "check", image, "--root", withRoot ? root : "none");
    }

    /// <summary>
    /// Runs <c>kdt host check</c> on the machine, with its image where <paramref name="imagePath"/> says (none for null).
    /// </summary>
    public (int Exit, string[] Findings, JsonElement Document) HostCheck(string? imagePath = "boot/initramfs-" + Release + "kdump.img",
        bool info = false)
    {
        (string image, string root) = LayOut(Name);
        if (imagePath is not null)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(root, imagePath))!);
            System.IO.File.Move(image, Path.Combine(root, imagePath));
        }
        return Run(info, "host", "check", "--root", root);
    }

    private (string Image, string Root) LayOut(string name)
    {
        string image = WriteImage(name), root = Path.Combine(folder, "root");
        Directory.CreateDirectory(root);
        foreach ((string path, string content) in HostFiles)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(root, path))!);
            System.IO.File.WriteAllText(Path.Combine(root, path), content);
            System.IO.File.SetLastWriteTimeUtc(Path.Combine(root, path), DateTime.UnixEpoch.AddYears(50));
        }
        foreach ((string path, string target) in HostLinks)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(root, path))!);
            // A scene may be checked twice.
            System.IO.File.Delete(Path.Combine(root, path));
            System.IO.File.CreateSymbolicLink(Path.Combine(root, path), target);
        }
        System.IO.File.SetLastWriteTimeUtc(image, DateTime.UnixEpoch.AddYears(55));
        foreach (string path in Newer)
            System.IO.File.SetLastWriteTimeUtc(Path.Combine(root, path), DateTime.UnixEpoch.AddYears(56));
        return (image, root);
    }

    private static (int Exit, string[] Findings, JsonElement Document) Run(bool info, params string[] arguments)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        int exit = Kdt.Run([.. arguments, "--json"], output, error, () => Stream.Null, Terminal.Plain);
        Assert.True(exit != ExitCode.Failed, error.ToString());
        JsonElement document = JsonDocument.Parse(output.ToString()).RootElement;
        string[] findings = document.GetProperty("verdict").GetProperty("findings").EnumerateArray()
            .Where(f => info || f.GetProperty("severity").GetString() != "info").Select(f => f.GetProperty("id").GetString()!).Distinct()
                .Order(StringComparer.Ordinal).ToArray();
        return (exit, findings, document);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
