using System.Globalization;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Evidence.Pci;
using Kdump.Diagnosis.Hardware;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Pci;
using Kdump.Diagnosis.Times;
using Kdump.Diagnosis.Vectors;

namespace Kdump.Cli.Reports;

/// <summary>
/// What the inputs contain about a machine besides its findings, each part only if there is data: events in time, vectors, PCI
/// tree, memory of the reservation, DIMMs. Every picture has its numbers as text.
/// </summary>
internal sealed class MachineHtml(TextWriter html, Facts facts, Verdict verdict, FindingHtml findings)
{
    private const int MaxFunctions = 300;

    public void Write()
    {
        Times();
        Vectors();
        Memory();
        Pci();
        Dimms();
    }

    private string Of(string english) => findings.Words.Of(english);

    private void Times()
    {
        Timeline timeline = Timeline.Of(facts, verdict);
        List<(string When, Source Source, string Finding)> rows = timeline.Events.Count > 0
            ? [.. timeline.Events.Select(e => (timeline.Time(e).Replace('T', ' '), e.Source, e.Finding))]
            : [.. verdict.Findings.Where(f => f.Evidence.Any(s => s.Line > 0 && Timeline.Clock(s) is not null))
                .Select(f => (f.Evidence.First(s => s.Line > 0 && Timeline.Clock(s) is not null), f.Key))
                .OrderBy(e => e.Item1.Input, StringComparer.Ordinal).ThenBy(e => e.Item1.Order)
                .Select(e => (Timeline.Clock(e.Item1)!, e.Item1, e.Key))];
        if (rows.Count < 2)
            return;
        string order;
        if (timeline.Events.Count == 0)
            order = "In the order of each log";
        else
            order = timeline.Utc ? "In time (UTC)" : "In time (the machine's own)";
        html.Write($"<h2>{Of(order)}</h2>\n<table class=\"rows\"><thead><tr><th>{Of("when")}</th><th>{Of("what")}</th>" +
            $"<th>{Of("line")}</th></tr>" +
            "</thead><tbody>\n");
        foreach ((string when, Source source, string key) in rows)
            html.Write($"<tr><td class=\"when\">{PageFrame.Text(when)}</td><td>" +
                (verdict.Findings.FirstOrDefault(f => f.Key == key) is { } finding ? findings.Link(finding) : "") +
                $"</td><td><code>{findings.Place(source)}</code></td></tr>\n");
        html.Write("</tbody></table>\n");
        foreach (string note in timeline.Notes)
            html.Write($"<p class=\"mind\">{PageFrame.Text(Of(note))}</p>\n");
    }

    /// <summary>The users of the vectors of the crash kernel's CPUs, one cell per vector.</summary>
    private void Vectors()
    {
        if (!verdict.Findings.Any(f => f.Id == "vector-exhaustion") || facts.Of<InterruptTable>().Where(t => t.MayBeCapture)
            .OrderByDescending(t => t.Boot?.Capture == true).ThenByDescending(t => t.VectorsHeld).FirstOrDefault() is not { } table)
            return;
        VectorUse use = VectorUse.Of(table);
        int offered = VectorCapacity.Unmeasured.Low * table.Cpus.Count, free = Math.Max(0, offered - use.Total);
        string count = $"{use.Total} of about {offered} are in use on {Counted.Of(table.Cpus.Count, "CPU")}; {free} free.";
        html.Write($"<h2>{Of("Interrupt vectors")}</h2>\n<p>{Of(count)}</p>\n");
        VectorMap.Write(html, "held", use.Owners, offered, findings.Words);
    }

    /// <summary>The memory that a crash kernel of this machine needs, item by item, compared with the reservation.</summary>
    private void Memory()
    {
        if (facts.Of<MemoryOutlook>() is not [.., var outlook])
            return;
        long most = Math.Max(1, Math.Max(outlook.Reserved, outlook.Forecast.Needed.High));
        html.Write($"<h2>{Of("Memory of the reservation")}</h2>\n<table><thead><tr><th>{Of("size")}</th><th>{Of("share")}</th>" +
            $"<th>{Of("what")}</th></tr></thead><tbody>\n");
        if (outlook.Reserved >= 0)
            Row(Of("reserved"), outlook.Reserved);
        Row(Of("needed, likely"), outlook.Forecast.Needed.Likely);
        Row(Of("needed, at most"), outlook.Forecast.Needed.High);
        foreach (var item in outlook.Forecast.Items.OrderByDescending(i => i.Bytes.Likely).Take(24))
            Row(Of(item.Name), item.Bytes.Likely);
        html.Write("</tbody></table>\n");

        void Row(string what, long bytes) => html.Write($"<tr><td class=\"figure\">{Reckoned.Bytes(what, bytes).Figure}</td><td><svg " +
            "class=\"bar\" viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\" aria-hidden=\"true\">" +
            $"<rect width=\"{Math.Max(0, bytes) * 100 / most}\" height=\"8\"/></svg></td><td>{PageFrame.Text(what)}</td></tr>\n");
    }

    /// <summary>The tree; devices with findings and the path to them are marked.</summary>
    private void Pci()
    {
        var tree = new PciTree(facts.Of<LspciFunction>());
        if (tree.All.Count == 0)
            return;
        Finding[] bad = [.. verdict.Findings.Where(f => f.Severity >= Severity.Warning && f.Subject is not null)];
        var failing = new Dictionary<PciAddress, Finding>();
        foreach (LspciFunction function in tree.All)
        {
            if (Array.Find(bad, f => f.Subject!.Contains(function.Address.ToString(), StringComparison.Ordinal)) is { } finding)
                failing[function.Address] = finding;
        }
        HashSet<PciAddress> way = [.. tree.All.Where(f => failing.ContainsKey(f.Address)).SelectMany(tree.PathTo).Select(f => f.Address)];
        bool few = tree.All.Count <= MaxFunctions;
        html.Write($"<h2>{Of("PCI tree")}</h2>\n<ul class=\"tree\">\n");
        int left = MaxFunctions;
        foreach ((int depth, LspciFunction f) in tree.Walk())
        {
            bool fails = failing.TryGetValue(f.Address, out Finding? finding);
            if ((!few && !fails && !way.Contains(f.Address)) || left-- <= 0)
                continue;
            string kind;
            if (fails)
                kind = " bad";
            else
                kind = way.Contains(f.Address) ? " way" : "";
            string mark;
            if (fails)
                mark = $" ✗ {findings.Link(finding!)}";
            else
                mark = kind.Length > 0 ? Of(" (on the path)") : "";
            html.Write($"<li class=\"d{Math.Min(depth, 6)}{kind}\">{f.Address} {PageFrame.Text(PciClass.Words(f.Class))}" +
                $"{(f.Name.Length > 0 ? $": {PageFrame.Text(f.Name)}" : "")}{(f.Driver is null ? "" : $" [{PageFrame.Text(f.Driver)}]")}" +
                mark + "</li>\n");
        }
        html.Write("</ul>\n");
        if (!few)
            html.Write($"<p class=\"mind\">{Of($"Of {Counted.Of(tree.All.Count, "function")}, only those with findings and the " +
                "path to them are shown.")}</p>\n");
    }

    private void Dimms()
    {
        Finding[] places = [.. verdict.Findings.Where(f => f.Memory is not null)];
        if (places.Length == 0)
            return;
        html.Write($"<h2>{Of("DIMM ledger")}</h2>\n<table><thead><tr>" + string.Concat(new[] { "place", "corrected", "uncorrected",
            "reports", "rows", "pages" }.Select(head => $"<th>{Of(head)}</th>")) + "</tr></thead><tbody>\n");
        foreach (Finding finding in places.OrderByDescending(f => f.Memory!.Uncorrected).ThenByDescending(f => f.Memory!.Corrected)
            .Take(64))
        {
            MemoryPlace m = finding.Memory!;
            html.Write("<tr><td><a " +
                $"href=\"#{findings.Anchor(finding)}\">{PageFrame.Text(m.Place.Length == 0 ? Of("not known") : m.Place)}</a>" +
                "</td>" + string.Concat(new[] { m.Corrected, m.Uncorrected, m.Reports, m.Rows, m.Pages }
                    .Select(n => $"<td class=\"figure\">{n.ToString(CultureInfo.InvariantCulture)}</td>")) + "</tr>\n");
        }
        html.Write("</tbody></table>\n");
    }
}
