using System.Text.Json;
using Kdump.Tests.MachineChecks;
using Kdump.Tests.Probe;

namespace Kdump.Tests.Gather;

public sealed class HostCollectTests : IDisposable
{
    private const string Port = "/sys/devices/pci0000:00/0000:00:02.0", Disk = Port + "/0000:01:00.0";

    private readonly TreeBuilder machine = new();
    private readonly string folder = Directory.CreateTempSubdirectory("kdt-collect-").FullName;

    public HostCollectTests()
    {
        machine.File("/proc/cmdline", "root=/dev/sda1 rd.iscsi.password=hunter2 crashkernel=256M\n")
            .File("/proc/interrupts", "           CPU0\n  1:  5  IO-APIC 1-edge i8042\n").File("/proc/kcore", "memory")
            .File("/proc/irq/24/smp_affinity", "1\n").File("/proc/sys/kernel/osrelease", "6.1.0\n").File("/etc/hostname", "node7\n")
                .File("/etc/shadow", "root:hunter2\n").File("/etc/kdump/id_rsa", "hunter2").File("/boot/vmlinuz-6.1.0", "large")
            .Link("/etc/kdump.conf", "shadow").File("/etc/fstab", "/dev/sda1 / ext4 defaults 0 1\n")
                .Link("/sys/bus/pci/devices/0000:01:00.0", "../../../devices/pci0000:00/0000:00:02.0/0000:01:00.0")
            .File(Port + "/vendor", "0x8086\n").File(Port + "/config", new byte[64]).File(Disk + "/vendor", "0x144d\n")
                .File(Disk + "/config", [0x4d, 0x14, 0xff]).File(Disk + "/vpd", "never").File(Disk + "/rom", "never")
            .File(Disk + "/msi_irqs/24", "msix\n").Link(Disk + "/driver", "../../../../bus/pci/drivers/nvme")
                .Link(Disk + "/iommu_group", "../../../../kernel/iommu_groups/3")
                .Link("/sys/bus/pci/drivers/nvme/module", "../../../../module/nvme")
            .Link("/dev/disk/by-uuid/5eed", "../../sda1");
        File.SetUnixFileMode(machine.Path + "/proc/irq/24/smp_affinity",
            UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        File.SetLastWriteTimeUtc(machine.Path + "/etc/fstab", new DateTime(2020, 2, 3, 4, 5, 6, DateTimeKind.Utc));
    }

    [Fact]
    public void Standard_output_is_no_folder_of_that_name()
    {
        (int code, _, string error) = Run.Kdt("host", "collect", "-o", "-");
        Assert.Equal((2, "kdt: -: -o: standard output is not supported: give .tar.zst, .tar.gz, .tar, or a folder\n"), (code, error));
        Assert.False(Directory.Exists("-"));
    }

    [Fact]
    public void Files_stand_where_they_stand_on_the_machine()
    {
        string to = Collect("A");
        Assert.Equal("           CPU0\n  1:  5  IO-APIC 1-edge i8042\n", File.ReadAllText(to + "/proc/interrupts"));
        Assert.Equal([0x4d, 0x14, 0xff], File.ReadAllBytes(to + Disk + "/config"));
        Assert.Equal("0x8086\n", File.ReadAllText(to + Port + "/vendor"));
        Assert.Equal("msix\n", File.ReadAllText(to + Disk + "/msi_irqs/24"));
        Assert.Equal("../../../devices/pci0000:00/0000:00:02.0/0000:01:00.0",
            new FileInfo(to + "/sys/bus/pci/devices/0000:01:00.0").LinkTarget);
        Assert.Equal("../../../../bus/pci/drivers/nvme", new FileInfo(to + Disk + "/driver").LinkTarget);
        Assert.Equal("../../../../module/nvme", new FileInfo(to + "/sys/bus/pci/drivers/nvme/module").LinkTarget);
        Assert.Equal("../../sda1", new FileInfo(to + "/dev/disk/by-uuid/5eed").LinkTarget);
    }

    [Fact]
    public void Mode_and_time_of_a_file_are_kept_because_they_say_something()
    {
        string to = Collect("B");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
            File.GetUnixFileMode(to + "/proc/irq/24/smp_affinity"));
        Assert.Equal(new DateTime(2020, 2, 3, 4, 5, 6, DateTimeKind.Utc), File.GetLastWriteTimeUtc(to + "/etc/fstab"));
    }

    [Fact]
    public void No_secret_leaves_the_machine()
    {
        string to = Collect("C");
        Assert.Equal("root=/dev/sda1 rd.iscsi.password=*** crashkernel=256M\n", File.ReadAllText(to + "/proc/cmdline"));
        foreach (string file in Directory.EnumerateFiles(to, "*",
            new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }))
            Assert.DoesNotContain("hunter2", File.ReadAllText(file), StringComparison.Ordinal);
        Assert.False(File.Exists(to + "/etc/kdump.conf"));
        foreach (string never in new[] { "/proc/kcore", "/etc/shadow", "/boot/vmlinuz-6.1.0", Disk + "/vpd", Disk + "/rom" })
            Assert.False(File.Exists(to + never), never);
    }

    [Fact]
    public void What_is_too_large_to_take_is_listed()
    {
        string[] line = File.ReadLines(Collect("D") + "/listing.tsv")
            .Single(l => l.EndsWith("/boot/vmlinuz-6.1.0", StringComparison.Ordinal)).Split('\t');
        Assert.Equal(["file", "5"], line[..2]);
    }

    [Fact]
    public void The_manifest_says_what_there_is_and_what_not()
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(Collect("E") + "/collect.json"));
        JsonElement root = json.RootElement;
        Assert.Equal("kdt.host.collect/1", root.GetProperty("schema").GetString());
        Assert.Equal("node7", root.GetProperty("host").GetString());
        Assert.Equal("6.1.0", root.GetProperty("kernel").GetString());
        Assert.Contains(root.GetProperty("unreadable").EnumerateArray(),
            u => u.GetProperty("path").GetString() == "/etc/kdump.conf" && u.GetProperty("reason").GetString() == "may hold a secret");
        Assert.Equal(["/proc/cmdline"], root.GetProperty("masked").EnumerateArray().Select(m => m.GetString()));
        Assert.Empty(root.GetProperty("commands").EnumerateArray());
    }

    [Fact]
    public void A_folder_that_holds_something_is_not_written_to()
    {
        File.WriteAllText(Path.Combine(folder, "mine"), "");
        (int code, _, string error) = Run.Kdt("host", "collect", "--root", machine.Path, "-o", folder);
        Assert.Equal(2, code);
        Assert.Contains("give a new or empty folder", error, StringComparison.Ordinal);
        Assert.Equal(["mine"], Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName));
    }

    [ToolFact("tar", "zstd")]
    public void An_archive_holds_what_a_folder_holds()
    {
        string plain = Collect("F"), archive = Path.Combine(folder, "G.tar.zst");
        Assert.Equal(0, Run.Kdt("host", "collect", "--root", machine.Path, "-o", archive).Code);
        Tool.Run("zstd -t G.tar.zst && tar --zstd -xf G.tar.zst && rm F/collect.json G/collect.json && diff -r --no-dereference F G",
            folder);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
            File.GetUnixFileMode(Path.Combine(folder, "G/proc/irq/24/smp_affinity")));
        Assert.True(Directory.Exists(plain));
    }

    [Fact]
    public void This_machine_is_collected_without_trouble()
    {
        string to = Path.Combine(folder, "live");
        (int code, string output, string error) = Run.Kdt("host", "collect", "-o", to);
        Assert.True(code == 0, output + error);
        Assert.Equal("", error);
        Assert.Equal(File.ReadAllText("/proc/version"), File.ReadAllText(to + "/proc/version"));
        Assert.Equal(Directory.GetFileSystemEntries("/sys/bus/pci/devices").Length, Directory.Exists(to + "/sys/bus/pci/devices")
            ? Directory.GetFileSystemEntries(to + "/sys/bus/pci/devices").Length : 0);
    }

    public void Dispose()
    {
        machine.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private string Collect(string name)
    {
        string to = Path.Combine(folder, name);
        (int code, string output, string error) = Run.Kdt("host", "collect", "--root", machine.Path, "-o", to);
        Assert.True(code == 0, output + error);
        return to;
    }
}
