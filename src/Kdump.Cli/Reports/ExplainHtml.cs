using System.Net;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;
using Kdump.Sources.Cases;

namespace Kdump.Cli.Reports;

/// <summary>
/// The report page: one file that needs nothing else, readable in light, dark and on paper. Whatever comes from an input is escaped.
/// </summary>
internal sealed class ExplainHtml(TextWriter html)
{
    private const string Style = """
        :root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --paper: #fff; --box: #f6f8fa;
          --critical: #b3261e; --error: #c2410c; --warning: #9a6700; --info: #0969da; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9da7b3; --line: #3d444d; --paper: #0d1117; --box: #161b22;
          --critical: #ff7b72; --error: #ffa657; --warning: #e3b341; --info: #79c0ff; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 68rem; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
        header p { color: var(--soft); margin: 0; }
        h1 { font-size: 1.45rem; line-height: 1.35; margin: .25rem 0 1.5rem; text-wrap: balance; }
        h1 .arrow-text { color: var(--soft); font-weight: 400; }
        h2 { font-size: 1.1rem; margin: 2.25rem 0 .75rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); }
        article { border-left: 4px solid var(--line); padding: .1rem 0 .1rem 1rem; margin: 0 0 1.75rem; }
        article.critical { border-color: var(--critical); } article.error { border-color: var(--error); }
        article.warning { border-color: var(--warning); } article.info { border-color: var(--info); }
        h3 { font-size: 1.02rem; margin: 0 0 .15rem; }
        .tags { color: var(--soft); font-size: .85rem; margin: 0 0 .5rem; } .tags b { text-transform: uppercase; letter-spacing: .03em; font-size: .78rem; }
        .critical .tags b { color: var(--critical); } .error .tags b { color: var(--error); } .warning .tags b { color: var(--warning); } .info .tags b { color: var(--info); }
        p { margin: .4rem 0; } ol, ul { margin: .4rem 0; padding-left: 1.4rem; } li { margin: .35rem 0; }
        h4 { font-size: .85rem; margin: .9rem 0 .2rem; color: var(--soft); }
        code, pre { font: 13px/1.45 ui-monospace, "DejaVu Sans Mono", Menlo, monospace; }
        pre { background: var(--box); border: 1px solid var(--line); border-radius: 6px; padding: .5rem .7rem; margin: .3rem 0; white-space: pre-wrap; overflow-wrap: anywhere; }
        .evidence { width: 100%; border-collapse: collapse; display: block; overflow-x: auto; }
        .evidence td { vertical-align: top; padding: .15rem .8rem .15rem 0; white-space: pre; font: 13px/1.45 ui-monospace, "DejaVu Sans Mono", Menlo, monospace; }
        .evidence td:first-child { color: var(--soft); } .mind { color: var(--soft); font-size: .92rem; }
        .scroll { overflow-x: auto; }
        svg.graph { display: block; width: 100%; height: auto; font: 13px system-ui, sans-serif; }
        .graph rect { fill: var(--box); stroke: var(--line); stroke-width: 1.5; } .graph text { fill: var(--ink); }
        .graph .critical rect { stroke: var(--critical); } .graph .error rect { stroke: var(--error); } .graph .warning rect { stroke: var(--warning); } .graph .info rect { stroke: var(--info); }
        .graph .arrow { fill: none; stroke: var(--soft); stroke-width: 1.5; } .graph .tip { fill: var(--soft); }
        table.inputs { border-collapse: collapse; } table.inputs td { padding: .2rem 1.2rem .2rem 0; vertical-align: top; }
        @media print { body { max-width: none; padding: 0; font-size: 11pt; } article { break-inside: avoid; } pre, .evidence td { white-space: pre-wrap; overflow-wrap: anywhere; } .evidence { display: table; } }
        """;

    public void Write(JudgedMachine[] machines)
    {
        Verdict verdict = machines[0].Verdict;
        html.WriteLine("<!DOCTYPE html>");
        html.WriteLine(
            "<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        html.WriteLine("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">");
        html.WriteLine($"<title>{Text(verdict.Headline)}</title>");
        html.WriteLine($"<style>\n{Style}\n</style></head><body>");
        html.WriteLine(
            $"<header><p>kdt " +
            $"explain</p><h1>" +
                Text(verdict.Headline).Replace(" -&gt; ", " <span class=\"arrow-text\">→</span> ", StringComparison.Ordinal) +
                "</h1></header>");
        html.WriteLine("<main>");
        if (machines.Length > 1)
        {
            html.WriteLine("<h2>Machines</h2><table class=\"inputs\">");
            foreach (JudgedMachine m in machines)
                html.WriteLine($"<tr><td>{Text(m.Machine.Name)}</td><td>{Text(m.Verdict.Headline)}</td></tr>");
            html.WriteLine("</table>");
        }
        foreach (JudgedMachine m in machines)
            WriteMachine(m, named: machines.Length > 1);
        html.WriteLine("<h2>Inputs</h2><table class=\"inputs\">");
        foreach (CaseInput input in machines.SelectMany(m => m.Machine.Inputs))
            html.WriteLine(
                $"<tr><td><code>{Text(input.Path)}</code></td><td>{Text(input.Kind)}</td><td>{Text(input.Note ?? "")}</td></tr>");
        html.WriteLine("</table></main></body></html>");
    }

    private void WriteMachine(JudgedMachine machine, bool named)
    {
        Verdict verdict = machine.Verdict;
        if (named)
            html.WriteLine($"<h2>{Text(machine.Machine.Name)}</h2><p>{Text(machine.Machine.Doubt ?? "")}</p>");
        html.WriteLine("<div class=\"scroll\">");
        CauseDiagram.Write(html, verdict);
        html.WriteLine("</div>");
        if (verdict.Findings.Count > 0 && !named)
            html.WriteLine("<h2>Findings</h2>");
        foreach (Finding finding in InOrder(verdict))
            WriteFinding(finding, verdict);
        WriteUnknowns(verdict);
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

    private void WriteFinding(Finding finding, Verdict verdict)
    {
        string severity = VerdictJson.NameOf(finding.Severity);
        html.WriteLine($"<article class=\"{severity}\"><h3>{Text(finding.Title)}</h3>");
        html.WriteLine(
            $"<p class=\"tags\"><b>{severity}</b> · {Text(finding.Id)} · {(int)Math.Round(finding.Confidence * 100)} % sure</p>");
        html.WriteLine($"<p>{Text(finding.Why)}</p>");
        string causes = string.Join("; ",
            finding.CausedBy.Select(key => verdict.Findings.FirstOrDefault(f => f.Ref == key)?.Title).OfType<string>());
        if (causes.Length > 0)
            html.WriteLine($"<p class=\"mind\">Explained by: {Text(causes)}</p>");
        if (finding.Fixes.Count > 0)
        {
            html.WriteLine("<h4>What to change</h4><ol>");
            foreach (Fix fix in finding.Fixes)
            {
                html.WriteLine($"<li>{Text(fix.Text)}");
                if (fix.Command is not null)
                    html.WriteLine($"<pre>{Text(fix.Command)}</pre>");
                if (fix.Risk is not null)
                    html.WriteLine($"<p class=\"mind\">Mind: {Text(fix.Risk)}</p>");
                html.WriteLine("</li>");
            }
            html.WriteLine("</ol>");
        }
        if (finding.Evidence.Count > 0)
        {
            html.WriteLine("<h4>Evidence</h4>");
            WriteEvidence(finding.Evidence);
        }
        html.WriteLine("</article>");
    }

    private void WriteEvidence(IReadOnlyList<Source> evidence)
    {
        if (evidence.Count == 0)
            return;
        html.WriteLine("<table class=\"evidence\">");
        foreach (Source source in evidence)
            html.WriteLine($"<tr><td>{Text(source.Place)}</td><td>{Text(source.Text.Trim())}</td></tr>");
        html.WriteLine("</table>");
    }

    private void WriteUnknowns(Verdict verdict)
    {
        if (verdict.Unknowns.Count == 0)
            return;
        html.WriteLine("<h2>Not known</h2><ul>");
        foreach (Unknown unknown in verdict.Unknowns)
        {
            html.WriteLine($"<li>{Text(unknown.Question)}<br><span class=\"mind\">Would tell: {Text(unknown.Settle)}</span>");
            WriteEvidence(unknown.Evidence);
            html.WriteLine("</li>");
        }
        html.WriteLine("</ul>");
    }

    private static string Text(string text) => WebUtility.HtmlEncode(Printable.Escape(text));
}
