using System.Text.Json;
using Kdump.Cli;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Crashes;

namespace Kdump.Tests.Crashes;

public sealed class SimilarityTests
{
    [Fact]
    public void The_same_crash_of_another_build_task_and_cpu_has_the_same_signature()
    {
        string other = Samples.Oops.Replace("0x1f/0x40", "0x2b/0x58").Replace("0x90/0x120", "0xa4/0x150").Replace("6.1.0-9", "6.1.0-50")
            .Replace("PID: 4711", "PID: 99").Replace("CPU: 3", "CPU: 0").Replace("my daemon: a", "other");
        Similarity s = Similarity.Of(One(Samples.Boot + Samples.Oops), One(Samples.Boot + other));
        Assert.Equal((1.0, "same"), (s.Score, s.Level));
    }

    [Fact]
    public void Another_form_of_the_same_crash_is_of_its_class_and_says_so()
    {
        string other = Samples.Oops.Replace("BUG: kernel NULL pointer dereference, address: 0000000000000008",
            "BUG: unable to handle page fault for address: ffffdead00000008");
        Similarity s = Similarity.Of(One(Samples.Boot + Samples.Oops), One(Samples.Boot + other));
        Assert.Equal("class", s.Level);
        Assert.InRange(s.Score, 0.8, 0.99);
        Assert.Contains("brew_pour", s.Why[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Another_function_reached_the_same_way_is_nearer_than_another_place_altogether()
    {
        Crash ours = One(Samples.Boot + Samples.Oops);
        Similarity near = Similarity.Of(ours, One(Samples.Boot + Samples.Oops.Replace("brew_pour", "brew_stir")));
        Similarity far = Similarity.Of(ours, One(Samples.Boot + Samples.HungTask));
        Assert.True(near.Score > far.Score && near.Score < 0.8, $"{near.Score} {far.Score}");
        Assert.Contains(near.Why, w => w.Contains("brew_ioctl", StringComparison.Ordinal));
    }

    [Fact]
    public void It_is_the_same_from_either_side()
    {
        Crash[] crashes = [One(Samples.Oops), One(Samples.Warning), One(Samples.SoftLockup), One(Samples.HungTask), One(Samples.RcuStall)];
        foreach (Crash a in crashes)
        {
            foreach (Crash b in crashes)
                Assert.Equal(Similarity.Of(a, b).Score, Similarity.Of(b, a).Score);
        }
    }

    [Fact]
    public void Logs_of_a_folder_are_ranked_and_those_without_a_crash_like_it_left_out()
    {
        string folder = Directory.CreateTempSubdirectory("similar").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "a.log"), Samples.Boot + Samples.HungTask);
            File.WriteAllText(Path.Combine(folder, "b.log"), Samples.Boot + Samples.Oops.Replace("brew_pour", "brew_stir"));
            File.WriteAllText(Path.Combine(folder, "c.log"), Samples.Boot + Samples.Oops);
            string ours = Path.Combine(folder, "d.log");
            File.WriteAllText(ours, Samples.Boot + Samples.Oops);
            using var output = new StringWriter();
            Kdt.Run(["log", "--json", ours, "--similar", folder], output, TextWriter.Null, () => Stream.Null, Terminal.Plain);
            JsonElement[] similar = JsonDocument.Parse(output.ToString()).RootElement.GetProperty("similar").EnumerateArray().ToArray();
            Assert.Equal(["c.log", "b.log"], similar.Select(s => Path.GetFileName(s.GetProperty("input").GetString())));
            Assert.Equal(1, similar[0].GetProperty("score").GetDouble());
            Assert.NotEmpty(similar[1].GetProperty("why").EnumerateArray());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Crash One(string log) => LogCorpus.Read(log).Crashes[0];
}
