using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Rules;
using Kdump.Sources.Cases;

namespace Kdump.Tests.Diagnosis;

/// <summary>
/// The same facts give the same verdict: whatever the files are called, in what order they are given, and whether one is given twice.
/// </summary>
public sealed class VerdictOrderTests
{
    public static TheoryData<string> Cases =>
        new(Directory.GetDirectories(Repository.Path("fixtures", "cases")).Select(d => Path.GetFileName(d)).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Names_and_order_of_files_change_nothing(string name)
    {
        string[] files = FilesOf(name);
        string expected = Told(VerdictOf(files));
        foreach (int[] order in Orders(files.Length))
        {
            using var folder = new Folder();
            // Inputs are read in the order of their names: a new name is a new place.
            string[] renamed = files.Select((f, i) => folder.Add($"{order[i]:000}.txt", File.ReadAllBytes(f))).ToArray();
            Assert.Equal(expected, Told(VerdictOf(renamed)));
            Assert.Equal(expected, Told(VerdictOf(renamed.Reverse().ToArray())));
            Assert.Equal(expected, Told(VerdictOf([folder.Path])));
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_file_that_is_given_twice_counts_once(string name)
    {
        string[] files = FilesOf(name);
        using var folder = new Folder();
        string[] twice = files.SelectMany(
            (f, i) => new[] { folder.Add($"{i:000}.txt", File.ReadAllBytes(f)), folder.Add($"copy-{i:000}.txt", File.ReadAllBytes(f)) })
            .ToArray();
        Assert.Equal(Told(VerdictOf(files)), Told(VerdictOf(twice)));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_a_finding_quotes_stands_in_the_line_it_names(string name)
    {
        foreach (Finding finding in VerdictOf(FilesOf(name)).Findings)
        {
            Assert.NotEmpty(finding.Evidence);
            foreach (Source source in finding.Evidence.Where(s => s.Line > 0))
                Assert.Contains(source.Text, File.ReadAllLines(source.Input)[source.Line - 1], StringComparison.Ordinal);
        }
    }

    private static string[] FilesOf(string name) =>
        Directory.GetFiles(Repository.Path("fixtures", "cases", name))
            .Where(f => Path.GetFileName(f) is not ("verdict.txt" or "ORIGIN.txt")).Order(StringComparer.Ordinal).ToArray();

    private static Verdict VerdictOf(string[] paths) => Verdict.From(Case.Read(paths, () => Stream.Null).Facts, RuleBook.All);

    /// <summary>Everything a person reads but the names of files.</summary>
    private static string Told(Verdict verdict) => string.Join('\n',
    [
        verdict.Headline,
        .. verdict.RootCauses.Select(r => $"root {r.Key}"),
        .. verdict.Findings.Select(f => $"{f.Key} {f.Severity} {f.Confidence} {f.Title} | {f.Why} | {string.Join(',', f.CausedBy)} | " +
            $"{string.Join(',', f.Evidence.Select(e => e.Text).Order(StringComparer.Ordinal))}"),
        .. verdict.Unknowns.Select(u => u.Question).Order(StringComparer.Ordinal),
    ]);

    private static IEnumerable<int[]> Orders(int files)
    {
        int[] order = Enumerable.Range(0, files).ToArray();
        yield return order;
        var random = new Random(7);
        for (int i = 0; i < (files > 1 ? 5 : 0); i++)
        {
            int[] shuffled = order.ToArray();
            random.Shuffle(shuffled);
            yield return shuffled;
        }
    }

    private sealed class Folder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("order").FullName;

        public string Add(string name, byte[] bytes)
        {
            string path = System.IO.Path.Combine(Path, name);
            File.WriteAllBytes(path, bytes);
            return path;
        }

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
