using Kdump.Fleet.Questions;
using Kdump.Fleet.Scans;
using Kdump.Fleet.Stores;
using Kdump.Sources.Records;

namespace Kdump.Tests.Fleet;

/// <summary>What a record tells of its machine beside the crash.</summary>
public sealed class RecordTests : IDisposable
{
    private const string Id = "0123456789abcdef0123456789abcdef";

    private readonly MadeUpFleet fleet = new();

    [Theory]
    [InlineData("_MACHINE_ID=" + Id, "machine id", Id)]
    [InlineData("  _MACHINE_ID=0123456789ABCDEF0123456789ABCDEF", "machine id", Id)]
    [InlineData("{\"MESSAGE\":\"x\",\"_MACHINE_ID\" : \"" + Id + "\"}", "machine id", Id)]
    [InlineData("      Machine ID: " + Id, "machine id", Id)]
    [InlineData("web-1 kernel: [    0.000000] Command line: ro systemd.machine_id=" + Id + " quiet", "machine id", Id)]
    [InlineData("_BOOT_ID=01234567-89ab-cdef-0123-456789abcdef", "boot id", Id)]
    [InlineData("         Boot ID: " + Id, "boot id", Id)]
    [InlineData("_MACHINE_ID=0123456789abcdef", "machine id", null)]
    [InlineData("_MACHINE_ID=00000000000000000000000000000000", "machine id", null)]
    [InlineData("_MACHINE_ID=" + Id + "0", "machine id", null)]
    [InlineData("System Information\n\tManufacturer: ACME\n\tSerial Number: CZ3J4K", "serial", "CZ3J4K")]
    [InlineData("System Information\n\tSerial Number: Not Specified", "serial", null)]
    [InlineData("System Information\n\tSerial Number: 0", "serial", null)]
    [InlineData("System Information\n\tSerial Number: xxxxxxxx", "serial", null)]
    [InlineData("System Information\n\tManufacturer: ACME\n\nBase Board Information\n\tSerial Number: CZ3J4K", "serial", null)]
    [InlineData("Memory Device\n\tSerial Number: CZ3J4K", "serial", null)]
    [InlineData("PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"", "distribution", "Debian GNU/Linux 12 (bookworm)")]
    [InlineData("  Operating System: Rocky Linux 9.3 (Blue Onyx)", "distribution", "Rocky Linux 9.3 (Blue Onyx)")]
    [InlineData("2026-11-01T02:11:35.000000+00:00 web-1 kernel: [    1.000000] systemd[1]: Welcome to Fedora Linux 40 (Server Edition)!",
        "distribution", "Fedora Linux 40 (Server Edition)")]
    [InlineData("Welcome to Fedora Linux 40 dracut-059-22.fc40 (Initramfs)!", "distribution", null)]
    [InlineData("Welcome to the machine!", "distribution", null)]
    [InlineData("Welcome to ", "distribution", null)]
    public void Lines_that_name_a_machine_or_its_distribution_are_its_traits(string lines, string name, string? value)
    {
        string log = fleet.Log("web-1", MadeUpFleet.Chain);
        File.AppendAllText(log, "\n" + lines + "\n");
        MachineRecord machine = Assert.Single(RecordMaker.Of([log]).Machines);
        Assert.Equal(value, machine.Traits.Where(t => t.Key == name).Select(t => t.Value).SingleOrDefault());
    }

    [Fact]
    public void Hardware_that_the_cause_names_stands_in_the_record_and_with_a_key_only_addresses()
    {
        string log = fleet.Log("web-1");
        File.AppendAllLines(log, new[]
        {
            "pcieport 0000:3a:00.0: AER: Uncorrected (Fatal) error received: 0000:3b:00.0",
            "nvme 0000:3b:00.0: PCIe Bus Error: severity=Uncorrected (Fatal), type=Transaction Layer, (Receiver ID)",
            "nvme 0000:3b:00.0:   device [144d:a824] error status/mask=00040000/04400000",
            "nvme 0000:3b:00.0:    [18] MalfTLP                (First)",
            "nvme 0000:3b:00.0: AER: can't recover (no error_detected callback)",
            "pcieport 0000:3a:00.0: AER: device recovery failed",
        }.Select((l, i) => $"2026-11-01T02:11:36.00000{i}+00:00 web-1 kernel: [  200.00000{i}] {l}"));
        CrashRecord crash = Assert.Single(RecordMaker.Of([log]).Crashes);
        Assert.Contains("0000:3b:00.0", crash.Hardware);
        Assert.NotEmpty(crash.Fixes);
        Assert.Equal(crash.Fix, crash.Fixes[0]);
        var withDisk = new Judged([], [], [crash with { Hardware = ["0000:3b:00.0", "DIMM_of_bob"] }]);
        CrashRecord redacted = new Redaction("a key of some length").Of(withDisk).Crashes[0];
        Assert.Equal("0000:3b:00.0", redacted.Hardware[0]);
        Assert.StartsWith("#", redacted.Hardware[1], StringComparison.Ordinal);
        using FleetStore store = fleet.Open();
        fleet.Scan(store);
        FleetCrash stored = Assert.Single(FleetCrash.All(store));
        Assert.Contains("0000:3b:00.0", stored.Hardware!, StringComparison.Ordinal);
        Assert.Equal(crash.Fixes, stored.Fixes);
    }

    [Fact]
    public void What_only_tells_machines_apart_is_no_suspect()
    {
        for (int i = 1; i <= 12; i++)
        {
            string log = fleet.Log($"web-{i}", i <= 6 ? MadeUpFleet.Chain : null);
            File.AppendAllText(log,
                $"\n_MACHINE_ID={(i <= 6 ? Id : Id.Replace('0', '9'))}\nSystem Information\n\tSerial Number: " +
                $"{(i <= 6 ? "A1B2" : "C3D4")}\n");
        }
        using FleetStore store = fleet.Open();
        fleet.Scan(store);
        Suspects suspects = Suspects.Of(store, Assert.Single(TopClusters.Of(store, 5)).Id);
        Assert.DoesNotContain(suspects.Found, s => s.Name is "machine id" or "serial" or "boot id");
    }

    public void Dispose() => fleet.Dispose();
}
