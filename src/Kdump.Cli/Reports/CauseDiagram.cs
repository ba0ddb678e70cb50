using System.Globalization;
using System.Net;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;

namespace Kdump.Cli.Reports;

/// <summary>The graph of causes as SVG: causes on the left, effects on the right, one column per step.</summary>
internal static class CauseDiagram
{
    /// <summary>Maximum number of boxes; with more findings the page has only the list.</summary>
    private const int MaxBoxes = 24;
    private const int BoxWidth = 250, LineHeight = 18, ColumnGap = 64, RowGap = 22, Padding = 12, LineLength = 32, MaxLines = 5;

    private sealed record Box(Finding Finding, int Column, int Y, IReadOnlyList<string> Lines)
    {
        public int X => Padding + (Column * (BoxWidth + ColumnGap));

        public int Height => (Lines.Count * LineHeight) + (2 * Padding);

        public int Middle => Y + (Height / 2);
    }

    /// <summary>Writes nothing when no finding explains another.</summary>
    public static void Write(TextWriter html, Verdict verdict, FindingHtml findings)
    {
        List<Finding> linked = verdict.Findings.Where(f => f.CausedBy.Count > 0 || verdict.EffectsOf(f).Any()).Take(MaxBoxes).ToList();
        if (linked.Count == 0)
            return;
        Dictionary<FindingRef, Box> boxes = Place(linked);
        int width = boxes.Values.Max(b => b.X + BoxWidth) + Padding, height = boxes.Values.Max(b => b.Y + b.Height) + Padding;
        html.Write($"<svg class=\"graph wide\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" role=\"group\" " +
            "aria-label=\"Causes on the left, effects on the right\">\n");
        string tip = findings.Anchor(linked[0]);
        html.WriteLine(
            $"<defs><marker id=\"tip-{tip}\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" " +
            "orient=\"auto\"><path class=\"tip\" d=\"M0 0 8 4 0 8z\"/></marker></defs>");
        foreach (Box effect in boxes.Values)
        {
            foreach (FindingRef key in effect.Finding.CausedBy)
            {
                if (boxes.TryGetValue(key, out Box? cause))
                {
                    int x1 = cause.X + BoxWidth, x2 = effect.X - 2, bend = (x1 + x2) / 2;
                    html.WriteLine(
                        $"<path class=\"arrow\" d=\"M{x1} {cause.Middle} C{bend} {cause.Middle} {bend} {effect.Middle} {x2} " +
                        $"{effect.Middle}\" marker-end=\"url(#tip-{tip})\"/>");
                }
            }
        }
        foreach (Box box in boxes.Values)
        {
            html.Write($"<a href=\"#{findings.Anchor(box.Finding)}\" class=\"{VerdictJson.NameOf(box.Finding.Severity)}\">" +
                $"<rect x=\"{box.X}\" y=\"{box.Y}\" width=\"{BoxWidth}\" height=\"{box.Height}\" rx=\"6\"/>\n");
            for (int i = 0; i < box.Lines.Count; i++)
                html.WriteLine(
                    $"<text x=\"{box.X + Padding}\" " +
                    $"y=\"{box.Y + Padding + 13 + (i * LineHeight)}\">{WebUtility.HtmlEncode(box.Lines[i])}</text>");
            html.WriteLine("</a>");
        }
        html.WriteLine("</svg>");
        Steps(html, verdict, findings);
    }

    /// <summary>The headline's chain as boxes below each other, for a narrow page.</summary>
    private static void Steps(TextWriter html, Verdict verdict, FindingHtml findings)
    {
        html.Write("<ol class=\"steps\">\n");
        foreach (Finding finding in verdict.Chain)
            html.Write($"<li class=\"{VerdictJson.NameOf(finding.Severity)}\">{findings.Link(finding)}</li>\n");
        html.Write("</ol>\n");
    }

    private static Dictionary<FindingRef, Box> Place(List<Finding> findings)
    {
        Dictionary<FindingRef, Finding> byKey = findings.ToDictionary(f => f.Ref);
        var columns = new Dictionary<FindingRef, int>();
        var bottoms = new Dictionary<int, int>();
        var boxes = new Dictionary<FindingRef, Box>();
        foreach (Finding finding in findings.OrderBy(f => Column(f, byKey, columns)))
        {
            int column = Column(finding, byKey, columns);
            int y = bottoms.GetValueOrDefault(column, Padding);
            var box = new Box(finding, column, y, Lines(Printable.Escape(finding.Title)));
            boxes[finding.Ref] = box;
            bottoms[column] = y + box.Height + RowGap;
        }
        return boxes;
    }

    /// <summary>The column: one more than the deepest of its causes. The graph of a verdict has no cycles.</summary>
    private static int Column(Finding finding, Dictionary<FindingRef, Finding> all, Dictionary<FindingRef, int> known)
    {
        if (known.TryGetValue(finding.Ref, out int column))
            return column;
        foreach (FindingRef key in finding.CausedBy)
        {
            if (all.TryGetValue(key, out Finding? cause))
                column = Math.Max(column, Column(cause, all, known) + 1);
        }
        return known[finding.Ref] = column;
    }

    private static List<string> Lines(string title)
    {
        var lines = new List<string>();
        ReadOnlySpan<char> left = title;
        while (!left.IsEmpty && lines.Count < MaxLines)
        {
            int cut = left.Length <= LineLength ? left.Length : left[..LineLength].LastIndexOf(' ');
            if (cut <= 0)
                cut = Math.Min(left.Length, LineLength);
            lines.Add(left[..cut].ToString());
            left = left[cut..].TrimStart();
        }
        if (!left.IsEmpty)
            lines[^1] += " …";
        return lines;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
