using System.Diagnostics;
using System.Globalization;
using System.Text;
using Kdump.Diagnosis.Crashes;
using Kdump.Fleet.Clusters;
using Kdump.Tests.Crashes;
using Xunit.Abstractions;

namespace Kdump.Tests.Fleet.Quality;

/// <summary>Kinds of crash against outside truths and beside what others do. <c>make fleet-quality</c> writes the table of
/// docs/fleet.md.</summary>
public sealed class ClusterQualityTests(ITestOutputHelper output)
{
    private const int VariantsOfEach = 12;

    [Fact]
    public void Reports_as_other_releases_and_compilers_print_them_are_one_kind()
    {
        (string Truth, CrashShape Shape)[] all = Variants();
        Assert.True(all.Length > 200, $"only {all.Length} variants");
        PairScore ours = Compare("variants", "variants of this repository's recorded reports", all, mustWin: false);
        Assert.True(ours.Precision > 0.9 && ours.F1 > 0.85, ours.ToString());
    }

    [LogCorpusFact("syz-public")]
    [Trait("Corpus", "syz-public")]
    public void Reports_that_syzkaller_calls_by_one_title_are_one_kind()
    {
        (string, CrashShape)[] all = [.. LogCorpus.Syzkaller().Where(c => c.Crash).Select(c => (c.Title, LogCorpus.Read(c.Log).Crashes))
            .Where(c => c.Crashes.Count > 0).Select(c => (c.Title, CrashShape.Of(c.Crashes[0])))];
        Compare("syzkaller", "syzkaller's test logs, by its titles", all, mustWin: false);
    }

    [TitlesFact]
    public void Titles_that_one_patch_resolved_are_one_kind_better_than_by_any_baseline()
    {
        (string, CrashShape)[] all = [.. File.ReadLines(TitlesFactAttribute.Path!).Select(l => l.Split('\t')).Where(l => l.Length == 2)
            .Select(l => (l[0], TitledCrash.Of(l[1])))];
        Compare("patches", "HUST's ground truth (NDSS 2022), titles of one patch, no stacks", all, mustWin: true);
    }

    /// <summary>A report of the repository for each guilty function that has a stack: two of one function may be one bug.</summary>
    private static (string, CrashShape)[] Variants()
    {
        var reports = new SortedDictionary<string, string[]>(StringComparer.Ordinal);
        foreach (string path in Directory.EnumerateFiles(Repository.Path("fixtures"), "*", SearchOption.AllDirectories)
            .Where(f => f.EndsWith(".log", StringComparison.Ordinal) ||
                f.EndsWith(".txt", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            byte[] bytes = File.ReadAllBytes(path);
            if (bytes.Length > 1 << 20)
                continue;
            foreach (Crash crash in LogCorpus.Read(bytes).Crashes.Where(c => c.Function is not null && c.FirstLine > 0 && !c.Requested))
            {
                if (CrashShape.Of(crash).Stack.Count >= 4)
                    reports.TryAdd(FunctionNames.Stem(crash.Function!),
                        [.. Encoding.UTF8.GetString(bytes).Split('\n').Skip((int)crash.FirstLine - 1)
                        .Take((int)(crash.LastLine - crash.FirstLine + 1))]);
            }
        }
        string[][] texts = [.. reports.Values];
        var variants = new CrashVariants(seed: 1);
        return [.. reports.SelectMany((r, i) => variants.Of(r.Value, texts[(i + 7) % texts.Length], VariantsOfEach).Select(s =>
            (r.Key, s)))];
    }

    private PairScore Compare(string name, string what, (string Truth, CrashShape Shape)[] all, bool mustWin)
    {
        string[] truth = [.. all.Select(a => a.Truth)];
        CrashShape[] shapes = [.. all.Select(a => a.Shape)];
        var watch = Stopwatch.StartNew();
        IReadOnlyDictionary<string, string> clusters = Clustering.Of(shapes);
        double seconds = watch.Elapsed.TotalSeconds;
        PairScore ours = PairScore.Of(truth, [.. shapes.Select(s => clusters[s.Signature])]);
        PairScore titles = Baselines.Titles(truth, shapes), three = Baselines.TopThree(truth, shapes);
        (PairScore trace, string with) = Baselines.BestTraceSim(truth, shapes);
        string table = $"{what}: {truth.Length} crashes, {truth.Distinct().Count()} bugs, {ours.Belong} pairs that belong together\n\n" +
            $"| by | precision | recall | F1 |\n|---|---|---|---|\n| kdt fleet | {ours} |\n| equal titles | {titles} |\n" +
            $"| three functions at the top | {three} |\n| TraceSim, {with} (the best on these data) | {trace} |\n";
        foreach (double t in new[] { 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7 })
        {
            IReadOnlyDictionary<string, string> by = Clustering.Of(shapes, t);
            output.WriteLine($"from {t} on: {PairScore.Of(truth, [.. shapes.Select(s => by[s.Signature])])}");
        }
        output.WriteLine(table + string.Create(CultureInfo.InvariantCulture, $"{seconds:f3} s\n"));
        if (Environment.GetEnvironmentVariable("KDUMP_FLEET_QUALITY") is { Length: > 0 } folder)
            File.WriteAllText(Path.Combine(folder, name), table);
        foreach (PairScore other in new[] { titles, three, trace })
            Assert.True(!mustWin || ours.F1 > other.F1, table);
        return ours;
    }
}

/// <summary>A fact that needs lines of patch and title, which KDUMP_TITLES names (tests/lab/fleet/quality makes them).</summary>
public sealed class TitlesFactAttribute : FactAttribute
{
    public TitlesFactAttribute()
    {
        if (Path is null || !File.Exists(Path))
            Skip = "needs KDUMP_TITLES: a file with lines of patch, tab, title (tests/lab/fleet/quality)";
    }

    public static string? Path => Environment.GetEnvironmentVariable("KDUMP_TITLES");
}
