using System.Text.Json;
using Kdump.Diagnosis.Crashes;
using Kdump.Tests.MachineChecks;
using Xunit.Abstractions;

namespace Kdump.Tests.Crashes;

/// <summary>
/// Logs of others with their answers: the source file to blame (syzkaller), the function of a crash signature (ChromiumOS).
/// </summary>
public sealed class CrashCorpusTests(ITestOutputHelper output)
{
    [LogCorpusFact("syz-guilty")]
    [Trait("Corpus", "syz-guilty")]
    public void The_file_to_blame_is_the_one_that_syzkaller_blames()
    {
        var score = new Score();
        foreach ((string path, JsonElement json) in Cases("syz-guilty"))
        {
            string want = json.GetProperty("file").GetString()!;
            Crash? crash = Read(path) is [var first, ..] ? first : null;
            score.Add("file", $"{Path.GetFileNameWithoutExtension(path)}: {crash?.File ?? "none"}, want {want}\n     ",
                crash?.File == want);
        }
        output.WriteLine($"syz-guilty {score}");
        Assert.True(score.Share >= 0.7, score.ToString());
    }

    /// <summary>
    /// ChromiumOS names the last report by where the CPU was, we the first by who is to blame: the two agree where those are one. What it
    /// gives no name, and what are no kernel's lines, we need not name either.
    /// </summary>
    [LogCorpusFact("cros")]
    [Trait("Corpus", "cros")]
    public void The_function_of_a_ChromiumOS_signature_is_found_in_the_report()
    {
        var score = new Score();
        foreach ((string path, JsonElement json) in Cases("cros"))
        {
            string want = json.GetProperty("function").GetString()!;
            if (json.GetProperty("fn").GetString() != "ComputeKernelStackSignature" || want.Length == 0 ||
                want == "UnspecifiedStackSignature" || want.All(char.IsAsciiDigit))
                continue;
            IReadOnlyList<Crash> crashes = Read(path);
            bool named = crashes.Any(c => c.Function == want || c.Title.Contains(want, StringComparison.Ordinal) ||
                c.Panic?.Text.Contains(want, StringComparison.Ordinal) == true || c.Frames.Any(f => f.Function == want));
            score.Add("function",
                $"{Path.GetFileNameWithoutExtension(path)}: {string.Join(" / ", crashes.Select(c => c.Title))}, want {want}\n     ", named);
        }
        output.WriteLine($"cros {score}");
        Assert.True(score.Share >= 0.6, score.ToString());
    }

    private static IReadOnlyList<Crash> Read(string path) => LogCorpus.Read(File.ReadAllBytes(path)).Crashes;

    private static IEnumerable<(string Log, JsonElement Json)> Cases(string corpus) =>
        Directory.EnumerateFiles(LogCorpus.Find(corpus)!, "*.json").Order(StringComparer.Ordinal)
            .Select(p => (Path.ChangeExtension(p, ".log"), JsonDocument.Parse(File.ReadAllText(p)).RootElement));
}
