using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;
using Kdump.Diagnosis.Times;
using Kdump.Sources.Cases;

namespace Kdump.Cli.Reports;

/// <summary>
/// The report page: one file without external resources, readable on a telephone, a wide screen and paper, in light and dark mode.
/// </summary>
internal sealed class ExplainHtml(StringWriter html, Words words)
{
    public void Write(JudgedMachine[] machines)
    {
        Verdict verdict = machines[0].Verdict;
        PageFrame.Begin(html, verdict.Headline, words);
        PageFrame.Header(html, "kdt explain", verdict.Headline, machines.Length == 1 ? About(machines[0]) : [],
            findings: machines.Any(m => m.Verdict.Findings.Count > 0), words);
        if (machines.Length > 1)
        {
            html.Write($"<h2>{words.Of("Machines, worst first")}</h2>\n<table class=\"rows\"><tbody>\n");
            for (int i = 0; i < machines.Length && html.GetStringBuilder().Length < VerdictHtml.MaxLength / 4; i++)
                html.Write($"<tr><td><a href=\"#m{i + 1}\">{PageFrame.Text(machines[i].Machine.Name)}</a></td>" +
                    $"<td>{PageFrame.Text(machines[i].Verdict.Headline)}</td></tr>\n");
            html.Write("</tbody></table>\n");
        }
        for (int i = 0; i < machines.Length; i++)
        {
            if (html.GetStringBuilder().Length > VerdictHtml.MaxLength)
            {
                string rest = $"And {Counted.Of(machines.Length - i, "more machine")}: kdt explain -v shows them.";
                html.Write($"<p>{words.Of(rest)}</p>\n");
                break;
            }
            Machine(machines[i], i + 1, named: machines.Length > 1);
        }
        Inputs(machines);
        PageFrame.End(html);
    }

    /// <summary>The facts that identify a printed page: inputs, version, time.</summary>
    private IEnumerable<(string Name, string? Value)> About(JudgedMachine machine)
    {
        Facts facts = machine.Machine.Facts;
        yield return (words.Of("host"), machine.Machine.Host);
        yield return (words.Of("machine"), facts.Of<MachineIdentity>().FirstOrDefault(i => i.Kind == IdentityKind.Model)?.Value);
        yield return (words.Of("kernel"), machine.Machine.Release);
        yield return (words.Of("when"), machine.Verdict.Chain.SelectMany(f => f.Evidence).Select(Timeline.Clock).FirstOrDefault(c =>
            c is not null));
        CaseInput[] used = [.. machine.Machine.Inputs.Where(i => i.Used)];
        yield return (words.Of("inputs"),
            $"{used.Length}: {string.Join(", ", used.Select(i => words.Of(i.Kind)).Distinct(StringComparer.Ordinal).Take(8))}");
    }

    private void Machine(JudgedMachine machine, int number, bool named)
    {
        if (named)
        {
            html.Write($"<h2 id=\"m{number}\">{PageFrame.Text(machine.Machine.Name)}</h2>\n");
            if (machine.Machine.Doubt is { } doubt)
                html.Write($"<p>{PageFrame.Text(words.Of(doubt))}</p>\n");
            PageFrame.Rows(html, About(machine));
        }
        FindingHtml findings = VerdictHtml.Write(html, machine.Verdict, number, "kdt explain -v", words);
        new MachineHtml(html, machine.Machine.Facts, machine.Verdict, findings).Write();
    }

    private void Inputs(JudgedMachine[] machines)
    {
        CaseInput[] all = [.. machines.SelectMany(m => m.Machine.Inputs)];
        var names = new ShortPlaces(all.Select(i => i.Path));
        html.Write($"<h2>{words.Of("Inputs")}</h2>\n<table class=\"rows\"><tbody>\n");
        foreach (CaseInput input in all.Take(500))
            html.Write($"<tr><td><code>{PageFrame.Text(names.Of(input.Path))}</code></td><td>{PageFrame.Text(words.Of(input.Kind))}</td>" +
                $"<td>{PageFrame.Text(words.Of(input.Note ?? ""))}</td></tr>\n");
        html.Write("</tbody></table>\n");
        if (all.Length > 500)
            html.Write($"<p>{words.Of($"And {all.Length - 500} more.")}</p>\n");
        string[] folders = [.. all.Select(i => Path.GetDirectoryName(i.Path) ?? "").Where(d => d.Length > 0).Distinct().Take(2)];
        if (folders is [var only])
            html.Write($"<p class=\"mind\">{words.Of("All of them in ")}{PageFrame.Text(only)}</p>\n");
    }
}
