using Kdump.Diagnosis.Compare;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;

namespace Kdump.Cli.Reports;

/// <summary><c>kdt host diff -o</c>: the differences of two machines as a page, those to look at first on top.</summary>
internal static class HostDiffHtml
{
    public static void Write(StringWriter html, string a, string b, IReadOnlyList<MachineDifference> differences, string[] unseen,
        Words words)
    {
        string title = words.Of(differences.Count == 0 ? "No difference in what could be compared"
            : $"{Counted.Of(differences.Count, "difference")} between two machines");
        PageFrame.Begin(html, title, words);
        PageFrame.Header(html, "kdt host diff", title, [("A", a), ("B", b), PageFrame.Today(words.Of("compared"))], findings: false, words);
        int shown = 0;
        foreach (IGrouping<string, MachineDifference> area in differences.GroupBy(d => d.Area, StringComparer.Ordinal))
        {
            html.Write($"<h2>{PageFrame.Text(area.Key)}</h2>\n<table class=\"rows\"><thead><tr><th scope=\"col\">{words.Of("what")}</th>" +
                "<th scope=\"col\">A</th><th scope=\"col\">B</th></tr></thead><tbody>\n");
            foreach (MachineDifference d in area)
            {
                if (html.GetStringBuilder().Length > VerdictHtml.MaxLength)
                    break;
                shown++;
                html.Write($"<tr><td>{PageFrame.Text(d.Subject)}" +
                    (d.Why.Length == 0 ? "" : $"<br><span class=\"mind\">{PageFrame.Text(words.Of(d.Why))}</span>") +
                    $"</td><td><b>A</b> <code>{Or(d.A)}</code></td><td><b>B</b> <code>{Or(d.B)}</code></td></tr>\n");
            }
            html.Write("</tbody></table>\n");
        }
        if (shown < differences.Count)
        {
            string rest = $"And {Counted.Of(differences.Count - shown, "more difference")}: kdt host diff shows them.";
            html.Write($"<p>{words.Of(rest)}</p>\n");
        }
        if (unseen.Length > 0)
            html.Write($"<h2>{words.Of("Not compared")}</h2>\n<ul>\n" +
                string.Concat(unseen.Select(u => $"<li>{PageFrame.Text(u)}</li>\n")) + "</ul>\n");
        PageFrame.End(html);

        string Or(string value) => value.Length == 0 ? words.Of("absent") : PageFrame.Text(value);
    }
}
