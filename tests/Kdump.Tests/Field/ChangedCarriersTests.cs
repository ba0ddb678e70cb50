using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace Kdump.Tests.Field;

/// <summary>
/// The public reports once more, as other people would have posted them: quoted, indented, folded by a mailer or a terminal, with an empty
/// line behind each line, between sentences of a letter, without time stamps or with others. What was judged right has to stay right.
/// Each change is tried on its share of the reports; <c>KDUMP_ALL_CHANGES=1</c> tries all on all and takes some minutes.
/// </summary>
public sealed partial class ChangedCarriersTests(ITestOutputHelper output)
{
    private static readonly (string Name, double Floor, Func<string[], IEnumerable<string>> Change)[] changes =
    [
        ("quoted", 0.98, lines => lines.Select(l => $"> {l}")),
        ("indented", 0.98, lines => lines.Select(l => $"    {l}")),
        ("spaced", 0.98, lines => lines.SelectMany(l => new[] { l, "" })),
        ("in a letter", 0.97, lines => lines.Prepend("```").Prepend("").Prepend("Hello, my server died again. This is what I found:")
            .Append("```").Append("Any idea what this could be?").Append("Thanks!")),
        ("folded by a mailer", 0.90, lines => lines.SelectMany(l => Folded(l, 78))),
        ("folded by a terminal of 80 columns", 0.88, lines => lines.SelectMany(l => Cut(l, 80))),
        ("folded by a terminal of 120 columns", 0.94, lines => lines.SelectMany(l => Cut(l, 120))),
        ("without stamps", 0.96, lines => Stamped(lines) ? lines.Select(l => Stamp().Replace(l, "")) : lines),
        ("with dates", 0.97, lines => Stamped(lines) ? lines.Select(l => Stamp().Replace(l, Date)) : lines),
    ];

    private static readonly Lazy<FieldReport[]> reports = new(() =>
        [.. FieldReport.Below(Repository.Path("fixtures", "field")).Where(r => Directory.GetFiles(r.Folder).Length == 2)]);

    /// <summary>What is right as it was posted; asked once.</summary>
    private static readonly ConcurrentDictionary<string, bool> rightBefore = new(StringComparer.Ordinal);

    public static TheoryData<string> Names => new(changes.Select(c => c.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void What_carries_a_report_does_not_change_its_verdict(string name)
    {
        int at = Array.FindIndex(changes, c => c.Name == name);
        bool all = Environment.GetEnvironmentVariable("KDUMP_ALL_CHANGES") is { Length: > 0 };
        int right = 0, kept = 0;
        for (int i = all ? 0 : at; i < reports.Value.Length; i += all ? 1 : changes.Length)
        {
            FieldReport report = reports.Value[i];
            if (!rightBefore.GetOrAdd(report.Name, _ => report.Judge().Right))
                continue;
            right++;
            FieldVerdict changed = report.Judge(changes[at].Change);
            kept += changed.Right ? 1 : 0;
            if (!changed.Right)
                output.WriteLine($"{name} | {report.Name}: {changed} | {changed.Said.Headline}");
        }
        output.WriteLine($"{name}: {kept} of {right}");
        Assert.True(right > 100 && kept >= changes[at].Floor * right, $"{name}: only {kept} of {right} stayed right");
    }

    private static bool Stamped(string[] lines) => lines.Count(l => Stamp().IsMatch(l)) * 10 >= lines.Count(l => l.Length > 0) * 6;

    private static string Date(Match stamp)
    {
        var of = TimeSpan.FromSeconds(long.Parse(stamp.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture) % 80_000);
        return $"[Mon Nov 30 {of:hh\\:mm\\:ss} 2026] ";
    }

    private static IEnumerable<string> Cut(string line, int width) => line.Chunk(width).Select(c => new string(c)).DefaultIfEmpty("");

    private static IEnumerable<string> Folded(string line, int width)
    {
        while (line.Length > width && line.LastIndexOf(' ', width) is > 20 and var blank)
        {
            yield return line[..blank];
            line = line[(blank + 1)..];
        }
        yield return line;
    }

    [GeneratedRegex(@"^\s*(?:<\d+>)?\[\s*(\d+)\.\d{6}\](?:\[\s*[TC]\d+\])?\s")]
    private static partial Regex Stamp();
}
