using System.Globalization;
using System.Net;
using Kdump.Fleet.Questions;
using Kdump.Fleet.Records;
using Kdump.Fleet.Stores;
using Kdump.Formats.Bytes;

namespace Kdump.Cli.Reports.FleetViews;

/// <summary>
/// The fleet as one page that needs nothing else: kinds of crash with their trend, which machines have which, why dumps were lost. A list
/// and a table say everything that a picture shows.
/// </summary>
internal sealed class FleetHtml(TextWriter html, FleetStore store)
{
    private const int MaxKinds = 100, MaxMachines = 60, MaxColumns = 20, MaxCrashes = 20;

    private const string Style = """
        :root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --paper: #fff; --box: #f6f8fa; --hot: 179, 38, 30; --bar: #0969da; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9da7b3; --line: #3d444d; --paper: #0d1117; --box: #161b22; --hot: 255, 123, 114; --bar: #79c0ff; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 76rem; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
        h1 { font-size: 1.45rem; } h2 { font-size: 1.1rem; margin: 2.25rem 0 .75rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); }
        p { margin: .4rem 0; } .soft { color: var(--soft); } .scroll { overflow-x: auto; }
        table { border-collapse: collapse; } th { text-align: left; font-size: .85rem; color: var(--soft); font-weight: 600; }
        th, td { padding: .25rem .8rem .25rem 0; vertical-align: top; } td.n, th.n { text-align: right; }
        code { font: 13px/1.45 ui-monospace, "DejaVu Sans Mono", Menlo, monospace; overflow-wrap: anywhere; }
        svg.trend { width: 7rem; height: 1.4rem; } svg.trend rect { fill: var(--bar); }
        table.heat td { padding: 0; border: 1px solid var(--line); min-width: 1.8rem; text-align: center; font-size: .8rem; }
        table.heat th { padding: .1rem .5rem .1rem 0; } table.heat thead th { font-weight: 400; vertical-align: bottom; padding: 0 .2rem; }
        details { border-top: 1px solid var(--line); padding: .4rem 0; } summary { cursor: pointer; } a { color: var(--bar); }
        @media print { body { max-width: none; padding: 0; font-size: 10pt; } details { break-inside: avoid; } }
        """;

    public static void WriteFile(string path, FleetStore store)
    {
        try
        {
            using var file = new StreamWriter(path) { NewLine = "\n" };
            new FleetHtml(file, store).Write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(path, "page", -1, e.Message, e);
        }
    }

    private void Write()
    {
        IReadOnlyList<ClusterRow> kinds = TopClusters.Of(store, MaxKinds);
        long crashes = store.Count("SELECT COUNT(*) FROM crashes"), machines = store.Count("SELECT COUNT(*) FROM machines"),
            all = store.Count("SELECT COUNT(DISTINCT cluster) FROM signatures");
        html.WriteLine("<!DOCTYPE html>");
        html.WriteLine("<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, " +
            "initial-scale=1\">");
        html.WriteLine("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">");
        html.WriteLine($"<title>Crashes of a fleet: {Text(store.Name)}</title><style>\n{Style}\n</style></head><body>");
        html.WriteLine($"<header><p class=\"soft\">kdt fleet</p><h1>{crashes} crashes of {machines} machines in {all} kinds</h1>" +
            $"<p class=\"soft\">{Text(store.Name)}; newest crash {FleetText.Day(kinds.Max(k => k.LastSeen))}; " +
                $"{Text(Terminals.ProgramVersion.Line())}</p></header><main>");
        Kinds(kinds, all);
        Heat(kinds);
        Dumps();
        html.WriteLine("<h2>Each kind</h2>");
        foreach (ClusterRow kind in kinds)
            One(kind);
        html.WriteLine("</main></body></html>");
    }

    private void Kinds(IReadOnlyList<ClusterRow> kinds, long all)
    {
        html.WriteLine("<h2>Kinds of crash</h2><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Kinds of " +
            "crash\"><table><thead><tr><th>Kind</th><th class=\"n\">Machines</th>" +
            $"<th class=\"n\">Crashes</th><th>First</th><th>Last</th><th>{TopClusters.Weeks} weeks</th></tr></thead><tbody>");
        foreach (ClusterRow k in kinds)
            html.WriteLine($"<tr><td><a href=\"#k{k.Id}\">{Text(k.Title)}</a></td><td class=\"n\">{k.Machines}</td><td " +
                $"class=\"n\">{k.Crashes}</td>" +
                $"<td>{FleetText.Day(k.FirstSeen)}</td><td>{FleetText.Day(k.LastSeen)}</td><td>{Trend(k)}</td></tr>");
        html.WriteLine("</tbody></table></div>");
        if (all > kinds.Count)
            html.WriteLine($"<p class=\"soft\">The first {kinds.Count} of {all}.</p>");
    }

    private static string Trend(ClusterRow kind)
    {
        int most = Math.Max(1, kind.Trend.Max());
        string bars = string.Concat(kind.Trend.Select((n, i) => n == 0 ? "" : string.Create(CultureInfo.InvariantCulture,
            $"<rect x=\"{i * 10}\" y=\"{20 - Math.Max(2, n * 20 / most)}\" width=\"8\" height=\"{Math.Max(2, n * 20 / most)}\"/>")));
        return $"<svg class=\"trend\" viewBox=\"0 0 {kind.Trend.Count * 10} 20\" role=\"img\" aria-label=\"crashes in each week, " +
            $"oldest first: {string.Join(", ", kind.Trend)}\">{bars}</svg>";
    }

    /// <summary>Which of the machines that crash most have which kind.</summary>
    private void Heat(IReadOnlyList<ClusterRow> kinds)
    {
        ClusterRow[] columns = [.. kinds.Take(MaxColumns)];
        Row[] rows = [.. store.Rows("SELECT machine, COUNT(*) AS n FROM crashes GROUP BY machine ORDER BY n DESC, machine LIMIT @most",
            ("most", (long)MaxMachines))];
        if (rows.Length == 0)
            return;
        html.WriteLine("<h2>Machines and kinds</h2><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Machines and " +
            "kinds\"><table class=\"heat\"><thead><tr><th scope=\"col\">Machine</th>");
        foreach (ClusterRow k in columns)
            html.WriteLine($"<th scope=\"col\"><a href=\"#k{k.Id}\" title=\"{Text(k.Title)}\"><code>{k.Id[..4]}</code></a></th>");
        html.WriteLine("</tr></thead><tbody>");
        foreach (Row r in rows)
        {
            Dictionary<string, long> of = store.Rows("""
                SELECT s.cluster, COUNT(*) FROM crashes c JOIN signatures s ON s.signature = c.signature WHERE c.machine = @m GROUP BY s.cluster
                """, ("m", r.Text(0))).ToDictionary(c => c.Text(0), c => c.Number(1), StringComparer.Ordinal);
            html.Write($"<tr><th scope=\"row\">{Text(r.Text(0))}</th>");
            foreach (ClusterRow k in columns)
            {
                long n = of.GetValueOrDefault(k.Id);
                html.Write(n == 0 ? "<td></td>" : string.Create(CultureInfo.InvariantCulture,
                    $"<td style=\"background: rgba(var(--hot), {Math.Min(0.5, 0.12 + (0.06 * Math.Log2(n + 1))):f2})\">{n}</td>"));
            }
            html.WriteLine("</tr>");
        }
        html.WriteLine("</tbody></table></div>");
    }

    private void Dumps()
    {
        LostDumps lost = LostDumps.Of(store);
        html.WriteLine($"<h2>Dumps</h2><p>Of {lost.Told} crashes whose dump is told, {lost.Saved} were saved, {lost.Incomplete} are " +
            $"incomplete and {lost.Lost} were lost.</p>");
        if (lost.Reasons.Count == 0)
            return;
        html.WriteLine("<ul>");
        foreach (LostDump r in lost.Reasons.Take(MaxCrashes))
            html.WriteLine($"<li>{r.Crashes} on {r.Machines} machines: " +
                $"{Text(r.Reason)}{(r.Fix is null ? "" : $"<br><span class=\"soft\">{Text(r.Fix)}</span>")}</li>");
        html.WriteLine("</ul>");
    }

    private void One(ClusterRow kind)
    {
        html.Write($"<details id=\"k{kind.Id}\"><summary><code>{kind.Id}</code> ");
        html.WriteLine($"{Text(kind.Title)} ({kind.Machines} machines)</summary>");
        if (kind.Releases.Count > 0)
            html.WriteLine($"<p>Releases: {Text(string.Join(", ", kind.Releases))}</p>");
        if (kind.Models.Count > 0)
            html.WriteLine($"<p>Models: {Text(string.Join("; ", kind.Models))}</p>");
        IReadOnlyList<FleetCrash> crashes = FleetCrash.OfCluster(store, kind.Id, MaxCrashes);
        if (crashes.FirstOrDefault(c => c.Fix is not null) is { } mended)
            html.WriteLine($"<p>Fix: {Text(mended.Fix!)}</p>");
        html.WriteLine("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Its " +
            "crashes\"><table><thead><tr><th>Time</th><th>Machine</th><th>Release</th><th>Dump</th><th>Evidence</th></tr></thead><tbody>");
        foreach (FleetCrash c in crashes)
            html.WriteLine($"<tr><td>{Text(FleetText.Moment(c.Time, c.TimeFrom))}</td><td>{Text(c.Machine)}</td>" +
                $"<td>{Text(c.Release ?? "")}</td>" +
                $"<td>{JudgedJson.NameOf(c.Outcome)}</td><td><code>{Text(c.Evidence)}</code></td></tr>");
        html.WriteLine("</tbody></table></div></details>");
    }

    private static string Text(string text) => WebUtility.HtmlEncode(Diagnosis.Model.Printable.Escape(text));
}
