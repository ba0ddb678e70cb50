using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;
using Kdump.Sources.Trees;

namespace Kdump.Cli.Reports;

/// <summary><c>kdt host check -o</c>: whether this machine would write a dump, as a page.</summary>
internal static class HostCheckHtml
{
    public static void Write(StringWriter html, MachineTree root, Facts facts, Verdict verdict, Words words)
    {
        PageFrame.Begin(html, verdict.Headline, words);
        PageFrame.Header(html, "kdt host check", verdict.Headline,
            [(words.Of("host"), facts.Of<MachineIdentity>().FirstOrDefault(i => i.Kind == IdentityKind.Host)?.Value),
                PageFrame.Today(words.Of("checked")),
                .. HostCheckText.Rows(root, facts, verdict, words)], findings: verdict.Findings.Count > 0, words);
        FindingHtml findings = VerdictHtml.Write(html, verdict, 1, "kdt host check -v", words);
        if (facts.Of<VectorOutlook>() is [.., { OtherArchitecture: false } outlook])
            HostVectorsHtml.Forecast(html, outlook, [outlook.Forecast.Current], words);
        new MachineHtml(html, facts, verdict, findings).Write();
        PageFrame.End(html);
    }
}
