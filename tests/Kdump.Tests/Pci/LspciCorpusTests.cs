using Kdump.Tests.MachineChecks;
using Xunit.Abstractions;

namespace Kdump.Tests.Pci;

/// <summary>Our decoding of config space beside what pciutils prints for the same bytes.</summary>
public sealed class LspciCorpusTests(ITestOutputHelper output)
{
    [CorpusFact("lspci")]
    [Trait("Corpus", "lspci")]
    public void Every_line_decoded_from_config_space_is_one_that_lspci_prints()
    {
        string folder = Corpora.Find("lspci")!;
        Score cases = new(), lines = new();
        foreach (string[] row in McelogCorpusTests.Rows(folder))
        {
            HashSet<string> want = File.ReadLines(Path.Combine(folder, row[0] + ".out")).Select(Plain).ToHashSet();
            string[] starts = File.ReadLines(Path.Combine(folder, row[0] + ".out")).Where(l => l.Length > 0 && l[0] != '\t').ToArray();
            string[] got = Run.Kdt("pci", "--config", Path.Combine(folder, row[0] + ".in")).Output.Split('\n')
                .Where(l => l.Trim().Length > 0).ToArray();
            bool all = got.Length > 0;
            foreach (string line in got)
            {
                bool right = want.Contains(Plain(line)) ||
                    (line[0] != ' ' && Array.Exists(starts, s => s.StartsWith(line.Trim(), StringComparison.Ordinal)));
                lines.Add(row[1], $"{row[0]}:{line.Trim()}", right);
                all &= right;
            }
            cases.Add(row[1], row[0], all);
        }
        output.WriteLine($"cases {cases}lines {lines}");
        Assert.True(lines.Share >= 0.99, lines.ToString());
    }

    [CorpusFact("lspci")]
    [Trait("Corpus", "lspci")]
    public void Error_bits_isolation_and_virtual_functions_are_all_found()
    {
        string folder = Corpora.Find("lspci")!;
        string[] facts = ["UESta:", "UEMsk:", "CESta:", "CEMsk:", "ACSCap:", "ACSCtl:", "IOVCtl:", "LnkCap:", "LnkSta:", "VF offset:",
            "DpcSta:", "HeaderLog:"];
        var score = new Score();
        foreach (string[] row in McelogCorpusTests.Rows(folder))
        {
            HashSet<string> got = Run.Kdt("pci", "--config", Path.Combine(folder, row[0] + ".in")).Output.Split('\n').Select(Plain)
                .ToHashSet();
            foreach (string line in File.ReadLines(Path.Combine(folder, row[0] + ".out")).Select(Plain))
            {
                if (facts.FirstOrDefault(f => line.StartsWith(f, StringComparison.Ordinal)) is { } fact)
                    score.Add(fact, $"{row[0]}:{line}", got.Contains(line));
            }
        }
        output.WriteLine(score.ToString());
        Assert.True(score.Share >= 0.99, score.ToString());
    }

    private static string Plain(string line) => string.Join(' ', line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries));
}
