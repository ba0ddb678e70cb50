using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Rules;

namespace Kdump.Bench;

/// <summary>
/// A machine in trouble of every kind at once: six hundred findings out of one log, many of which explain others. The graph of causes must
/// cost what it has edges, not what it has pairs: below 0.15 s for all of <c>Verdict</c>.
/// </summary>
[MemoryDiagnoser]
public class VerdictBench
{
    private const int Of = 200;

    private Facts facts = new();

    [GlobalSetup]
    public void Setup()
    {
        byte[] log = Encoding.UTF8.GetBytes(Log());
        facts = LogReading.Of("log", new MemoryStream(log), [new Dmesg(), new CrashLog(), new DumpWatch(), new DeviceComplaints()]).Facts;
    }

    [Benchmark]
    public int Verdict() => Diagnosis.Model.Verdict.From(facts, RuleBook.All).Findings.Count;

    private static string Log()
    {
        var text = new StringBuilder();
        double time = 1;
        for (int i = 0; i < Of; i++)
        {
            Line(time, $"foo{i} 0000:{i:x2}:00.0: controller refused in bank {i}");
            Line(time += 1, $"foo{i}: probe of 0000:{i:x2}:00.0 failed with error -28");
        }
        for (int i = 0; i < Of; i++)
        {
            Line(time += 400, $"INFO: task w{i}:{i + 1000} blocked for more than 120 seconds.");
            Line(time, $"task:w{i} state:D stack:0 pid:{i + 1000} ppid:2 flags:0x00004000");
            Stack(time, $"hw_{i}_wait");
        }
        for (int i = 0; i < Of; i++)
        {
            Line(time += 400, $"watchdog: BUG: soft lockup - CPU#{i} stuck for 23s! [w{i}:{i + 3000}]");
            Line(time, $"CPU: {i} PID: {i + 3000} Comm: w{i} Not tainted 6.1.0 #1");
            Line(time, $"RIP: 0010:sl_{i}_spin+0x1/0x20");
            Stack(time, $"sl_{i}_do");
        }
        return text.ToString();

        void Line(double at, string message) => text.Append(CultureInfo.InvariantCulture, $"[{at,12:f6}] {message}\n");

        void Stack(double at, string function)
        {
            Line(at, "Call Trace:");
            Line(at, $" {function}+0x13a/0x350");
            Line(at, " kthread+0x1/0x20");
        }
    }
}
