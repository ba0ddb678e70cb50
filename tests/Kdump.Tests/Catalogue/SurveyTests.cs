using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Catalogue;

/// <summary>
/// fixtures/survey/messages.tsv: formats of messages taken from the programs that print them, one of each kind that a survey of all of
/// them found read wrongly or not at all. Each line is a log of its own.
/// </summary>
public sealed class SurveyTests
{
    [Fact]
    public void Every_kind_of_message_is_read_as_the_program_means_it()
    {
        var wrong = new List<string>();
        string[] rows = [.. File.ReadAllLines(Repository.Path("fixtures", "survey", "messages.tsv")).Where(l => l[0] != '#')];
        foreach (string row in rows)
        {
            string[] cells = row.Split('\t');
            Assert.Equal(3, cells.Length);
            Verdict verdict = Explained.Verdict(Explained.FirstBoot + $"[ 3456.789012] {cells[2]}\n");
            if (!Says(verdict, cells[1]))
                wrong.Add($"{cells[1]}: {cells[2]}: {verdict.Headline}");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.InRange(rows.Length, 50, 200);
    }

    private static bool Says(Verdict verdict, string wanted) => wanted[0] switch
    {
        '-' => verdict.Findings.All(f => f.Severity <= Severity.Info) && verdict.Unknowns.All(u => u.Evidence.Count == 0),
        '!' => verdict.Findings.All(f => f.Id != wanted[1..]),
        '?' => verdict.Findings.Count == 0 && verdict.Unknowns.Any(u => u.Question.Contains(wanted[1..], StringComparison.Ordinal)),
        _ => verdict.Findings.Any(f => f.Id == wanted || f.Key == wanted) && verdict.Findings.All(f => f.Id == wanted.Split(':')[0]),
    };
}
