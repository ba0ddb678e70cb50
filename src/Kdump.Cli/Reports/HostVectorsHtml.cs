using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;
using Kdump.Diagnosis.Vectors;

namespace Kdump.Cli.Reports;

/// <summary><c>kdt host vectors -o</c>: the forecast of the crash kernel's interrupt vectors as a page.</summary>
internal static class HostVectorsHtml
{
    public static void Write(StringWriter html, string root, VectorOutlook outlook, VectorPlan[] plans, Verdict verdict, Words words)
    {
        VectorForecast forecast = outlook.Forecast;
        string title = verdict.RootCauses.Count > 0 ? verdict.Headline
            : $"{Counted.Of(forecast.Current.Likely, "interrupt vector", "is", "are")} needed, {forecast.Current.Available} are offered";
        PageFrame.Begin(html, title, words);
        PageFrame.Header(html, "kdt host vectors", title,
            [("machine", root), PageFrame.Today("checked"), ("image", outlook.Image.Length == 0 ? "none" : outlook.Image),
                ("target", outlook.Target.Length == 0 ? "unknown" : outlook.Target),
                ("options", $"{(outlook.MaxCpus ? "maxcpus" : "nr_cpus")}={forecast.Current.Cpus}" +
                    $"{(outlook.Assumed ? " (assumed: no configuration was found)" : "")}"),
                ("advice", HostVectorsText.Recommendation(forecast))], findings: verdict.Findings.Count > 0, words);
        VerdictHtml.Write(html, verdict, 1, "kdt host vectors", words);
        Forecast(html, outlook, plans);
        PageFrame.End(html);
    }

    /// <summary>For each number of CPUs what is needed and offered; for the present number which driver takes what.</summary>
    public static void Forecast(TextWriter html, VectorOutlook outlook, VectorPlan[] plans)
    {
        VectorForecast forecast = outlook.Forecast;
        html.Write($"<h2>Forecast of interrupt vectors</h2>\n<p>One CPU offers {PageFrame.Text(forecast.Capacity.ToString())} vectors to " +
            $"devices ({PageFrame.Text(forecast.Capacity.Reasoning)}).</p>\n");
        PageFrame.BeginScroll(html, "Needed and offered by number of CPUs");
        html.Write("<table><thead><tr><th scope=\"col\">CPUs</th><th scope=\"col\">needed (least, likely, most)</th>" +
            "<th scope=\"col\">offered</th><th scope=\"col\">fits</th><th scope=\"col\">memory</th>" +
            "<th scope=\"col\">without vectors</th></tr></thead><tbody>\n");
        foreach (VectorPlan plan in plans)
            html.Write($"<tr><td class=\"figure\">{plan.Cpus}{(plan.Cpus == forecast.Current.Cpus ? " (now)" : "")}</td>" +
                $"<td class=\"figure\">{plan.Low}, {plan.Likely}, {plan.High}</td><td class=\"figure\">{plan.Available}</td>" +
                $"<td>{HostVectorsText.Fits(plan)}</td><td class=\"figure\">{(plan.MemoryBytes + (1 << 19)) >> 20} MB</td>" +
                $"<td>{PageFrame.Text(HostVectorsText.Victims(plan))}</td></tr>\n");
        html.Write("</tbody></table></div>\n");
        HostVectorsText.Driver[] drivers = [.. HostVectorsText.Drivers(forecast)];
        if (drivers.Length == 0)
            return;
        html.Write($"<h3>With {Counted.Of(forecast.Current.Cpus, "CPU")}</h3>\n");
        VectorMap.Write(html, "needed", [.. drivers.Select(d => (d.Name, d.Need.Likely))], forecast.Current.Available);
        html.Write("<ul>\n");
        foreach (HostVectorsText.Driver driver in drivers)
            html.Write($"<li>{PageFrame.Text($"{driver.Name}: {driver.Range}")}, {Counted.Of(driver.Devices, "device")} " +
                $"<span class=\"mind\">{PageFrame.Text(driver.How)}</span></li>\n");
        html.Write("</ul>\n");
        if (HostVectorsText.Idle(forecast) is { Length: > 0 } idle)
            html.Write($"<p class=\"mind\">Not in the image, not counted: {PageFrame.Text(idle)}</p>\n");
        foreach (string gap in outlook.Gaps)
            html.Write($"<p class=\"mind\">{PageFrame.Text(gap)}</p>\n");
    }
}
