using System.Text;
using Kdump.Diagnosis.MachineChecks;
using Kdump.Diagnosis.MachineChecks.Mcelog;
using Kdump.Diagnosis.MachineChecks.Records;
using Xunit.Abstractions;

namespace Kdump.Tests.MachineChecks;

/// <summary>mcelog's own answers, byte for byte.</summary>
public sealed class McelogCorpusTests(ITestOutputHelper output)
{
    [CorpusFact("mce")]
    [Trait("Corpus", "mce")]
    public void The_mcelog_text_is_byte_for_byte_what_mcelog_prints()
    {
        string folder = Corpora.Find("mce")!;
        var score = new Score();
        foreach (string[] row in Rows(folder))
        {
            string want = File.ReadAllText(Path.Combine(folder, row[0] + ".out")),
                got = Print(Path.Combine(folder, row[0] + ".in"), row[5]);
            // mcelog leaves the stepping uninitialised when it read a "CPUID Vendor" line.
            if (row[2] == "odd-input-unstable")
                (want, got) = (CutStep(want), CutStep(got));
            score.Add(row[2].Split('/')[0], row[0], want == got);
        }
        output.WriteLine(score.ToString());
        Assert.Equal(1.0, score.Share);
    }

    internal static IEnumerable<string[]> Rows(string folder) =>
        File.ReadLines(Path.Combine(folder, "manifest.tsv")).Skip(1).Select(l => l.Split('\t'))
            .Where(r => File.Exists(Path.Combine(folder, r[0] + ".in")));

    private static string Print(string path, string args)
    {
        using var text = new StringWriter { NewLine = "\n" };
        using var input = new StreamReader(path, Encoding.UTF8);
        McelogText.Write(input, text, Options(args));
        return text.ToString();
    }

    internal static McelogOptions Options(string args)
    {
        string[] words = args.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Cpu? cpu = words.Contains("--core2") ? Cpu.Core2 : null;
        for (int i = 0; i + 1 < words.Length; i++)
        {
            cpu = words[i] switch { "--cpu" => CpuNames.Find(words[i + 1]), "--intel-cpu" => CpuId.TryParseIntel(words[i + 1]), _ => cpu };
        }
        int mhz = Array.IndexOf(words, "--cpumhz");
        return new(cpu, mhz < 0 ? null : double.Parse(words[mhz + 1]), words.Contains("--raw"));
    }

    private static string CutStep(string text) => text.Contains(" Step ") ? text[..text.IndexOf(" Step ", StringComparison.Ordinal)] : text;
}
