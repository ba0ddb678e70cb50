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
            : words.Of($"{Counted.Of(forecast.Current.Likely, "interrupt vector", "is", "are")} needed, " +
                $"{forecast.Current.Available} are offered");
        PageFrame.Begin(html, title, words);
        PageFrame.Header(html, "kdt host vectors", title,
            [(words.Of("machine"), root), PageFrame.Today(words.Of("checked")),
                (words.Of("image"), outlook.Image.Length == 0 ? words.Of("none") : outlook.Image),
                (words.Of("target"), outlook.Target.Length == 0 ? words.Of("unknown") : outlook.Target),
                (words.Of("options"), $"{(outlook.MaxCpus ? "maxcpus" : "nr_cpus")}={forecast.Current.Cpus}" +
                    $"{(outlook.Assumed ? words.Of(" (assumed: no configuration was found)") : "")}"),
                (words.Of("advice"), words.Of(HostVectorsText.Recommendation(forecast)))], findings: verdict.Findings.Count > 0, words);
        VerdictHtml.Write(html, verdict, 1, "kdt host vectors", words);
        Forecast(html, outlook, plans, words);
        PageFrame.End(html);
    }

    /// <summary>For each number of CPUs what is needed and offered; for the present number which driver takes what.</summary>
    public static void Forecast(TextWriter html, VectorOutlook outlook, VectorPlan[] plans, Words words)
    {
        VectorForecast forecast = outlook.Forecast;
        html.Write($"<h2>{words.Of("Forecast of interrupt vectors")}</h2>\n<p>" + PageFrame.Text(words.Of(
            $"One CPU offers {forecast.Capacity} vectors to devices ({forecast.Capacity.Reasoning}).")) + "</p>\n");
        PageFrame.BeginScroll(html, words.Of("Needed and offered by number of CPUs"));
        html.Write("<table class=\"fit\"><thead><tr>" + string.Concat(
            new[] { "CPUs", "fits", "offered", "needed (least, likely, most)", "memory", "without vectors" }
                .Select(head => $"<th scope=\"col\">{words.Of(head)}</th>")) + "</tr></thead><tbody>\n");
        foreach (VectorPlan plan in plans)
            html.Write($"<tr><td class=\"figure\">{plan.Cpus}{(plan.Cpus == forecast.Current.Cpus ? words.Of(" (now)") : "")}</td>" +
                $"<td>{words.Of(HostVectorsText.Fits(plan))}</td><td class=\"figure\">{plan.Available}</td>" +
                $"<td class=\"figure\">{plan.Low}, {plan.Likely}, {plan.High}</td>" +
                $"<td class=\"figure\">{(plan.MemoryBytes + (1 << 19)) >> 20} MB</td>" +
                $"<td>{PageFrame.Text(words.Of(HostVectorsText.Victims(plan)))}</td></tr>\n");
        html.Write("</tbody></table></div>\n");
        HostVectorsText.Driver[] drivers = [.. HostVectorsText.Drivers(forecast)];
        if (drivers.Length == 0)
            return;
        html.Write($"<h3>{words.Of($"With {Counted.Of(forecast.Current.Cpus, "CPU")}")}</h3>\n");
        VectorMap.Write(html, "needed", [.. drivers.Select(d => (d.Name, d.Need.Likely))], forecast.Current.Available, words);
        html.Write("<ul>\n");
        foreach (HostVectorsText.Driver driver in drivers)
            html.Write($"<li>{PageFrame.Text($"{driver.Name}: {driver.Range}")}, {words.Of(Counted.Of(driver.Devices, "device"))} " +
                $"<span class=\"mind\">{PageFrame.Text(words.Of(driver.How))}</span></li>\n");
        html.Write("</ul>\n");
        if (HostVectorsText.Idle(forecast) is { Length: > 0 } idle)
            html.Write($"<p class=\"mind\">{words.Of("Not in the image, not counted: ")}{PageFrame.Text(idle)}</p>\n");
        foreach (string gap in outlook.Gaps)
            html.Write($"<p class=\"mind\">{PageFrame.Text(words.Of(gap))}</p>\n");
    }
}
