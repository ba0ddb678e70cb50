using System.Globalization;
using System.Text.Json;
using Kdump.Fleet.Questions;
using Kdump.Fleet.Stores;

namespace Kdump.Tests.Fleet;

/// <summary>Logs as collectors write them: the same machines, crashes and times as from the text that they carry.</summary>
public sealed class JsonLogTests : IDisposable
{
    /// <summary>Seconds since 1970 at which the kernels started.</summary>
    private const double Start = 1793499095;

    private static readonly string[] Hosts = ["web-1", "web-2.a.example", "db-7"];

    private readonly MadeUpFleet fleet = new();

    public JsonLogTests() => Directory.CreateDirectory(fleet.Logs);

    public static TheoryData<string, int> Forms()
    {
        var all = new TheoryData<string, int>();
        foreach (string form in (string[])["journal", "journal-remote", "gelf", "loki", "loki-ns", "fluentd", "fluentd-file", "fluent-bit", "docker", "filebeat",
            "filebeat-syslog", "filebeat-nested", "bulk", "vector", "rsyslog", "export", "pretty", "verbose"])
        {
            all.Add(form, 1);
            all.Add(form, 3);
        }
        return all;
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_collectors_log_has_each_hosts_crash_with_its_time(string form, int hosts)
    {
        File.WriteAllText(Path.Combine(fleet.Logs, "all.json"), string.Concat(Lines().SelectMany(l => Hosts[..hosts].Select((h, i) =>
            Carried(form, h, l.Time > 50 ? l.Time + (i * 7.25) : l.Time, l.Text.Replace("PID: 8", $"PID: {8 + i}", StringComparison.Ordinal)) + "\n"))));
        FleetCrash[] crashes = Scan();
        Assert.Equal(Hosts[..hosts].Order(StringComparer.Ordinal), crashes.Select(c => c.Machine).Order(StringComparer.Ordinal));
        Assert.All(crashes, c => Assert.Equal("BUG: unable to handle kernel NULL pointer dereference in i40e_clean_rx_irq", c.Title));
        // The line of syslog within has its own date, which tells no zone.
        if (form == "filebeat-syslog")
            return;
        Assert.All(crashes, c => Assert.Equal((long)(Start + 100 + (Array.IndexOf(Hosts, c.Machine) * 7.25)), c.Time));
        Assert.All(crashes, c => Assert.Equal("log", c.TimeFrom));
    }

    /// <summary>The host's own log beside the collector's: one crash.</summary>
    [Theory]
    [InlineData("journal")]
    [InlineData("gelf")]
    [InlineData("filebeat")]
    [InlineData("export")]
    public void A_collectors_log_and_the_hosts_own_are_one_crash(string form)
    {
        File.WriteAllLines(Path.Combine(fleet.Logs, "all.json"), Lines().Select(l => Carried(form, "web-1", l.Time, l.Text)));
        File.WriteAllLines(Path.Combine(fleet.Logs, "web-1.log"), Lines().Select(l => string.Create(CultureInfo.InvariantCulture,
            $"{Date(l.Time)} web-1 kernel: [{l.Time,12:f6}] {l.Text}")));
        Assert.Equal("web-1", Assert.Single(Scan()).Machine);
    }

    /// <summary>A collector's own host, a container's, and a host that is only spoken of, are not the one that crashed.</summary>
    [Theory]
    [InlineData("""{"agent":{"hostname":"collector","name":"collector"},"@timestamp":"@T","host":{"name":"web-1"},"message":"@M"}""", "web-1")]
    [InlineData("""{"@timestamp":"@T","beat":{"hostname":"collector"},"host":"web-1","message":"@M"}""", "web-1")]
    [InlineData("""{"observer":{"hostname":"collector"},"host":{"ip":["10.0.0.1"],"hostname":"web-1"},"@timestamp":"@T","message":"@M"}""", "web-1")]
    [InlineData("""{"kubernetes":{"pod":{"name":"x"}},"host":{"os":{"name":"Debian"},"name":"web-1"},"@timestamp":"@T","message":"@M"}""", "web-1")]
    [InlineData("""{"log":"[@S] @M\n","stream":"stdout","time":"@T"}""", null)]
    [InlineData("@T stdout F [@S] @M", null)]
    [InlineData("""{"agent":{"hostname":"collector"},"@timestamp":"@T","message":"@M"}""", null)]
    public void The_host_that_wrote_the_line_is_the_machine(string form, string? host)
    {
        File.WriteAllLines(Path.Combine(fleet.Logs, "all.json"), Lines().Select(l => form.Replace("@T", Date(l.Time), StringComparison.Ordinal)
            .Replace("@S", l.Time.ToString("f6", CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("@M", form[0] == '{' ? JsonEncodedText.Encode(l.Text).ToString() : l.Text, StringComparison.Ordinal)));
        FleetCrash crash = Assert.Single(Scan());
        Assert.Equal(host ?? "?", host is null ? crash.Machine[..1] : crash.Machine);
        Assert.Contains("i40e_clean_rx_irq", crash.Title, StringComparison.Ordinal);
        Assert.Equal((long)Start + 100, crash.Time);
    }

    public void Dispose() => fleet.Dispose();

    private FleetCrash[] Scan()
    {
        using FleetStore store = fleet.Open();
        fleet.Scan(store);
        return [.. FleetCrash.All(store)];
    }

    private (double Time, string Text)[] Lines()
    {
        string path = fleet.Log("x", MadeUpFleet.Chain, name: "made.log");
        string[] lines = File.ReadAllLines(path);
        File.Delete(path);
        return [.. lines.Select(l => l[(l.IndexOf("kernel: [", StringComparison.Ordinal) + 9)..]).Select(l =>
            (double.Parse(l[..l.IndexOf(']', StringComparison.Ordinal)], CultureInfo.InvariantCulture), l[(l.IndexOf(']', StringComparison.Ordinal) + 2)..]))];
    }

    private static string Date(double time) => DateTime.UnixEpoch.AddSeconds(Start + time).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    private static string Carried(string form, string host, double time, string text)
    {
        string m = JsonEncodedText.Encode(text).ToString(), date = Date(time), real = $"{(long)Math.Round((Start + time) * 1e6)}", mono = $"{(long)Math.Round(time * 1e6)}";
        string stamped = string.Create(CultureInfo.InvariantCulture, $"[{time,12:f6}] {m}");
        return form switch
        {
            "journal" => $$"""{"__CURSOR":"s=1;i=2","__REALTIME_TIMESTAMP":"{{real}}","__MONOTONIC_TIMESTAMP":"{{mono}}","_TRANSPORT":"kernel","PRIORITY":"3","SYSLOG_IDENTIFIER":"kernel","MESSAGE":"{{m}}","_SOURCE_MONOTONIC_TIMESTAMP":"{{mono}}","_HOSTNAME":"{{host}}"}""",
            "journal-remote" => $$"""{"_HOSTNAME":"{{host}}","MESSAGE":"{{m}}","_TRANSPORT":"kernel","__REALTIME_TIMESTAMP":"{{real}}"}""",
            "gelf" => string.Create(CultureInfo.InvariantCulture, $$"""{"version":"1.1","host":"{{host}}","short_message":"{{m}}","timestamp":{{Start + time:f6}},"level":3,"_facility":"kern"}"""),
            "loki" => $$"""{"labels":{"host":"{{host}}","job":"systemd-journal"},"line":"{{m}}","timestamp":"{{date}}"}""",
            "loki-ns" => $$"""{"stream":{"host":"{{host}}"},"ts":"{{real}}000","line":"{{m}}"}""",
            "fluentd" => $$"""{"time":"{{date}}","tag":"kern","hostname":"{{host}}","message":"{{m}}"}""",
            "fluentd-file" => date + "\tkernel." + host + "\t" + $$"""{"host":"{{host}}","ident":"kernel","message":"{{m}}"}""",
            "fluent-bit" => string.Create(CultureInfo.InvariantCulture, $$"""{"date":{{Start + time:f6}},"host":"{{host}}","ident":"kernel","message":"{{m}}"}"""),
            "docker" => $$"""{"log":"{{m}}\n","stream":"stdout","attrs":{"hostname":"{{host}}"},"time":"{{date}}"}""",
            "filebeat" => $$$"""{"@timestamp":"{{{date}}}","@metadata":{"beat":"filebeat"},"message":"{{{m}}}","host":{"name":"{{{host}}}"},"agent":{"type":"filebeat","name":"collector","hostname":"collector"},"log":{"offset":1}}""",
            "filebeat-syslog" => $$$"""{"@timestamp":"{{{date}}}","message":"Nov  1 02:11:35 {{{host}}} kernel: {{{stamped}}}","host":{"name":"{{{host}}}"},"agent":{"name":"collector"}}""",
            "filebeat-nested" => $$$"""{"_index":"x","_id":"1","_source":{"agent":{"name":"collector"},"@timestamp":"{{{date}}}","host":{"name":"{{{host}}}"},"message":"{{{m}}}"}}""",
            "bulk" => $$$"""{"index":{"_index":"logs"}}{{{"\n"}}}{"@timestamp":"{{{date}}}","host":{"hostname":"{{{host}}}"},"message":"{{{m}}}"}""",
            "vector" => $$"""{"appname":"kernel","facility":"kern","host":"{{host}}","message":"{{m}}","severity":"err","timestamp":"{{date}}"}""",
            "rsyslog" => $$"""{"timereported":"{{date}}","hostname":"{{host}}","syslogtag":"kernel:","msg":" {{stamped}}"}""",
            "export" => $"__CURSOR=s=1\n__REALTIME_TIMESTAMP={real}\n_TRANSPORT=kernel\nSYSLOG_IDENTIFIER=kernel\nMESSAGE={text}\n_HOSTNAME={host}\nPRIORITY=3\n_SOURCE_MONOTONIC_TIMESTAMP={mono}\n",
            "pretty" => $$"""
                {
                    "__CURSOR" : "s=1",
                    "__REALTIME_TIMESTAMP" : "{{real}}",
                    "_SOURCE_MONOTONIC_TIMESTAMP" : "{{mono}}",
                    "_TRANSPORT" : "kernel",
                    "MESSAGE" : "{{m}}",
                    "_HOSTNAME" : "{{host}}"
                }
                """,
            _ => $"{DateTime.UnixEpoch.AddSeconds(Start + time):ddd yyyy-MM-dd HH:mm:ss.ffffff} UTC [s=1;i=2;b=3]\n    _TRANSPORT=kernel\n    PRIORITY=3\n    _HOSTNAME={host}\n" +
                $"    _SOURCE_MONOTONIC_TIMESTAMP={mono}\n    __REALTIME_TIMESTAMP={real}\n    MESSAGE={text}",
        };
    }
}
