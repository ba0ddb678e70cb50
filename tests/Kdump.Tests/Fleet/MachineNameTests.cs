using Kdump.Cli.Terminals;
using Kdump.Fleet.Questions;
using Kdump.Fleet.Scans;
using Kdump.Fleet.Stores;
using Kdump.FleetCli;

namespace Kdump.Tests.Fleet;

/// <summary>By what a machine is known, and by what not.</summary>
public sealed class MachineNameTests : IDisposable
{
    private readonly MadeUpFleet fleet = new();

    [Theory]
    [InlineData("web-17.a.example web-17.b.example", "web-17.a.example web-17.b.example", 2)]
    [InlineData("web-17.a.example WEB-17.A.Example", "web-17.a.example", 1)]
    [InlineData("web-17 web-17", "web-17", 1)]
    [InlineData("web-17.localdomain web-17", "web-17", 1)]
    [InlineData("web-17.a.example web-17", "web-17.a.example", 1)]
    public void A_host_in_two_domains_is_two_machines(string hosts, string machines, int crashes)
    {
        foreach ((int i, string host) in hosts.Split(' ').Index())
            fleet.Log(host, MadeUpFleet.Chain, name: $"{i}.log");
        using FleetStore store = fleet.Open();
        ScanState end = fleet.Scan(store);
        Assert.Equal(machines.Split(' '), store.Rows("SELECT machine FROM machines WHERE same_as IS NULL ORDER BY machine").Select(r =>
            r.Text(0)));
        Assert.Equal(crashes, end.Crashes);
        Assert.Equal(new ShortNames(0, hosts == "web-17.a.example web-17" ? 1 : 0, 0), ShortNames.In(store));
    }

    [Fact]
    public void Lines_of_one_file_with_a_host_in_two_domains_are_two_machines()
    {
        string[] a = File.ReadAllLines(fleet.Log("web-17.a.example", MadeUpFleet.Chain)), b = File.ReadAllLines(
            fleet.Log("web-17.b.example", "xfs_buf_item_relse xfs_buf_ioend process_one_work worker_thread kthread",
                firmware: "1.0 01/02/2020"));
        Directory.Delete(fleet.Logs, recursive: true);
        Directory.CreateDirectory(fleet.Logs);
        File.WriteAllLines(Path.Combine(fleet.Logs, "all.log"), a.Zip(b).SelectMany(l => new[] { l.First, l.Second }));
        using FleetStore store = fleet.Open();
        fleet.Scan(store);
        Assert.Equal(["web-17.a.example", "web-17.b.example"],
            store.Rows("SELECT machine FROM crashes ORDER BY machine").Select(r => r.Text(0)));
    }

    [Fact]
    public void A_dump_folder_whose_files_name_the_host_with_and_without_its_domain_is_one_machine()
    {
        string folder = Directory.CreateDirectory(Path.Combine(fleet.Logs, "crash")).FullName;
        File.Move(fleet.Log("web-17.a.example", MadeUpFleet.Chain), Path.Combine(folder, "vmcore-dmesg.txt"));
        File.Move(fleet.Log("web-17", MadeUpFleet.Chain), Path.Combine(folder, "messages"));
        using FleetStore store = fleet.Open();
        Assert.Equal((1, 1), (fleet.Scan(store).Crashes, store.Count("SELECT COUNT(*) FROM machines")));
        Assert.Equal("web-17.a.example", Assert.Single(FleetCrash.All(store)).Machine);
    }

    [Fact]
    public void A_host_that_only_full_names_begin_with_is_answered_by_them()
    {
        fleet.Log("web-17.a.example", MadeUpFleet.Chain);
        using (FleetStore store = fleet.Open())
            fleet.Scan(store);
        var text = new StringWriter();
        Assert.Equal(0, KdtFleet.Run(["machine", fleet.Store, "Web-17"], text, TextWriter.Null, () => Stream.Null, Terminal.Plain));
        Assert.StartsWith("web-17.a.example\n", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("  2 modules: bonding xfs", text.ToString().Replace("3 modules: bonding i40e xfs", "2 modules: bonding xfs",
            StringComparison.Ordinal), StringComparison.Ordinal);
        fleet.Log("web-17.b.example", MadeUpFleet.Chain);
        using (FleetStore store = fleet.Open())
            fleet.Scan(store);
        var error = new StringWriter();
        Assert.Equal(2, KdtFleet.Run(["machine", fleet.Store, "web-17"], TextWriter.Null, error, () => Stream.Null, Terminal.Plain));
        Assert.Contains("no input mentions it by this name alone; there are web-17.a.example, web-17.b.example", error.ToString(),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DMI: Memory slots populated: 1/2", null, null)]
    [InlineData("DMI: Firmware registration failed.", null, null)]
    [InlineData("DMI: DMI not present or invalid.", null, null)]
    [InlineData("DMI:  /, BIOS  ", null, null)]
    [InlineData("DMI: ACME Box 3/0X1, BIOS 1.2 03/04/2023 [    0.0] Hypervisor detected", "ACME Box 3", "1.2 03/04/2023")]
    [InlineData("DMI: QEMU Standard PC (Q35 + ICH9, 2009), BIOS 1.16.2-1 04/01/2014", "QEMU Standard PC (Q35 + ICH9, 2009)",
        "1.16.2-1 04/01/2014")]
    [InlineData("Hardware name: Raspberry Pi 4 Model B Rev 1.4 (DT)", "Raspberry Pi 4 Model B Rev 1.4", null)]
    [InlineData("Hardware name: IBM 3906 M04 704 (LPAR)", "IBM 3906 M04 704 (LPAR)", null)]
    [InlineData("my-daemon: DMI: ACME Box 3/0X1, BIOS 1.2 03/04/2023", null, null)]
    public void Only_the_lines_that_name_a_model_name_one(string line, string? model, string? firmware)
    {
        string log = fleet.Log("web-1", MadeUpFleet.Chain);
        File.WriteAllLines(log, File.ReadAllLines(log).Select(l => l.Contains("DMI: ", StringComparison.Ordinal)
            ? l[..l.IndexOf("DMI: ", StringComparison.Ordinal)] + line : l));
        using FleetStore store = fleet.Open();
        fleet.Scan(store);
        Assert.Equal(model, Value("model"));
        Assert.Equal(firmware, Value("firmware"));
        Assert.Equal(model, store.Rows("SELECT model FROM machines").Single().TextOrNull(0));

        string? Value(string name) => store.Rows("SELECT value FROM traits WHERE name = @name", ("name", name)).Select(r =>
            r.Text(0)).SingleOrDefault();
    }

    public void Dispose() => fleet.Dispose();
}
