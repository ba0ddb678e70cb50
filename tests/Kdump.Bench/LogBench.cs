using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Text;

namespace Kdump.Bench;

/// <summary>
/// A console log of 100 MB out of recorded ones: a machine boots, works for some thousand lines, and every fifth time leaves a report or
/// the log of a crash that was recorded. <c>log FILE</c> writes it, so that kdt itself can be timed.
/// </summary>
[MemoryDiagnoser]
public class LogBench
{
    private const int Size = 100_000_000, LinesOfWork = 3000;

    private static readonly string[] Work =
    [
        "audit: type=1400 audit(1515564630.515:5): avc:  denied  { syslog } for  pid=3348 comm=\"rsyslogd\"",
            "systemd[1]: Starting Daily apt download activities...",
        "EXT4-fs (dm-3): mounted filesystem with ordered data mode. Quota mode: none.",
            "IPv6: ADDRCONF(NETDEV_CHANGE): eth0: link becomes ready",
        "TCP: request_sock_TCP: Possible SYN flooding on port 443. Sending cookies.  Check SNMP counters.",
            "br-lan: port 2(veth1) entered blocking state",
        "perf: interrupt took too long (2503 > 2500), lowering kernel.perf_event_max_sample_rate to 79750",
            "nfs: server nas01 not responding, still trying",
        "docker0: port 1(veth9f) entered disabled state", "mlx5_core 0000:3b:00.0: Port module event: module 0, Cable plugged",
    ];

    private byte[] log = [];

    [GlobalSetup]
    public void Setup() => log = Recorded();

    /// <summary>Splitting alone: the floor of all others.</summary>
    [Benchmark(Baseline = true)]
    public long Lines()
    {
        var reader = new LineReader("log", new MemoryStream(log));
        while (reader.Next(out _))
            continue;
        return reader.Number;
    }

    [Benchmark]
    public int Crashes() => LogReading.Of("log", new MemoryStream(log), [new CrashLog()]).Crashes.Count;

    /// <summary>What <c>kdt log</c> reads for boots, crashes and the dump's story.</summary>
    [Benchmark]
    public int Whole() => LogReading.Of("log", new MemoryStream(log), [new Dmesg(), new CrashLog(), new DumpWatch(), new DeviceWaits()])
        .Crashes.Count;

    public static void Write(string path) => File.WriteAllBytes(path, Recorded());

    private static byte[] Recorded()
    {
        string fixtures = Path.Combine(RootOf(AppContext.BaseDirectory), "fixtures");
        string[] boots = Texts(Path.Combine(fixtures, "healthy"), "*.log"),
            ends = [.. Texts(Path.Combine(fixtures, "cases"), "console.log"), .. Texts(Path.Combine(fixtures, "reports"), "*.log")];
        var random = new Random(1);
        var text = new StringBuilder(Size + 1_000_000);
        for (int life = 0; text.Length < Size; life++)
        {
            string boot = boots[life % boots.Length];
            string[] said = boot.Split('\n').Select(l => l[(l.IndexOf("] ", StringComparison.Ordinal) + 1)..].TrimStart())
                .Where(l => l.Length > 0).ToArray();
            text.Append(boot).Append('\n');
            double time = 60;
            for (int i = 0; i < LinesOfWork; i++)
                text.Append(CultureInfo.InvariantCulture,
                    $"[{time += random.NextDouble() * 3,12:f6}] " +
                    $"{(i % 2 == 0 ? Work[random.Next(Work.Length)] : said[random.Next(said.Length)])}\n");
            if (life % 5 == 4)
                text.Append(ends[random.Next(ends.Length)]).Append('\n');
        }
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static string[] Texts(string folder, string pattern) =>
        Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(File.ReadAllText)
            .ToArray();

    private static string RootOf(string folder)
    {
        while (!File.Exists(Path.Combine(folder, "Kdump.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("the benchmark runs inside of the repository");
        return folder;
    }
}
