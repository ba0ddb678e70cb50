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

    /// <summary>Our threshold was chosen on other seeds (1 to 6) than the ones counted here, and TraceSim's parameters are.</summary>
    [Fact]
    public void Reports_as_other_releases_and_compilers_print_them_are_one_kind_better_than_by_any_baseline()
    {
        (string Truth, CrashShape Shape)[][] sets = [.. Enumerable.Range(7, Tables is null ? 1 : 4).Select(Variants)];
        Assert.All(sets, set => Assert.True(set.Length > 200, $"only {set.Length} variants"));
        PairScore ours = Compare("variants", $"{sets.Length} sets of variants of this repository's recorded reports", sets, mustWin: true,
            () => Variants(seed: 1));
        Assert.True(ours.Precision > 0.95 && ours.F1 > 0.9, ours.ToString());
    }

    [LogCorpusFact("syz-public")]
    [Trait("Corpus", "syz-public")]
    public void Reports_that_syzkaller_calls_by_one_title_are_one_kind()
    {
        (string, CrashShape)[] all = [.. LogCorpus.Syzkaller().Where(c => c.Crash).Select(c => (c.Title, LogCorpus.Read(c.Log).Crashes))
            .Where(c => c.Crashes.Count > 0).Select(c => (c.Title, CrashShape.Of(c.Crashes[0])))];
        Compare("syzkaller", "syzkaller's test logs, by its titles", [all], mustWin: false);
    }

    [TitlesFact]
    public void Titles_that_one_patch_resolved_are_one_kind_better_than_by_any_baseline()
    {
        (string, CrashShape)[] all = [.. File.ReadLines(TitlesFactAttribute.Path!).Select(l => l.Split('\t')).Where(l => l.Length == 2)
            .Select(l => (l[0], TitledCrash.Of(l[1])))];
        Compare("patches", "HUST's ground truth (NDSS 2022), titles of one patch, no stacks", [all], mustWin: true);
    }

    /// <summary>A report of the repository for each guilty function that has a stack: two of one function may be one bug.</summary>
    private static (string, CrashShape)[] Variants(int seed)
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
        var variants = new CrashVariants(seed);
        return [.. reports.SelectMany((r, i) => variants.Of(r.Value, texts[(i + 7) % texts.Length], VariantsOfEach).Select(s =>
            (r.Key, s)))];
    }

    /// <summary>Pairs of all sets; TraceSim with what was chosen elsewhere, and with what is best on each set.</summary>
    private PairScore Compare(string name, string what, (string Truth, CrashShape Shape)[][] sets, bool mustWin,
        Func<(string Truth, CrashShape Shape)[]>? other = null)
    {
        var watch = Stopwatch.StartNew();
        PairScore ours = Sum(s => Ours(s, Clustering.Threshold));
        double seconds = watch.Elapsed.TotalSeconds;
        var rows = new List<(string By, PairScore Score, bool ToBeat)>
        {
            ("equal titles", Sum(s => Baselines.Titles(Truth(s), Shapes(s))), true),
            ("three functions at the top", Sum(s => Baselines.TopThree(Truth(s), Shapes(s))), true),
        };
        if (Tables is not null)
            rows.AddRange(WithTraceSim(sets, other?.Invoke()));
        string table = $"{what}: {sets.Sum(s => s.Length)} crashes, {sets.Max(s => Truth(s).Distinct().Count())} bugs, {ours.Belong} " +
            $"pairs " +
            $"that belong together\n\n| by | precision | recall | F1 |\n|---|---|---|---|\n| kdt fleet | {ours} |\n" +
            string.Concat(rows.Select(r => $"| {r.By} | {r.Score} |\n"));
        foreach (double t in new[] { 0.35, 0.4, 0.45, 0.5, 0.55, 0.6 })
            output.WriteLine($"from {t} on: {Sum(s => Ours(s, t))}");
        output.WriteLine(table + string.Create(CultureInfo.InvariantCulture, $"{seconds:f3} s\n"));
        if (Tables is { } folder)
            File.WriteAllText(Path.Combine(folder, name), table);
        Assert.All(rows, r => Assert.True(!mustWin || !r.ToBeat || ours.F1 > r.Score.F1, table));
        return ours;

        PairScore Sum(Func<(string Truth, CrashShape Shape)[], PairScore> score) => SumOf(sets, score);
    }

    private static PairScore SumOf((string Truth, CrashShape Shape)[][] sets, Func<(string Truth, CrashShape Shape)[], PairScore> score) =>
        sets.Select(score).Aggregate((a, b) => a + b);

    /// <summary>Minutes of comparing, so only where the tables are written.</summary>
    private static IEnumerable<(string By, PairScore Score, bool ToBeat)> WithTraceSim((string Truth, CrashShape Shape)[][] sets,
        (string Truth, CrashShape Shape)[]? other)
    {
        if (other is not null)
        {
            TraceSimChoice chosen = Baselines.BestTraceSim(Truth(other), Shapes(other)).With;
            yield return ($"TraceSim, {chosen} (the best on another set)",
                SumOf(sets, s => Baselines.TraceSimAs(chosen, Truth(s), Shapes(s))), true);
        }
        (PairScore Score, TraceSimChoice With)[] best = [.. sets.Select(s => Baselines.BestTraceSim(Truth(s), Shapes(s)))];
        string with = string.Join("; ", best.Select(b => $"{b.With}").Distinct().Order(StringComparer.Ordinal));
        yield return ($"TraceSim, {with} (the best on {(sets.Length > 1 ? "each of these sets" : "these data")})",
            best.Select(b => b.Score).Aggregate((a, b) => a + b), other is null);
    }

    /// <summary>The folder for the tables of docs/fleet.md, if they are being made.</summary>
    private static string? Tables => Environment.GetEnvironmentVariable("KDUMP_FLEET_QUALITY") is { Length: > 0 } folder ? folder : null;

    private static PairScore Ours((string Truth, CrashShape Shape)[] set, double threshold)
    {
        IReadOnlyDictionary<string, string> clusters = Clustering.Of(Shapes(set), threshold);
        return PairScore.Of(Truth(set), [.. set.Select(s => clusters[s.Shape.Signature])]);
    }

    private static string[] Truth((string Truth, CrashShape Shape)[] set) => [.. set.Select(s => s.Truth)];

    private static CrashShape[] Shapes((string Truth, CrashShape Shape)[] set) => [.. set.Select(s => s.Shape)];
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
