using Xunit.Abstractions;

namespace Kdump.Tests.MachineChecks;

/// <summary>The default text beside other decoders' answers.</summary>
public sealed class MceTextCorpusTests(ITestOutputHelper output)
{
    [CorpusFact("mce")]
    [Trait("Corpus", "mce")]
    public void The_default_text_carries_every_line_that_mcelog_prints()
    {
        string folder = Corpora.Find("mce")!;
        Score ours = new(), other = new();
        foreach (string[] row in McelogCorpusTests.Rows(folder))
        {
            string[] args = ["mce", .. row[5].Split(' ', StringSplitOptions.RemoveEmptyEntries), Path.Combine(folder, row[0] + ".in")];
            HashSet<string> got = Run.Kdt(args).Output.Split('\n').Select(l => l.Trim()).ToHashSet();
            bool all = File.ReadLines(Path.Combine(folder, row[0] + ".out")).All(l => l.Trim().Length == 0 || got.Contains(l.Trim()));
            bool quirk = row[2].StartsWith("quirk", StringComparison.Ordinal) || row[2].StartsWith("odd", StringComparison.Ordinal);
            (quirk ? other : ours).Add(row[2].Split('/')[0], row[0], all);
        }
        output.WriteLine($"{ours}quirk and odd classes (mcelog's answer is the poorer one): {other}");
        Assert.True(ours.Share >= 0.99, ours.ToString());
    }

    [CorpusFact("mce-amd")]
    [Trait("Corpus", "mce-amd")]
    public void The_lines_for_AMD_are_those_of_the_kernels_decoder()
    {
        string folder = Corpora.Find("mce-amd")!;
        var score = new Score();
        foreach (string[] row in File.ReadLines(Path.Combine(folder, "manifest.tsv")).Skip(1).Select(l => l.Split('\t'))
            .Where(r => File.Exists(Path.Combine(folder, r[0] + ".in"))))
        {
            HashSet<string> got = Run.Kdt("mce", Path.Combine(folder, row[0] + ".in")).Output.Split('\n').Select(l => l.Trim()).ToHashSet();
            score.Add(row[2].Split('/')[0], row[0],
                File.ReadLines(Path.Combine(folder, row[0] + ".edac")).All(l => l.Trim().Length == 0 || got.Contains(l.Trim())));
        }
        output.WriteLine(score.ToString());
        Assert.True(score.Share >= 0.99, score.ToString());
    }
}
