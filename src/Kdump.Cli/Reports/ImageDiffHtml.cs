using Kdump.Diagnosis.Model;
using Kdump.Formats.Archives;
using Kdump.Sources.Images;

namespace Kdump.Cli.Reports;

/// <summary><c>kdt image diff -o</c>: the differences of two images as a page, grouped by what they mean.</summary>
internal static class ImageDiffHtml
{
    public static void Write(StringWriter html, BootImage a, BootImage b, ImageComparison c)
    {
        string title = ImageDiffText.Headline(c);
        PageFrame.Begin(html, title);
        PageFrame.Header(html, "kdt image diff", title,
            [("A", $"{a.Name}, kernel {ImageDiffText.Join(c.ReleasesA)}"), ("B", $"{b.Name}, kernel {ImageDiffText.Join(c.ReleasesB)}"),
                ("identical", $"{Counted.Of(c.Same, "file")}"), PageFrame.Today("compared")], findings: false);
        int shown = 0;
        foreach (IGrouping<ImageGroup, ImageDifference> group in c.Differences.GroupBy(d => d.Group))
        {
            html.Write($"<h2>{ImageDiffText.NameOf(group.Key)}: {group.Count()}</h2>\n" +
                $"<p class=\"mind\">{ImageDiffText.Meaning(group.Key)}</p>\n<ul class=\"evidence\">\n");
            foreach (ImageDifference d in group)
            {
                if (html.GetStringBuilder().Length > VerdictHtml.MaxLength)
                    break;
                shown++;
                html.Write($"<li><b>{ImageDiffText.Mark(d.Change)}</b> {PageFrame.Text(d.Path)}" +
                    string.Concat(d.Detail.Select(line => $"\n    {PageFrame.Text(line)}")) + "</li>\n");
            }
            html.Write("</ul>\n");
        }
        if (shown < c.Differences.Count)
            html.Write($"<p>And {Counted.Of(c.Differences.Count - shown, "more difference")}: kdt image diff shows them.</p>\n");
        PageFrame.End(html);
    }
}
