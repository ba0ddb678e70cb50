using System.Text;
using System.Text.Json;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Evidence.Pci;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.ProbeReports;
using Kdump.Diagnosis.Rules;
using Kdump.Tests.Rules;

namespace Kdump.Tests.Evidence;

public sealed class ProbeReportInputTests
{
    [Fact]
    public void The_JSON_of_the_probe_comes_back_as_the_same_facts()
    {
        Facts facts = ProbeFacts.Machine(driver: "virtio-pci", blockDriver: "", modules: "");
        facts.Add(new KernelState(new("/proc/cmdline", "elfcorehdr=1M", 1), "6.1.0", "elfcorehdr=1M", Capture: true, Vmcore: true, 1, null,
            1, 1, 60));
        Facts read = Explained.Facts(Json(facts));
        Assert.Equal("virtio0", Assert.Single(read.Of<BusDevice>()).Name);
        Assert.True(Assert.Single(read.Of<DeviceWait>()).Boot!.Capture);
        Verdict verdict = Verdict.From(read, RuleBook.All);
        Assert.Equal("driver-missing-in-image:virtio0", Assert.Single(verdict.RootCauses).Key);
    }

    [Fact]
    public void Its_lines_come_back_out_of_a_console_log()
    {
        Facts facts = ProbeFacts.Machine(driver: "virtio-pci", blockDriver: "", modules: "");
        var console = new StringBuilder(Explained.CaptureBoot);
        foreach (string line in ProbeReport.Lines(facts, 100))
            console.Append("[   63.000000] ").Append(line).Append('\n');
        Facts read = Explained.Facts(console.ToString());
        Assert.Equal("virtio0", Assert.Single(read.Of<BusDevice>()).Name);
        Assert.True(Assert.Single(read.Of<PciFunction>()).Boot!.Capture);
    }

    [Theory]
    [InlineData("{\"schema\": \"kdump-probe.report/1\", \"kernel\": {\"kernel\": [{\"relea")]
    [InlineData("{\"schema\": \"kdump-probe.report/1\", \"kernel\": 5, \"devices\": {\"pci\": [3, null, {\"bdf\": 7}], \"block\": {}}}")]
    [InlineData("{\"schema\": \"kdump-probe.report/2\"}")]
    public void A_torn_or_odd_report_gives_less_and_no_exception(string json)
    {
        Verdict verdict = Verdict.From(Explained.Facts(json), RuleBook.All);
        Assert.False(verdict.Bad);
    }

    private static byte[] Json(Facts facts)
    {
        var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("schema", ProbeReport.Schema);
            ProbeReport.WriteJson(json, facts);
            json.WriteEndObject();
        }
        return stream.ToArray();
    }
}
