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
        foreach (string form in Written.Split('\n').Select(l => l.Split(' ')[0]))
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
            Carried(form, h, l.Time > 50 ? l.Time + (i * 7.25) : l.Time,
                l.Text.Replace("PID: 8", $"PID: {8 + i}", StringComparison.Ordinal)) + "\n"))));
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
    [InlineData("""{"agent":{"hostname":"collector","name":"collector"},"@timestamp":"@T","host":{"name":"web-1"},"message":"@M"}""",
        "web-1")]
    [InlineData("""{"@timestamp":"@T","beat":{"hostname":"collector"},"host":"web-1","message":"@M"}""", "web-1")]
    [InlineData("""{"observer":{"hostname":"collector"},"host":{"ip":["10.0.0.1"],"hostname":"web-1"},"@timestamp":"@T","message":"@M"}""",
        "web-1")]
    [InlineData("""{"kubernetes":{"pod":{"name":"x"}},"host":{"os":{"name":"Debian"},"name":"web-1"},"@timestamp":"@T","message":"@M"}""",
        "web-1")]
    [InlineData("""{"log":"[@S] @M\n","stream":"stdout","time":"@T"}""", null)]
    [InlineData("""{"_HOSTNAME":"web-1","_BOOT_ID":"8f1b6a4a1c0d4a5e9a54d2b6b1e9c001","__CURSOR":"s=5c1b3f0a2e5d4b7f8a9c0d1e2f3a4b5c;""" +
        """i=3f2a;b=8f1b6a4a1c0d4a5e9a54d2b6b1e9c001;m=1423f;t=62637a1b2c3d4","_MACHINE_ID":"0d1c2b3a4f5e60718293a4b5c6d7e8f9","_TR""" +
        """ANSPORT":"kernel","SYSLOG_IDENTIFIER":"kernel","PRIORITY":"2","MESSAGE":"@M","@timestamp":"@T"}""",
        "web-1")]
    [InlineData("@T stdout F [@S] @M", null)]
    [InlineData("""{"agent":{"hostname":"collector"},"@timestamp":"@T","message":"@M"}""", null)]
    public void The_host_that_wrote_the_line_is_the_machine(string form, string? host)
    {
        File.WriteAllLines(Path.Combine(fleet.Logs, "all.json"),
            Lines().Select(l => form.Replace("@T", Date(l.Time), StringComparison.Ordinal)
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
            (double.Parse(l[..l.IndexOf(']', StringComparison.Ordinal)], CultureInfo.InvariantCulture),
                l[(l.IndexOf(']', StringComparison.Ordinal) + 2)..]))];
    }

    private static string Date(double time) => DateTime.UnixEpoch.AddSeconds(Start + time).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'",
        CultureInfo.InvariantCulture);

    /// <summary>H: host, M: message, S: the same behind the kernel's stamp, T: date, E: seconds since 1970, R: microseconds since
    /// then, U: since the start of the kernel, N: end of a line.</summary>
    private const string Written = """
        journal {"__CURSOR":"s=1;i=2","__REALTIME_TIMESTAMP":"@R","__MONOTONIC_TIMESTAMP":"@U","_TRANSPORT":"kernel","PRIORITY":"3","SYSLOG_IDENTIFIER":"kernel","MESSAGE":"@M","_SOURCE_MONOTONIC_TIMESTAMP":"@U","_HOSTNAME":"@H"}
        journal-remote {"_HOSTNAME":"@H","MESSAGE":"@M","_TRANSPORT":"kernel","__REALTIME_TIMESTAMP":"@R"}
        gelf {"version":"1.1","host":"@H","short_message":"@M","timestamp":@E,"level":3,"_facility":"kern"}
        loki {"labels":{"host":"@H","job":"systemd-journal"},"line":"@M","timestamp":"@T"}
        loki-ns {"stream":{"host":"@H"},"ts":"@R000","line":"@M"}
        fluentd {"time":"@T","tag":"kern","hostname":"@H","message":"@M"}
        fluentd-file @T	kernel.@H	{"host":"@H","ident":"kernel","message":"@M"}
        fluent-bit {"date":@E,"host":"@H","ident":"kernel","message":"@M"}
        docker {"log":"@M\n","stream":"stdout","attrs":{"hostname":"@H"},"time":"@T"}
        filebeat {"@timestamp":"@T","@metadata":{"beat":"filebeat"},"message":"@M","host":{"name":"@H"},"agent":{"type":"filebeat","name":"collector","hostname":"collector"},"log":{"file":{"path":"/var/log/kern.log"}}}
        filebeat-syslog {"@timestamp":"@T","message":"Nov  1 02:11:35 @H kernel: @S","host":{"name":"@H"},"agent":{"name":"collector"}}
        filebeat-nested {"_index":"x","_id":"1","_source":{"agent":{"name":"collector"},"@timestamp":"@T","host":{"name":"@H"},"message":"@M"}}
        bulk {"index":{"_index":"logs"}}@N{"@timestamp":"@T","host":{"hostname":"@H"},"message":"@M"}
        vector {"appname":"kernel","facility":"kern","host":"@H","message":"@M","severity":"err","timestamp":"@T"}
        rsyslog {"timereported":"@T","hostname":"@H","syslogtag":"kernel:","msg":" @S"}
        export __CURSOR=s=1@N__REALTIME_TIMESTAMP=@R@N_TRANSPORT=kernel@NSYSLOG_IDENTIFIER=kernel@NMESSAGE=@P@N_HOSTNAME=@H@NPRIORITY=3@N_SOURCE_MONOTONIC_TIMESTAMP=@U@N
        pretty {@N    "__CURSOR" : "s=1",@N    "__REALTIME_TIMESTAMP" : "@R",@N    "_SOURCE_MONOTONIC_TIMESTAMP" : "@U",@N    "_TRANSPORT" : "kernel",@N    "MESSAGE" : "@M",@N    "_HOSTNAME" : "@H"@N}
        verbose @D UTC [s=1;i=2;b=3]@N    _TRANSPORT=kernel@N    PRIORITY=3@N    _HOSTNAME=@H@N    _SOURCE_MONOTONIC_TIMESTAMP=@U@N    __REALTIME_TIMESTAMP=@R@N    MESSAGE=@P
        """;

    private static string Carried(string form, string host, double time, string text)
    {
        string line = Written.Split('\n').Single(l => l.StartsWith(form + " ", StringComparison.Ordinal))[(form.Length + 1)..];
        string m = JsonEncodedText.Encode(text).ToString();
        (string Mark, string Value)[] values =
        [
            ("@timestamp", "\u0001timestamp"), ("@metadata", "\u0001metadata"), ("@H", host), ("@T", Date(time)),
            ("@E", (Start + time).ToString("f6", CultureInfo.InvariantCulture)), ("@R", $"{(long)Math.Round((Start + time) * 1e6)}"),
            ("@U", $"{(long)Math.Round(time * 1e6)}"), ("@N", "\n"), ("@D", DateTime.UnixEpoch.AddSeconds(Start + time)
                .ToString("ddd yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture)),
            ("@S", string.Create(CultureInfo.InvariantCulture, $"[{time,12:f6}] {m}")), ("@M", m), ("@P", text), ("\u0001", "@"),
        ];
        return values.Aggregate(line, (l, v) => l.Replace(v.Mark, v.Value, StringComparison.Ordinal));
    }
}
