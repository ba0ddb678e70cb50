using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;

namespace Kdump.Cli.Reports;

/// <summary>A verdict on a page: the picture of its causes, its findings, what is not known.</summary>
internal static class VerdictHtml
{
    /// <summary>Maximum length of a page in characters, so that it can be mailed; findings beyond it are only counted.</summary>
    public const int MaxLength = 800_000;

    /// <param name="html">Its length so far counts towards <see cref="MaxLength"/>.</param>
    /// <param name="number">Of the machine: 1 for a page about one.</param>
    /// <param name="rest">The command that shows what a page has no room for.</param>
    /// <param name="between">Writes what stands between the picture and the findings.</param>
    public static FindingHtml Write(StringWriter html, Verdict verdict, int number, string rest, Words? language = null,
        Action? between = null)
    {
        Words words = language ?? Words.English;
        var findings = new FindingHtml(html, verdict, number, words);
        CauseDiagram.Write(html, verdict, findings);
        between?.Invoke();
        if (verdict.Findings.Count > 0)
            html.Write($"<h2{(number == 1 ? " id=\"findings\"" : "")}>{words.Of("Findings")}</h2>\n");
        List<Finding> all = InOrder(verdict);
        for (int i = 0; i < all.Count; i++)
        {
            if (html.GetStringBuilder().Length > MaxLength)
            {
                html.Write($"<p>{PageFrame.Text(words.Of($"And {Counted.Of(all.Count - i, "more finding")}: {rest} shows them."))}</p>\n");
                break;
            }
            findings.Write(all[i]);
        }
        findings.Unknowns();
        return findings;
    }

    /// <summary>Root causes first, each followed by what it explains.</summary>
    private static List<Finding> InOrder(Verdict verdict)
    {
        var order = new List<Finding>();
        var seen = new HashSet<FindingRef>();
        var next = new Stack<Finding>(verdict.RootCauses.Reverse());
        while (next.TryPop(out Finding? finding))
        {
            if (!seen.Add(finding.Ref))
                continue;
            order.Add(finding);
            foreach (Finding effect in verdict.EffectsOf(finding).Reverse())
                next.Push(effect);
        }
        order.AddRange(verdict.Findings.Where(f => !seen.Contains(f.Ref)));
        return order;
    }
}
