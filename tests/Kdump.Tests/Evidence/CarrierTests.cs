using System.Text;
using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;
using Kdump.Sources.Inputs;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Evidence;

/// <summary>What carries a log changes nothing in what it says.</summary>
public sealed class CarrierTests
{
    private static readonly string[] logs =
        ["pointer-overwritten", "write-to-constant", "soft-lockup", "hung-task", "rcu-stall", "list-corruption"];

    private static readonly Dictionary<string, (string Findings, string Crashes)> bare = logs.ToDictionary(l => l,
        l => Told(Carriers.Bare(Lines(l))));

    public static TheoryData<string, string> All
    {
        get
        {
            var all = new TheoryData<string, string>();
            foreach (string carrier in Carriers.Names)
            {
                foreach (string log in logs)
                    all.Add(carrier, log);
            }
            return all;
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_log_tells_the_same_in_every_carrier(string carrier, string log)
    {
        (string findings, string crashes) = Told(Carriers.Carry(carrier, Lines(log)));
        Assert.Equal(bare[log].Findings, findings);
        Assert.Equal(bare[log].Crashes, crashes);
    }

    [Theory]
    [InlineData("Unpacking initramfs...<0>Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)")]
    [InlineData("panic: runtime e[ 1250.790778] Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000200")]
    [InlineData("Freeing initrd memory: 1k freed.Kernel panic - not syncing: Attempted to kill init!")]
    public void A_panic_behind_an_unfinished_line_is_a_line_of_its_own(string text)
    {
        Assert.Contains(Messages(text), m => m.StartsWith("Kernel panic - not syncing: ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("the answer was \"Kernel panic - not syncing: VFS\" and no more")]
    [InlineData("[   12.345678] echo of Kernel panic - not syncing in a sentence")]
    public void A_sentence_that_names_a_panic_stays_whole(string text)
    {
        Assert.Single(Messages(text));
    }

    [Fact]
    public void A_line_is_quoted_as_it_stands_in_the_input()
    {
        string text = Carriers.Carry("talos", Lines("pointer-overwritten"));
        Crash crash = Assert.Single(Read(text).Crashes);
        Assert.Contains(crash.Source.Text, text.Split('\n'));
        Assert.StartsWith("kern:", crash.Source.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Priority_and_time_of_day_come_out_of_the_carrier()
    {
        string text = Carriers.Carry("talos", Lines("pointer-overwritten"));
        var reader = new CarrierReader(new LineReader("log", new MemoryStream(Encoding.UTF8.GetBytes(text))));
        Assert.True(reader.Next(out TextLine line));
        Assert.Equal(4, line.Kernel.Priority);
        Assert.StartsWith("<4>2024-09-03T05:57:48.000000Z kernel: Linux version", line.Text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_that_never_settle_pass_unchanged()
    {
        var random = new Random(1);
        string text = string.Join('\n', Enumerable.Range(0, 3000).Select(i =>
            new string([.. Enumerable.Range(0, random.Next(40)).Select(_ => (char)random.Next(32, 126))]) + " BUG: Call Trace: " + i));
        var reader = new CarrierReader(new LineReader("log", new MemoryStream(Encoding.UTF8.GetBytes(text))));
        var read = new List<string>();
        while (reader.Next(out TextLine line))
            read.Add(line.Raw.ToString());
        Assert.Equal(text.Split('\n'), read);
    }

    private static List<string> Messages(string text)
    {
        var reader = new CarrierReader(new LineReader("log", new MemoryStream(Encoding.UTF8.GetBytes(text))));
        var all = new List<string>();
        while (reader.Next(out TextLine line))
            all.Add(line.Kernel.Message.ToString());
        return all;
    }

    private static string[] Lines(string log) => File.ReadAllLines(Repository.Path("fixtures", "cases", log, "console.log"));

    private static LogReading Read(string text) =>
        LogReading.Of("log", new MemoryStream(Encoding.UTF8.GetBytes(text)), TextParsers.Create());

    private static (string Findings, string Crashes) Told(string text)
    {
        string findings = string.Join('\n', Explained.Verdict(text).Findings.Select(f => $"{f.Id}: {f.Title}")
            .Order(StringComparer.Ordinal));
        string crashes = string.Join('\n', Read(text).Crashes.Select(c =>
            $"{c.Title} · {c.Context.Comm} · {c.Context.Cpu} · {c.Context.Release} · {c.Frames.Count}"));
        return (findings, crashes);
    }
}
