using System.Globalization;
using Kdump.Cli.Commands;
using Kdump.Cli.Reports;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Fleet.Questions;
using Kdump.Fleet.Stores;
using Kdump.Sources.Records;

namespace Kdump.FleetCli.Reports;

/// <summary>
/// The fleet as one page without external resources: kinds of crash with their trend, which machines have which, why dumps were
/// lost. Every picture is also given as a list or table.
/// </summary>
internal sealed class FleetHtml(TextWriter html, FleetStore store)
{
    private const int MaxKinds = 100, MaxMachines = 60, MaxColumns = 20, MaxCrashes = 20;

    /// <summary>Number of shades of a cell, by the logarithm of its crashes.</summary>
    private const int Heats = 6;

    public static void WriteFile(string path, FleetStore store) => PageFile.Write(path, html => new FleetHtml(html, store).Write());

    private void Write()
    {
        IReadOnlyList<ClusterRow> kinds = TopClusters.Of(store, MaxKinds);
        long crashes = store.Count("SELECT COUNT(*) FROM crashes"), machines = store.Machines(),
            all = store.Count("SELECT COUNT(DISTINCT cluster) FROM signatures");
        PageFrame.Begin(html, $"Crashes of a fleet: {store.Name}");
        html.WriteLine($"<header><p>kdt fleet</p><h1>{Counted.Of(crashes, "crash")} of {Counted.Of(machines, "machine")} in " +
            $"{Counted.Of(all, "kind")}</h1>" +
            $"<p>{Text(store.Name)}; newest crash {FleetText.Day(kinds.Max(k => k.LastSeen))}; " +
                $"{Text(ProgramVersion.Line(FleetProgram.Name))}</p></header><main>");
        Kinds(kinds, all);
        Heat(kinds);
        Dumps();
        html.WriteLine("<h2>Each kind</h2>");
        foreach (ClusterRow kind in kinds)
            One(kind);
        PageFrame.End(html);
    }

    private void Kinds(IReadOnlyList<ClusterRow> kinds, long all)
    {
        html.WriteLine("<h2>Kinds of crash</h2>");
        PageFrame.BeginScroll(html, "Kinds of crash");
        html.WriteLine("<table><thead><tr><th>Kind</th><th class=\"figure\">Machines</th>" +
            $"<th class=\"figure\">Crashes</th><th>First</th><th>Last</th><th>{TopClusters.Weeks} weeks</th></tr></thead><tbody>");
        foreach (ClusterRow k in kinds)
            html.WriteLine($"<tr><td><a href=\"#k{k.Id}\">{Text(k.Title)}</a></td><td class=\"figure\">{k.Machines}</td><td " +
                $"class=\"figure\">{k.Crashes}</td>" +
                $"<td class=\"when\">{FleetText.Day(k.FirstSeen)}</td><td class=\"when\">{FleetText.Day(k.LastSeen)}</td>" +
                $"<td>{Trend(k)}</td></tr>");
        html.WriteLine("</tbody></table></div>");
        if (all > kinds.Count)
            html.WriteLine($"<p class=\"mind\">The first {kinds.Count} of {all}.</p>");
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
        html.WriteLine("<h2>Machines and kinds</h2>");
        PageFrame.BeginScroll(html, "Machines and kinds");
        html.WriteLine("<table class=\"heat\"><thead><tr><th scope=\"col\">Machine</th>");
        foreach (ClusterRow k in columns)
            html.WriteLine($"<th scope=\"col\"><a href=\"#k{k.Id}\" title=\"{Text(k.Title)}\"><code>{k.Id[..4]}</code></a></th>");
        html.WriteLine("<th scope=\"col\">others</th></tr></thead><tbody>");
        foreach (Row r in rows)
        {
            Dictionary<string, long> of = store.Rows("""
                SELECT s.cluster, COUNT(*) FROM crashes c JOIN signatures s ON s.signature = c.signature WHERE c.machine = @m GROUP BY s.cluster
                """, ("m", r.Text(0))).ToDictionary(c => c.Text(0), c => c.Number(1), StringComparer.Ordinal);
            html.Write($"<tr><th scope=\"row\">{Text(r.Text(0))}</th>");
            // A machine whose crashes are all of rarer kinds has a row, too.
            foreach (long n in columns.Select(k => of.GetValueOrDefault(k.Id)).Append(of.Values.Sum() - columns.Sum(k =>
                of.GetValueOrDefault(k.Id))))
                html.Write(n == 0 ? "<td></td>" : $"<td class=\"h{Math.Min(Heats, (int)Math.Log2(n) + 1)}\">{n}</td>");
            html.WriteLine("</tr>");
        }
        html.WriteLine("</tbody></table></div>");
    }

    private void Dumps()
    {
        LostDumps lost = LostDumps.Of(store);
        html.WriteLine($"<h2>Dumps</h2><p>Of {Counted.Of(lost.Told, "crash")} whose dump outcome is known, {lost.Saved} were saved, " +
            $"{lost.Incomplete} " +
            $"are incomplete and {lost.Lost} were lost.</p>");
        if (lost.Reasons.Count == 0)
            return;
        html.WriteLine("<ul>");
        foreach (LostDump r in lost.Reasons.Take(MaxCrashes))
            html.WriteLine($"<li>{r.Crashes} on {Counted.Of(r.Machines, "machine")}: " +
                $"{Text(r.Reason)}{(r.Fix is null ? "" : $"<br><span class=\"mind\">{Text(r.Fix)}</span>")}</li>");
        html.WriteLine("</ul>");
    }

    private void One(ClusterRow kind)
    {
        html.Write($"<details id=\"k{kind.Id}\"><summary><code>{kind.Id}</code> ");
        html.WriteLine($"{Text(kind.Title)} ({Counted.Of(kind.Machines, "machine")})</summary>");
        if (kind.Releases.Count > 0)
            html.WriteLine($"<p>Releases: {Text(string.Join(", ", kind.Releases))}</p>");
        if (kind.Models.Count > 0)
            html.WriteLine($"<p>Models: {Text(string.Join("; ", kind.Models))}</p>");
        IReadOnlyList<FleetCrash> crashes = FleetCrash.OfCluster(store, kind.Id, MaxCrashes);
        if (!kind.Placed)
            html.WriteLine("<p>Its reports do not tell where they crashed: they have one title, and are several bugs most likely.</p>");
        else if (crashes.FirstOrDefault(c => c.Fix is not null) is { } mended)
            html.WriteLine($"<p>Fix: {string.Join("<br>", mended.Fixes.DefaultIfEmpty(mended.Fix!).Select(Text))}</p>");
        PageFrame.BeginScroll(html, $"Crashes of kind {kind.Id}");
        html.WriteLine("<table><thead><tr><th>Time</th><th>Machine</th><th>Release</th><th>Dump</th><th>Evidence</th></tr></thead><tbody>");
        foreach (FleetCrash c in crashes)
            html.WriteLine($"<tr><td class=\"when\">{Text(FleetText.Moment(c.Moment, c.MomentFrom))}</td><td>{Text(c.Machine)}</td>" +
                $"<td>{Text(c.Release ?? "")}</td>" +
                $"<td>{JudgedJson.NameOf(c.Outcome)}</td><td><code>{Text(c.Evidence)}</code></td></tr>");
        html.WriteLine("</tbody></table></div></details>");
    }

    private static string Text(string text) => PageFrame.Text(text);
}
