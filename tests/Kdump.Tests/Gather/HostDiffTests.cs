using System.Text.Json;
using Kdump.Tests.MachineChecks;
using Kdump.Tests.Probe;

namespace Kdump.Tests.Gather;

/// <summary>Two machines of one kind whose buses are numbered differently, as collected.</summary>
public sealed class HostDiffTests : IDisposable
{
    private const int Acs = 0x000d;

    private readonly TreeBuilder good = new(), bad = new();
    private readonly string folder = Directory.CreateTempSubdirectory("kdt-diff-").FullName;

    public HostDiffTests()
    {
        foreach ((TreeBuilder machine, int bus) in new[] { (good, 4), (bad, 9) })
        {
            machine.File("/proc/version", "Linux version 6.1.0-1-amd64 (x) #1\n").File("/proc/cmdline", "ro quiet\n")
                .File("/proc/sys/kernel/osrelease", "6.1.0-1-amd64\n").File("/sys/devices/virtual/dmi/id/bios_version", "3.0.4\n")
                .Link("/sys/class/dmi/id", "../../devices/virtual/dmi/id");
            Port(machine, "00:02.0", bus, acs: true);
            Port(machine, "00:03.0", bus + 1, acs: true);
            Card(machine, "00:02.0", $"{bus:x2}:00.0", 0x15b3, 0x1003, 0x020000, "mlx4_core", group: 20);
            Card(machine, "00:03.0", $"{bus + 1:x2}:00.0", 0x1000, 0x0073, 0x010400, "megaraid_sas", group: 21);
        }
    }

    [Fact]
    public void Alike_machines_do_not_differ_by_their_bus_numbers()
    {
        string output = Diff();
        Assert.Contains("no difference in what could be compared", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lost_ACS_comes_first_and_the_group_it_costs_second()
    {
        Port(bad, "00:03.0", 10, acs: false);
        bad.File("/proc/cmdline", "ro quiet mitigations=off\n");
        Group(bad, "0a:00.0", "00:03.0", 20);
        string[] areas = Differences().Select(d => d.GetProperty("area").GetString()!).ToArray();
        Assert.Equal(["acs", "iommu-group", "cmdline"], areas);
        Assert.Contains("0000:00:03.0", Differences()[0].GetProperty("subject").GetString(), StringComparison.Ordinal);
        Assert.Equal("no ACS", Differences()[0].GetProperty("b").GetString());
    }

    /// <summary>kernel/params.c parse_args() stops at "--"; quotation marks hold blanks together.</summary>
    [Theory]
    [InlineData("ro quiet -- single", "ro quiet", "arguments of init|single|")]
    [InlineData("ro quiet -- single", "ro quiet -- 3 nosplash", "arguments of init|single|3 nosplash")]
    [InlineData("ro quiet -- a=1", "ro quiet -- a=1", null)]
    [InlineData("ro quiet", "ro quiet --", null)]
    [InlineData("ro \"dyndbg=file x.c +p\" quiet", "ro quiet", "dyndbg|dyndbg=file x.c +p|")]
    public void What_stands_behind_two_dashes_is_inits_and_one_difference(string a, string b, string? only)
    {
        good.File("/proc/cmdline", a + "\n");
        bad.File("/proc/cmdline", b + "\n");
        Assert.Equal(only is null ? [] : [only], Differences().Select(d => $"{d.GetProperty("subject").GetString()}|" +
            $"{d.GetProperty("a").GetString()}|{d.GetProperty("b").GetString()}"));
    }

    [Fact]
    public void Another_network_card_in_the_same_role_is_one_difference()
    {
        Card(bad, "00:02.0", "09:00.0", 0x15b3, 0x6750, 0x020000, "mlx4_en", group: 20);
        JsonElement only = Assert.Single(Differences());
        Assert.Equal("network device", only.GetProperty("subject").GetString());
        Assert.Equal("0000:04:00.0 [15b3:1003] (mlx4_core)", only.GetProperty("a").GetString());
        Assert.Equal("0000:09:00.0 [15b3:6750] (mlx4_en)", only.GetProperty("b").GetString());
    }

    [Fact]
    public void Firmware_parameter_and_missing_driver_are_found()
    {
        bad.File("/sys/devices/virtual/dmi/id/bios_version", "3.0.1\n").File("/proc/cmdline", "ro quiet intel_iommu=on iommu=pt\n");
        File.Delete(bad.Path + "/sys/devices/pci0000:00/0000:00:02.0/0000:09:00.0/driver");
        Assert.Equal(["intel_iommu", "iommu", "BIOS version", "0000:04:00.0 / 0000:09:00.0 network card [15b3:1003] (mlx4_core)"],
            Differences().Select(d => d.GetProperty("subject").GetString()));
    }

    [Fact]
    public void An_archive_is_read_as_the_folder_that_was_packed_and_nothing_of_it_is_written()
    {
        Port(bad, "00:03.0", 10, acs: false);
        var outputs = new List<string>();
        foreach (string suffix in new[] { "", ".tar", ".tar.gz", ".tar.zst" })
        {
            string a = Path.Combine(folder, "good" + suffix), b = Path.Combine(folder, "bad" + suffix);
            Assert.Equal(0, Run.Kdt("host", "collect", "--root", good.Path, "-o", a).Code);
            Assert.Equal(0, Run.Kdt("host", "collect", "--root", bad.Path, "-o", b).Code);
            string[] before = [.. Directory.GetFileSystemEntries(folder).Order()];
            (int code, string output, string error) = Run.Kdt("host", "diff", a, b);
            Assert.Equal(0, code);
            Assert.Equal("", error);
            outputs.Add(output.Replace(suffix + " ", " ", StringComparison.Ordinal).Replace(suffix + "\n", "\n", StringComparison.Ordinal)
                .Replace(suffix + ",", ",", StringComparison.Ordinal));
            Assert.Equal(Run.Kdt("host", "check", "--root", good.Path).Code, Run.Kdt("host", "check", "--root", a).Code);
            Assert.Equal<string[]>(before, [.. Directory.GetFileSystemEntries(folder).Order()]);
        }
        Assert.Contains("no ACS", outputs[0], StringComparison.Ordinal);
        Assert.All(outputs, o => Assert.Equal(outputs[0], o));
    }

    [Theory]
    [InlineData("x.zip")]
    [InlineData("x.tar.xz")]
    [InlineData("x.7z")]
    public void A_collection_is_never_a_folder_with_the_name_of_an_archive(string name)
    {
        (int code, _, string error) = Run.Kdt("host", "collect", "--root", good.Path, "-o", Path.Combine(folder, name));
        Assert.Equal(2, code);
        Assert.Contains("give .tar.zst, .tar.gz, .tar, or a folder", error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder));
    }

    [Fact]
    public void A_collection_is_evidence_for_explain_under_the_names_of_its_files()
    {
        bad.File("/sys/fs/pstore/dmesg-1", "[    5.0] Kernel panic - not syncing: Fatal exception\n");
        string to = Path.Combine(folder, "case");
        Assert.Equal(0, Run.Kdt("host", "collect", "--root", bad.Path, "-o", to).Code);
        string output = Run.Kdt("explain", to).Output;
        Assert.Contains("Fatal exception", output, StringComparison.Ordinal);
        Assert.Contains("case/sys/fs/pstore/dmesg-1:1", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_collection_is_judged_by_explain_as_host_check_judges_it()
    {
        bad.File("/sys/kernel/kexec_crash_size", "0\n").File("/sys/kernel/kexec_crash_loaded", "0\n");
        foreach (string suffix in new[] { "", ".tar.gz" })
        {
            string to = Path.Combine(folder, "own" + suffix);
            Assert.Equal(0, Run.Kdt("host", "collect", "--root", bad.Path, "-o", to).Code);
            string[] check = Ids("host", "check", "--root", to, "--json");
            Assert.Contains("crashkernel-not-reserved", check);
            Assert.Empty(check.Except(Ids("explain", to, "--json")));
        }
    }

    private static string[] Ids(params string[] arguments)
    {
        using JsonDocument json = JsonDocument.Parse(Run.Kdt(arguments).Output);
        return [.. json.RootElement.GetProperty("verdict").GetProperty("findings").EnumerateArray()
            .Select(f => f.GetProperty("id").GetString()!)];
    }

    public void Dispose()
    {
        good.Dispose();
        bad.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private string Diff()
    {
        string[] collected = new[] { good, bad }.Select(m =>
        {
            string to = Path.Combine(folder, Path.GetRandomFileName());
            Assert.Equal(0, Run.Kdt("host", "collect", "--root", m.Path, "-o", to).Code);
            return to;
        }).ToArray();
        (int code, string output, string error) = Run.Kdt("host", "diff", collected[0], collected[1]);
        Assert.True(code == 0 && error.Length == 0, error);
        return output;
    }

    private JsonElement[] Differences()
    {
        string[] collected = new[] { good, bad }.Select(m =>
        {
            string to = Path.Combine(folder, Path.GetRandomFileName());
            Assert.Equal(0, Run.Kdt("host", "collect", "--root", m.Path, "-o", to).Code);
            return to;
        }).ToArray();
        return [.. JsonDocument.Parse(Run.Kdt("host", "diff", "--json", collected[0], collected[1]).Output)
            .RootElement.GetProperty("differences").EnumerateArray()];
    }

    private static void Port(TreeBuilder machine, string address, int secondary, bool acs)
    {
        var space = new byte[4096];
        Word(space, 0, 0x8086);
        Word(space, 2, 0x0e04);
        space[6] = 0x10;
        space[0x0a] = 0x04;
        space[0x0b] = 0x06;
        space[0x0e] = 1;
        space[0x19] = (byte)secondary;
        space[0x1a] = (byte)secondary;
        space[0x34] = 0x40;
        // PCI Express capability of a root port; AER, and ACS behind it where it is there.
        Word(space, 0x40, 0x0010);
        Word(space, 0x42, 0x0142);
        Word(space, 0x100, 0x0001);
        Word(space, 0x102, (acs ? 0x1400 : 0) | 2);
        if (acs)
        {
            Word(space, 0x140, Acs);
            Word(space, 0x142, 1);
            Word(space, 0x144, 0x1f);
        }
        string path = "/sys/devices/pci0000:00/0000:" + address;
        Function(machine, address, path, space, 0x060400, "pcieport");
    }

    private static void Card(TreeBuilder machine, string port, string address, int vendor, int device, int kind, string driver, int group)
    {
        var space = new byte[4096];
        Word(space, 0, vendor);
        Word(space, 2, device);
        space[0x0a] = (byte)((kind >> 8) & 0xff);
        space[0x0b] = (byte)(kind >> 16);
        Function(machine, address, $"/sys/devices/pci0000:00/0000:{port}/0000:{address}", space, kind, driver);
        Group(machine, address, port, group);
    }

    private static void Group(TreeBuilder machine, string address, string port, int group) =>
        Link(machine, $"/sys/devices/pci0000:00/0000:{port}/0000:{address}/iommu_group", $"../../../../kernel/iommu_groups/{group}");

    private static void Function(TreeBuilder machine, string address, string path, byte[] space, int kind, string driver)
    {
        machine.File(path + "/config", space).File(path + "/vendor", $"0x{space[1]:x2}{space[0]:x2}\n")
            .File(path + "/device", $"0x{space[3]:x2}{space[2]:x2}\n").File(path + "/class", $"0x{kind:x6}\n");
        Link(machine, path + "/driver", "../../../bus/pci/drivers/" + driver);
        Link(machine, "/sys/bus/pci/devices/0000:" + address, "../../.." + path["/sys".Length..]);
    }

    private static void Link(TreeBuilder machine, string path, string target)
    {
        if (new FileInfo(machine.Path + path).LinkTarget is not null)
            File.Delete(machine.Path + path);
        machine.Link(path, target);
    }

    private static void Word(byte[] space, int at, int value)
    {
        space[at] = (byte)(value & 0xff);
        space[at + 1] = (byte)((value >> 8) & 0xff);
    }
}
