using System.Text.Json;
using Kdump.Tests.MachineChecks;
using Xunit.Abstractions;

namespace Kdump.Tests.Pci;

/// <summary>Logs with a known diagnosis: which of its keywords our diagnosis holds, and whether it says what it must not.</summary>
public sealed class HwlogsCorpusTests(ITestOutputHelper output)
{
    private static readonly string[] Ours = ["mce", "aer", "dmar", "amd-vi", "apei", "iommu-group", "sriov"];

    [CorpusFact("hwlogs")]
    [Trait("Corpus", "hwlogs")]
    public void Diagnoses_hold_the_expected_keywords_and_none_of_the_forbidden()
    {
        string folder = Corpora.Find("hwlogs")!;
        Score exact = new(), words = new();
        var forbidden = new List<string>();
        foreach (string path in Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal))
        {
            using JsonDocument json = JsonDocument.Parse(File.ReadAllText(path));
            string category = json.RootElement.TryGetProperty("category", out JsonElement c) ? c.GetString()! : "?";
            string log = Path.ChangeExtension(path, ".log"), name = Path.GetFileNameWithoutExtension(path);
            string said = Plain(Run.Kdt("explain", log).Output + Run.Kdt("pci", log).Output + Run.Kdt("mce", log).Output, log);
            foreach (string keyword in Strings(json, "expect"))
            {
                exact.Add(category, $"{name}: {keyword}\n     ", said.Contains(keyword.ToLowerInvariant(), StringComparison.Ordinal));
                words.Add(category, $"{name}: {keyword}\n     ", Words(keyword).All(said.Contains));
            }
            forbidden.AddRange(Strings(json, "not_expect").Where(k => said.Contains($"[{k.ToLowerInvariant()}", StringComparison.Ordinal))
                .Select(k => $"{name}: {k}"));
        }
        output.WriteLine($"exact {exact}\nall words {words}\nforbidden: {string.Join("; ", forbidden)}");
        Assert.Empty(forbidden);
        Assert.True(words.ShareOf(Ours) >= 0.9, words.ToString());
    }

    /// <summary>Our own words only: what is quoted from the log proves nothing.</summary>
    private static string Plain(string text, string log)
    {
        HashSet<string> quoted = File.ReadLines(log).Select(l => l.Trim()).ToHashSet();
        IEnumerable<string> own = text.Split('\n')
            .Where(l => !l.TrimStart().StartsWith("| ", StringComparison.Ordinal) && !quoted.Contains(l.Trim()) &&
            !l.Contains(log, StringComparison.Ordinal));
        return string.Join(' ', string.Join(' ', own).Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries)).ToLowerInvariant();
    }

    private static IEnumerable<string> Words(string keyword) =>
        keyword.ToLowerInvariant().Split((char[])[' ', ',', ':', '(', ')', '/', ';'], StringSplitOptions.RemoveEmptyEntries)
            .Where(w => w is not ("the" or "by" or "of" or "at" or "in" or "to" or "=" or "or" or "a" or "was" or "so" or "no"));

    private static IEnumerable<string> Strings(JsonDocument json, string name) =>
        json.RootElement.GetProperty(name).EnumerateArray().Select(e => e.GetString()!);
}
