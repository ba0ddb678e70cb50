using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;

namespace Kdump.Cli.Reports;

/// <summary>
/// Findings and unknowns on a page: what happened, the evidence, the impact, what to change. Each finding and each line of evidence
/// has an anchor.
/// </summary>
/// <param name="machine">Makes the anchors of several machines distinct.</param>
internal sealed class FindingHtml(TextWriter html, Verdict verdict, int machine, Words words)
{
    public Words Words => words;

    private readonly ShortPlaces places = ShortPlaces.Of(verdict);
    private readonly Dictionary<string, int> numbers = verdict.Findings.Select((f, i) => (f.Key, i)).ToDictionary(p => p.Key, p => p.i,
        StringComparer.Ordinal);

    /// <summary>The anchor of a finding.</summary>
    public string Anchor(Finding finding) => $"m{machine}f{numbers[finding.Key] + 1}";

    /// <summary>A finding's title as a link to it.</summary>
    public string Link(Finding finding) => $"<a href=\"#{Anchor(finding)}\">{PageFrame.Text(finding.Title)}</a>";

    public string Place(Source source) => PageFrame.Text(places.Of(source));

    public void Write(Finding finding)
    {
        string severity = VerdictJson.NameOf(finding.Severity), anchor = Anchor(finding);
        html.Write($"<article class=\"{severity}\" id=\"{anchor}\"><h3>{PageFrame.Text(finding.Title)}</h3>\n<p class=\"tags\">" +
            $"<b>{words.Of(severity)}</b> · {PageFrame.Text(finding.Id)} · {words.Of("confidence")} " +
                $"{(int)Math.Round(finding.Confidence * 100)}&#160;%</p>\n");
        if (finding.Impact is not null)
            html.Write($"<p class=\"impact\">{PageFrame.Text(finding.Impact)}</p>\n");
        html.Write($"<p>{PageFrame.Text(finding.Why)}</p>\n");
        Reckoning(finding.Reckoning);
        string[] causes = [.. finding.CausedBy.Select(key => verdict.Findings.FirstOrDefault(f => f.Key == key)).OfType<Finding>()
            .Select(Link)];
        if (causes.Length > 0)
            html.Write($"<p class=\"mind\">{words.Of("Explained by: ")}{string.Join("; ", causes)}</p>\n");
        Fixes(finding);
        if (finding.Evidence.Count > 0)
            html.Write($"<h4>{words.Of("Evidence")}</h4>\n");
        Evidence(finding.Evidence, anchor);
        html.Write("</article>\n");
    }

    public void Unknowns()
    {
        if (verdict.Unknowns.Count == 0)
            return;
        html.Write($"<h2>{words.Of("Not known")}</h2>\n<ul>\n");
        for (int i = 0; i < verdict.Unknowns.Count; i++)
        {
            Unknown unknown = verdict.Unknowns[i];
            html.Write($"<li id=\"m{machine}u{i + 1}\">{PageFrame.Text(unknown.Question)}<br>" +
                $"<span class=\"mind\">{words.Of("To find out: ")} {PageFrame.Text(unknown.Settle)}</span>\n");
            Evidence(unknown.Evidence, $"m{machine}u{i + 1}");
            html.Write("</li>\n");
        }
        html.Write("</ul>\n");
    }

    private void Reckoning(IReadOnlyList<Reckoned> rows)
    {
        if (rows.Count == 0)
            return;
        long most = Math.Max(1, rows.Max(r => r.Amount));
        // Draw bars only if all rows have the same unit.
        bool bars = rows.All(r => r.Unit == ReckonedUnit.Bytes) && rows.Count > 1;
        html.Write($"<table><caption class=\"mind\">{words.Of("How we know")}</caption><tbody>\n");
        foreach (Reckoned row in rows)
            html.Write($"<tr><td class=\"figure\">{row.Figure}</td>" + (bars ? "<td><svg class=\"bar\" viewBox=\"0 0 100 8\" " +
                $"preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect width=\"{Math.Max(0, row.Amount) * 100 / most}\" height=\"8\"/>" +
                "</svg></td>" : "") +
                $"<td>{PageFrame.Text(row.What)}{(row.Note is null ? "" : $" <span class=\"mind\">({PageFrame.Text(row.Note)})</span>")}" +
                "</td></tr>\n");
        html.Write("</tbody></table>\n");
    }

    private void Fixes(Finding finding)
    {
        IReadOnlyList<Fix> fixes = finding.Fixes;
        for (int i = 0; i < fixes.Count; i++)
        {
            // The most important fix is shown, the others are folded.
            if (i == 0)
                html.Write($"<h4>{words.Of("What to change")}</h4>\n");
            else if (i == 1)
                html.Write($"<details><summary>{words.Of($"{fixes.Count - 1} more")}</summary>\n");
            Fix fix = fixes[i];
            string whose = VerdictText.OfOne(finding, fix);
            bool same = VerdictText.IsSame(finding, i);
            html.Write($"<p>{PageFrame.Text(VerdictText.Said(finding, i, words))}" +
                $"{(whose.Length == 0 ? "" : $" <span class=\"mind\">({whose})</span>")}</p>\n");
            if (fix.Command is not null)
                html.Write($"<div class=\"command\"><pre>{PageFrame.Text(fix.Command)}</pre></div>\n");
            if (fix.Risk is not null && !same)
                html.Write($"<p class=\"mind\">{words.Of("Caution: ")}{PageFrame.Text(fix.Risk)}</p>\n");
            if (fix.Undo is not null)
                html.Write($"<p class=\"mind\">{words.Of("Undo:")}</p>" +
                    $"<div class=\"command\"><pre>{PageFrame.Text(fix.Undo)}</pre></div>\n");
        }
        if (fixes.Count > 1)
            html.Write("</details>\n");
    }

    private void Evidence(IReadOnlyList<Source> evidence, string anchor)
    {
        if (evidence.Count == 0)
            return;
        html.Write("<ul class=\"evidence\">\n");
        for (int i = 0; i < evidence.Count; i++)
            html.Write($"<li id=\"{anchor}e{i + 1}\"><a href=\"#{anchor}e{i + 1}\">{Place(evidence[i])}</a>" +
                $"{PageFrame.Text(evidence[i].Text.Trim())}</li>\n");
        html.Write("</ul>\n");
    }
}
