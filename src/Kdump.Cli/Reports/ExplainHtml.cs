using System.Globalization;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Times;
using Kdump.Sources.Cases;

namespace Kdump.Cli.Reports;

/// <summary>
/// The report page: one file without external resources, readable on a telephone, a wide screen and paper, in light and dark mode.
/// </summary>
#pragma warning disable CA1001 // A StringWriter has no resources to dispose of.
internal sealed class ExplainHtml(TextWriter file)
#pragma warning restore CA1001
{
    /// <summary>Maximum length in characters, so that the page can be mailed; findings beyond it are only counted.</summary>
    private const int MaxLength = 800_000;

    private readonly StringWriter html = new(CultureInfo.InvariantCulture) { NewLine = "\n" };

    public void Write(JudgedMachine[] machines)
    {
        Verdict verdict = machines[0].Verdict;
        PageFrame.Begin(html, verdict.Headline);
        html.Write("<a class=\"skip\" href=\"#findings\">To the findings</a>\n<header><p>kdt explain</p>\n<h1>" +
            PageFrame.Text(verdict.Headline).Replace(" -&gt; ", " <span>→</span> ", StringComparison.Ordinal) + "</h1>\n");
        if (machines.Length == 1)
            About(machines[0]);
        html.Write($"<p>{PageFrame.Text(ProgramVersion.Line())}</p></header>\n<main>\n");
        if (machines.Length > 1)
        {
            html.Write("<h2>Machines, worst first</h2>\n<table class=\"rows\"><tbody>\n");
            for (int i = 0; i < machines.Length && html.GetStringBuilder().Length < MaxLength / 4; i++)
                html.Write($"<tr><td><a href=\"#m{i + 1}\">{PageFrame.Text(machines[i].Machine.Name)}</a></td>" +
                    $"<td>{PageFrame.Text(machines[i].Verdict.Headline)}</td></tr>\n");
            html.Write("</tbody></table>\n");
        }
        for (int i = 0; i < machines.Length; i++)
        {
            if (html.GetStringBuilder().Length > MaxLength)
            {
                html.Write($"<p>And {machines.Length - i} more machines: kdt explain -v shows them.</p>\n");
                break;
            }
            Machine(machines[i], i + 1, named: machines.Length > 1);
        }
        Inputs(machines);
        html.Write("</main>\n");
        PageFrame.End(html);
        file.Write(html.GetStringBuilder());
    }

    /// <summary>The facts that identify a printed page: inputs, version, time.</summary>
    private void About(JudgedMachine machine)
    {
        Facts facts = machine.Machine.Facts;
        html.Write("<dl class=\"facts\">\n");
        Row("host", machine.Machine.Host);
        Row("machine", facts.Of<MachineIdentity>().FirstOrDefault(i => i.Kind == IdentityKind.Model)?.Value);
        Row("kernel", machine.Machine.Release);
        Row("when", machine.Verdict.Chain.SelectMany(f => f.Evidence).Select(Timeline.Clock).FirstOrDefault(c => c is not null));
        CaseInput[] used = [.. machine.Machine.Inputs.Where(i => i.Used)];
        Row("inputs", $"{used.Length}: {string.Join(", ", used.Select(i => i.Kind).Distinct(StringComparer.Ordinal).Take(8))}");
        html.Write("</dl>\n");

        void Row(string name, string? value)
        {
            if (value is not null)
                html.Write($"<dt>{name}</dt><dd>{PageFrame.Text(value)}</dd>\n");
        }
    }

    private void Machine(JudgedMachine machine, int number, bool named)
    {
        Verdict verdict = machine.Verdict;
        var findings = new FindingHtml(html, verdict, number);
        if (named)
        {
            html.Write($"<h2 id=\"m{number}\">{PageFrame.Text(machine.Machine.Name)}</h2>\n" +
                $"<p>{PageFrame.Text(machine.Machine.Doubt ?? "")}</p>\n");
            About(machine);
        }
        CauseDiagram.Write(html, verdict, findings);
        if (verdict.Findings.Count > 0)
            html.Write($"<h2{(number == 1 ? " id=\"findings\"" : "")}>Findings</h2>\n");
        List<Finding> all = InOrder(verdict);
        for (int i = 0; i < all.Count; i++)
        {
            if (html.GetStringBuilder().Length > MaxLength)
            {
                html.Write($"<p>And {all.Count - i} more findings: kdt explain -v shows them.</p>\n");
                break;
            }
            findings.Write(all[i]);
        }
        findings.Unknowns();
        new MachineHtml(html, machine, findings).Write();
    }

    private void Inputs(JudgedMachine[] machines)
    {
        CaseInput[] all = [.. machines.SelectMany(m => m.Machine.Inputs)];
        var names = new ShortPlaces(all.Select(i => i.Path));
        html.Write("<h2>Inputs</h2>\n<table class=\"rows\"><tbody>\n");
        foreach (CaseInput input in all.Take(500))
            html.Write($"<tr><td><code>{PageFrame.Text(names.Of(input.Path))}</code></td><td>{PageFrame.Text(input.Kind)}</td>" +
                $"<td>{PageFrame.Text(input.Note ?? "")}</td></tr>\n");
        html.Write("</tbody></table>\n");
        if (all.Length > 500)
            html.Write($"<p>And {all.Length - 500} more.</p>\n");
        string[] folders = [.. all.Select(i => Path.GetDirectoryName(i.Path) ?? "").Where(d => d.Length > 0).Distinct().Take(2)];
        if (folders is [var only])
            html.Write($"<p class=\"mind\">All of them in {PageFrame.Text(only)}</p>\n");
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
