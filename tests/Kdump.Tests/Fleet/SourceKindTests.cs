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
    [InlineData("field/hardware/07-mcelog-bank11-cache/log.txt", "finding")]
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

    /// <summary>A real dump, the log that makedumpfile took out of it, and that log as dmesg -t prints it.</summary>
    [Fact]
    public void A_dump_its_log_and_the_log_without_times_are_one_crash_and_the_dump_is_there()
    {
        using var core = new RealKernelTests.Core();
        string log = File.ReadAllText(Repository.Path("fixtures", "dumps", "hung-task-6.1.makedumpfile.txt"));
        File.WriteAllText(Path.Combine(fleet.Logs, "a.txt"), log);
        File.WriteAllLines(Path.Combine(fleet.Logs, "b.txt"),
            log.Split('\n').Select(l => l.StartsWith('[') ? l[(l.IndexOf(']', StringComparison.Ordinal) + 2)..] : l));
        using FleetStore store = fleet.Open();
        new Scan(store, "1", () => new MadeUpFleet.HereJudge(), 1).Run([fleet.Logs, core.Path]);
        FleetCrash crash = Assert.Single(FleetCrash.All(store));
        Assert.True(crash.Outcome is DumpOutcome.Saved or DumpOutcome.Incomplete, $"{crash.Outcome}");
        Assert.Equal("dump", crash.TimeFrom);
        Assert.Equal(1, store.Machines());
    }

    public void Dispose() => fleet.Dispose();
}
