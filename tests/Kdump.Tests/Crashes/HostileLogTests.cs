using System.Text;
using Kdump.Diagnosis.Crashes;
using Kdump.Sources.Inputs;

namespace Kdump.Tests.Crashes;

/// <summary>Any bytes at all: no exception, bounded results.</summary>
public sealed class HostileLogTests
{
    [Fact]
    public void Damaged_reports_never_throw()
    {
        byte[] whole = Encoding.ASCII.GetBytes(
            Samples.Boot + Samples.Oops + Samples.Warning + Samples.SoftLockup + Samples.RcuStall + Samples.HungTask + Samples.HardLockup +
            Samples.CaptureBoot);
        var random = new Random(20260901);
        for (int round = 0; round < 400; round++)
        {
            byte[] log = [.. whole];
            for (int i = 0; i < 1 + (round % 40); i++)
                log[random.Next(log.Length)] = (byte)random.Next(256);
            int from = random.Next(log.Length), length = random.Next(log.Length - from);
            Read(round % 3 == 0 ? log[from..(from + length)] : log);
        }
    }

    [Fact]
    public void Cut_and_glued_lines_never_throw()
    {
        string[] lines = (Samples.Oops + Samples.Warning + Samples.RcuStall).Split('\n');
        var random = new Random(20260902);
        for (int round = 0; round < 300; round++)
        {
            var log = new StringBuilder();
            for (int i = 0; i < 60; i++)
            {
                string line = lines[random.Next(lines.Length)];
                log.Append(line, 0, random.Next(line.Length + 1)).Append(random.Next(4) == 0 ? "" : "\n");
            }
            Read(Encoding.Latin1.GetBytes(log.ToString()));
        }
    }

    [Fact]
    public void A_line_of_headings_only_is_read_in_no_time()
    {
        string line = string.Concat(Enumerable.Repeat("WARNING: a at BUG: Dentry still in use INFO: task x ", 400));
        Assert.True(Read(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(line + "\n", 300)))).Crashes.Count <= CrashLog.MaxCrashes);
    }

    [Fact]
    public void A_thousand_open_reports_are_bounded()
    {
        var log = new StringBuilder();
        for (int i = 0; i < 5000; i++)
            log.Append($"[  100.000001][ T{i}] BUG: kernel NULL pointer dereference, address: 0\n");
        Assert.True(Read(Encoding.ASCII.GetBytes(log.ToString())).Crashes.Count <= CrashLog.MaxCrashes);
    }

    private static LogReading Read(byte[] log) => LogReading.Of("log", new MemoryStream(log), TextParsers.Create());
}
