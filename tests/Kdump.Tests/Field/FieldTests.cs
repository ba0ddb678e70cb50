using System.Text;
using Kdump.Cli.Languages;
using Kdump.Diagnosis.Model;
using Xunit.Abstractions;

namespace Kdump.Tests.Field;

/// <summary>Public reports that nobody here wrote: what the verdict must say of each, and must not.</summary>
public sealed class FieldTests(ITestOutputHelper output)
{
    private static readonly Lazy<(FieldReport Report, FieldVerdict Verdict)[]> Own =
        new(() => [.. FieldReport.Below(Repository.Path("fixtures", "field")).Select(r => (r, r.Judge()))]);

    [Fact]
    public void The_page_in_docs_says_how_each_report_is_judged()
    {
        var page = new StringBuilder();
        page.Append(
            "# Public reports and what `kdt explain` says of them\n\n" +
            "Written by the tests (`KDUMP_GOLDEN=write`), from fixtures/field. *Right*: the verdict contains everything that the\n" +
            "report's `truth.json` requires and nothing that it forbids, in kdt's own words; quoted lines do not count. `make field`\n" +
            "prints the same, and also the score of ../shared/field if that folder exists.\n");
        foreach (IGrouping<string, (FieldReport Report, FieldVerdict Verdict)> group in Own.Value.GroupBy(r => r.Report.Name.Split('/')[0]))
        {
            page.Append(
                $"\n## {group.Key}: {group.Count(r => r.Verdict.Right)} of {group.Count()} right\n\n| report | source | verdict " +
                $"|\n|---|---|---|\n");
            foreach ((FieldReport report, FieldVerdict verdict) in group)
                page.Append(
                    $"| {report.Name.Split('/')[1]} | " +
                    $"{report.Source.Replace("|", "/", StringComparison.Ordinal).ReplaceLineEndings(" ")} | {verdict} |\n");
        }
        Golden.Check(Repository.Path("docs", "field.md"), page.ToString());
    }

    [Fact]
    public void Every_report_says_where_it_is_from_and_what_a_right_verdict_holds()
    {
        foreach ((FieldReport report, _) in Own.Value)
            Assert.True(report.Source.Length > 8 && report.Cause.Length > 8 && report.Must.Length > 0, report.Name);
    }

    /// <summary>
    /// Operators read Chinese answers to the end: a sentence in between that stayed English is a fault. What is counted is what is left,
    /// so that a new rule without its translation is seen here.
    /// </summary>
    [Fact]
    public void An_answer_in_Chinese_has_hardly_an_English_sentence_left()
    {
        const double Most = 0.05;
        var chinese = new Chinese();
        int all = 0;
        var left = new List<string>();
        foreach (Verdict verdict in Own.Value.Select(r => chinese.Of(r.Verdict.Said)))
        {
            foreach ((string id, string text) in EnglishLeft.Texts(verdict))
            {
                all++;
                if (EnglishLeft.In(text, verdict).FirstOrDefault() is { } english)
                    left.Add($"{id}: {english}");
            }
        }
        output.WriteLine($"{left.Count} of {all} texts");
        Assert.True(all > 5000 && left.Count < Most * all, $"{left.Count} of {all} texts keep English, most often:\n" + string.Join('\n',
            left.GroupBy(l => l).OrderByDescending(g => g.Count()).Take(40).Select(g => $"{g.Count()} {g.Key}")));
    }

    [Fact]
    [Trait("Corpus", "field")]
    public void Score_of_the_reports_in_fixtures() => Print("fixtures/field", Own.Value);

    [FieldFact]
    [Trait("Corpus", "field")]
    public void Score_of_the_shared_reports() =>
        Print("../shared/field", [.. FieldReport.Below(FieldFactAttribute.Folder!).Select(r => (r, r.Judge()))]);

    private void Print(string what, (FieldReport Report, FieldVerdict Verdict)[] reports)
    {
        foreach ((FieldReport report, FieldVerdict verdict) in reports.Where(r => !r.Verdict.Right || r.Verdict.AllClear))
            output.WriteLine($"  {report.Name}: {verdict}");
        output.WriteLine(
            $"{what}: {reports.Count(r => r.Verdict.Right)} of {reports.Length} right, {reports.Count(r => r.Verdict.Wrong.Length > 0)} " +
                $"with a false claim, " +
            $"{reports.Count(r => r.Verdict.AllClear)} with an all-clear");
        Assert.NotEmpty(reports);
    }
}

/// <summary>Needs the folder ../shared/field beside the repository.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FieldFactAttribute : FactAttribute
{
    public static readonly string? Folder = Find();

    public FieldFactAttribute()
    {
        if (Folder is null)
            Skip = "needs the folder ../shared/field beside the repository";
    }

    private static string? Find()
    {
        for (DirectoryInfo? d = new(Repository.Root); d is not null; d = d.Parent)
        {
            string there = Path.Combine(d.FullName, "shared", "field");
            if (Directory.Exists(there))
                return there;
        }
        return null;
    }
}
