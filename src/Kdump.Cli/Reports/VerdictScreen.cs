using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;
using Kdump.Diagnosis.Text;

namespace Kdump.Cli.Reports;

/// <summary>
/// A verdict on one screen: the chain of causes, the impact, the most important fix with its command, the evidence, the other root
/// causes, one unknown, and what was read. The last line counts what was left out.
/// </summary>
/// <param name="tools">The distribution's kdump tools, if known; they select the fix.</param>
internal sealed class VerdictScreen(Terminal terminal, Verdict verdict, KdumpTools tools)
{
    private const int Evidence = 3, Others = 3, Numbers = 4;

    private readonly ScreenPage page = new(terminal);
    private readonly ShortPlaces places = ShortPlaces.Of(verdict);

    private readonly Words words = terminal.Words;

    private ScreenPart? quoted, furtherQuoted, fixText, others, more, open, why;
    private Finding[] rest = [];

    private Finding? Lead { get; } = LeadOf(verdict);

    /// <param name="above">Lines at the top: a table of machines.</param>
    /// <param name="head">What was read; printed last, as much of it as fits.</param>
    public void Write(TextWriter output, IReadOnlyList<string> above, IReadOnlyList<string> head)
    {
        ScreenPart table = page.Part(0);
        foreach (string line in above)
            table.Cut(line, 1);
        Chain(page.Part(1, gap: above.Count > 0));
        Meaning(page.Part(2));
        if (BestFix() is { } fix)
            Fix(fix);
        Reason(page.Part(5, gap: true));
        Quote();
        OtherCauses();
        Open();
        ScreenPart looked = page.Part(9, gap: true);
        foreach (string line in head)
            looked.Cut(line, 1);
        page.Write(output, () => Folded(head.Count - looked.Shown));
    }

    private void Chain(ScreenPart part)
    {
        string[] steps = verdict.Headline.Split(" -> ");
        // A title may contain an arrow.
        if (steps.Length != verdict.Chain.Count)
            steps = [verdict.Headline];
        bool small = terminal.Rows < 20;
        for (int i = 0; i < steps.Length; i++)
            part.Sentence(i == 0 ? "" : "  -> ", steps[i], i == 0 ? "1" : null, steps.Length switch
            {
                1 => 6,
                _ when i == 0 => 3,
                _ when steps.Length > 4 || (small && steps.Length > 2) => 1,
                _ => 2,
            });
    }

    private void Meaning(ScreenPart part)
    {
        if (Lead is not { } finding)
            return;
        Severity worst = verdict.Chain.Select(f => f.Severity).Append(finding.Severity).Max();
        string name = $"[{finding.Id}{(finding.Confidence < 0.9 ? $", {(int)Math.Round(finding.Confidence * 100)} %" : "")}]";
        string severity = VerdictJson.NameOf(worst);
        part.Sentence("", finding.Impact is null ? $"{words.Of(severity)} {name}"
            : $"{words.Of($"{severity}: ")}{finding.Impact} {name}", worst >= Severity.Error ? "31" : "33", 2);
    }

    /// <summary>The first fix for this machine, from the root cause or from a finding that it explains.</summary>
    private (Fix Fix, bool Several)? BestFix()
    {
        IReadOnlyList<Finding> chain = verdict.Chain;
        if (chain.Count == 0 && Lead is { } only)
            chain = [only];
        foreach (Finding finding in chain)
        {
            Fix[] fitting = [.. finding.Fixes.Where(f => tools == KdumpTools.None || f.For == KdumpTools.None || f.For == tools)];
            if (fitting is [var first, ..])
                return (first, first.For != KdumpTools.None && tools == KdumpTools.None);
        }
        return null;
    }

    private void Fix((Fix Fix, bool Several) best)
    {
        (Fix fix, bool several) = best;
        fixText = page.Part(4, gap: true);
        fixText.Sentence(words.Of("fix: "), several && !VerdictText.Names(fix) ? $"{fix.Text} ({VerdictText.Whose(fix.For)})" : fix.Text,
            "32", 3);
        if (fix.Command is not null)
            Command(page.Part(3, whole: true), fix.Command);
        ScreenPart care = page.Part(6, whole: true);
        if (fix.Risk is not null)
            care.Sentence(words.Of("caution: "), fix.Risk, null, 2);
        if (fix.Undo is not null)
            care.Line($"{words.Of("undo: ")}$ {fix.Undo}");
    }

    /// <summary>
    /// A command to be pasted: never broken inside a word. A command longer than a row continues on the next row at a point where
    /// the shell waits for more input.
    /// </summary>
    private void Command(ScreenPart part, string command)
    {
        string before = "$ ";
        foreach (string piece in Columns.Of(command) + before.Length <= terminal.Columns ? [command] : ShellPieces.Of(command))
        {
            part.Line(before + piece);
            before = "  ";
        }
    }

    private void Reason(ScreenPart part)
    {
        if (Lead is not { } finding)
            return;
        why = part;
        foreach ((string figure, string words) in ReckoningText.Rows(finding.Reckoning).Take(Numbers))
            part.Cut($"{figure} {words}", 1);
        if (finding.Reckoning.Count == 0)
            part.Sentence("", finding.Why, null, 3);
    }

    /// <summary>One line of evidence per link of the chain, the cause first; for a single finding its first lines.</summary>
    private void Quote()
    {
        quoted = page.Part(6);
        furtherQuoted = page.Part(8);
        Source[] lines;
        if (verdict.Chain.Count > 1)
            lines = [.. verdict.Chain.Select(f => f.Evidence.Count > 0 ? f.Evidence[0]
                : null).OfType<Source>().Concat(verdict.Chain[0].Evidence).Distinct()];
        else if (Lead is { } finding)
            lines = [.. finding.Evidence];
        else if (verdict.Unknowns.FirstOrDefault(u => u.Evidence.Count > 0) is { } trouble)
            lines = [.. trouble.Evidence];
        else
            lines = [];
        foreach (Source source in lines.Take(Evidence))
            (quoted.Count == 0 ? quoted : furtherQuoted).Cut($"| {places.Of(source)}: {source.Text.Trim()}", 2);
    }

    private void OtherCauses()
    {
        rest = [.. verdict.RootCauses.Where(f => f.Ref != Lead?.Ref && !verdict.Chain.Any(c => c.Ref == f.Ref))
            .OrderByDescending(f => f.Severity)];
        others = page.Part(5, gap: true);
        more = page.Part(8);
        for (int i = 0; i < rest.Length; i++)
            (i < Others ? others
                : more).Cut((verdict.Chain.Count > 0 ? words.Of("also ") : "") + words.Of($"{VerdictJson.NameOf(rest[i].Severity)}: ") +
                $"{rest[i].Title}  [{rest[i].Id}]", 1, rest[i].Severity >= Severity.Error ? "31" : "33");
    }

    private void Open()
    {
        if (verdict.Unknowns.OrderByDescending(u => u.Evidence.Count > 0).FirstOrDefault() is not { } unknown)
            return;
        open = page.Part(7, gap: true, whole: true);
        open.Sentence(words.Of("unknown: "), unknown.Question, "33", 2);
        open.Sentence($"  {words.Of("to find out: ")}", unknown.Settle, null, 2);
    }

    /// <summary>The line that says what -v adds.</summary>
    private string? Folded(int head)
    {
        int shown = (others?.Shown ?? 0) + (more?.Shown ?? 0);
        int findings = verdict.Findings.Count - Math.Max(verdict.Chain.Count, Lead is null ? 0 : 1) - shown;
        int lines = verdict.Findings.Sum(f => f.Evidence.Count) + verdict.Unknowns.Sum(u => u.Evidence.Count) - (quoted?.Shown ?? 0) -
            (furtherQuoted?.Shown ?? 0);
        int fixes = verdict.Findings.Sum(f => f.Fixes.Count) - (fixText is { Shown: > 0 } ? 1 : 0);
        int unknowns = verdict.Unknowns.Count - (open is { Shown: > 0 } ? 1 : 0);
        string[] all = [.. new[]
        {
            Count(findings, "finding", "findings"), Count(fixes, "fix", "fixes"), Count(lines, "line of evidence", "lines of evidence"),
            Count(unknowns, "unknown", "unknowns"),
        }.OfType<string>()];
        if (all.Length > 0)
            return words.Of("-v adds ") + string.Join(words.Of(", "), all.Select(words.Of));
        return why is null && head == 0 ? null : words.Of("-v adds the full explanation");
    }

    private static string? Count(int n, string one, string many) => n <= 0 ? null : $"{n} {(n == 1 ? one : many)}";

    /// <summary>The finding in the headline; null if the headline names unknown lines or nothing.</summary>
    private static Finding? LeadOf(Verdict verdict)
    {
        if (verdict.Chain.Count > 0)
            return verdict.Chain[0];
        if (verdict.Unknowns.Any(u => u.Evidence.Count > 0))
            return null;
        return verdict.Findings.FirstOrDefault(f => f.Watch) ?? verdict.Findings.FirstOrDefault(
            f => f.Id != "dump-saved") ?? verdict.Findings.FirstOrDefault();
    }
}
