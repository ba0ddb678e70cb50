using System.Text.Json;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.ProbeReports;
using Kdump.Fleet.Questions;
using Kdump.Fleet.Scans;
using Kdump.Fleet.Stores;
using Kdump.Sources.Records;
using Kdump.Tests.Kernel;
using Kdump.Tests.Rules;

namespace Kdump.Tests.Fleet;

/// <summary>Each kind of thing that a scan takes is a record.</summary>
public sealed class SourceKindTests : IDisposable
{
    private readonly MadeUpFleet fleet = new();

    public SourceKindTests() => Directory.CreateDirectory(fleet.Logs);

    [Theory]
    [InlineData("reports/arm64-null.log", "bad-access")]
    [InlineData("field/hardware/rpi5-asm1064-malformed-tlp/log.txt", "finding")]
    [InlineData("field/hardware/lwa-117-ue-and-ghes-nvme/log.txt", "finding")]
    public void A_text_that_tells_of_trouble_is_one(string fixture, string kind)
    {
        File.Copy(Repository.Path("fixtures", fixture), Path.Combine(fleet.Logs, "text.txt"));
        using FleetStore store = fleet.Open();
        fleet.Scan(store);
        Assert.Single(FleetCrash.All(store));
        Assert.Equal(kind, store.Rows("SELECT kind FROM signatures").Single().Text(0) is "finding" ? "finding" : "bad-access");
        Assert.Equal("judged", store.Rows("SELECT state FROM inputs").Single().Text(0));
        Assert.NotEqual("", store.Rows("SELECT causes FROM crashes").Single().Text(0));
    }

    [Fact]
    public void A_report_of_the_probe_is_one()
    {
        Facts facts = ProbeFacts.Machine(driver: "virtio-pci", blockDriver: "", modules: "");
        facts.Add(new KernelState(new("/proc/cmdline", "elfcorehdr=1M", 1), "6.1.0", "elfcorehdr=1M", Capture: true, Vmcore: true, 1, null,
            1, 1, 60));
        using (FileStream file = File.Create(Path.Combine(fleet.Logs, "kdump-probe.json")))
        using (var json = new Utf8JsonWriter(file))
        {
            json.WriteStartObject();
            json.WriteString("schema", ProbeReport.Schema);
            ProbeReport.WriteJson(json, facts);
            json.WriteEndObject();
        }
        using FleetStore store = fleet.Open();
        fleet.Scan(store);
        Assert.Equal("driver-missing-in-image", store.Rows("SELECT causes FROM crashes").Single().Text(0).Split('\n')[0]);
        Assert.Equal(DumpOutcome.Lost, Assert.Single(FleetCrash.All(store)).Outcome);
    }

    /// <summary>A real dump and the log that makedumpfile took out of it; hung tasks tell neither CPU nor registers.</summary>
    [Fact]
    public void A_dump_and_its_log_are_one_crash_and_the_dump_is_there()
    {
        using var core = new RealKernelTests.Core();
        File.Copy(Repository.Path("fixtures", "dumps", "hung-task-6.1.makedumpfile.txt"), Path.Combine(fleet.Logs, "dmesg.txt"));
        using FleetStore store = fleet.Open();
        new Scan(store, "1", () => new MadeUpFleet.HereJudge(), 1).Run([fleet.Logs, core.Path]);
        FleetCrash crash = Assert.Single(FleetCrash.All(store));
        Assert.Equal((DumpOutcome.Saved, "dump", 1L), (crash.Outcome, crash.TimeFrom, store.Machines()));
    }

    public void Dispose() => fleet.Dispose();
}
