using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Sources.Trees;

namespace Kdump.Cli.Reports;

/// <summary><c>kdt host check -o</c>: whether this machine would write a dump, as a page.</summary>
internal static class HostCheckHtml
{
    public static void Write(StringWriter html, MachineTree root, Facts facts, Verdict verdict)
    {
        PageFrame.Begin(html, verdict.Headline);
        PageFrame.Header(html, "kdt host check", verdict.Headline,
            [("host", facts.Of<MachineIdentity>().FirstOrDefault(i => i.Kind == IdentityKind.Host)?.Value), PageFrame.Today("checked"),
                .. HostCheckText.Rows(root, facts)], findings: verdict.Findings.Count > 0);
        FindingHtml findings = VerdictHtml.Write(html, verdict, 1, "kdt host check -v");
        if (facts.Of<VectorOutlook>() is [.., { OtherArchitecture: false } outlook])
            HostVectorsHtml.Forecast(html, outlook, [outlook.Forecast.Current]);
        new MachineHtml(html, facts, verdict, findings).Write();
        PageFrame.End(html);
    }
}
