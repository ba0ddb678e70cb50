using System.Globalization;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;
using Kdump.Formats.Archives;
using Kdump.Sources.Images;

namespace Kdump.Cli.Reports;

/// <summary><c>kdt image diff -o</c>: the differences of two images as a page, grouped by what they mean.</summary>
internal static class ImageDiffHtml
{
    public static void Write(StringWriter html, BootImage a, BootImage b, ImageComparison c, Words words)
    {
        string title = ImageDiffText.Headline(c, words), kernel = words.Of("kernel");
        PageFrame.Begin(html, title, words);
        PageFrame.Header(html, "kdt image diff", title,
            [("A", $"{a.Name}, {kernel} {ImageDiffText.Join(c.ReleasesA, words)}"),
                ("B", $"{b.Name}, {kernel} {ImageDiffText.Join(c.ReleasesB, words)}"),
                (words.Of("identical files"), c.Same.ToString(CultureInfo.InvariantCulture)), PageFrame.Today(words.Of("compared"))],
            findings: false, words);
        int shown = 0;
        foreach (IGrouping<ImageGroup, ImageDifference> group in c.Differences.GroupBy(d => d.Group))
        {
            html.Write($"<h2>{words.Of(ImageDiffText.NameOf(group.Key))}: {group.Count()}</h2>\n" +
                $"<p class=\"mind\">{words.Of(ImageDiffText.Meaning(group.Key))}</p>\n<ul class=\"evidence\">\n");
            foreach (ImageDifference d in group)
            {
                if (html.GetStringBuilder().Length > VerdictHtml.MaxLength)
                    break;
                shown++;
                html.Write($"<li><b>{words.Of(ImageDiffText.Mark(d.Change))}</b> {PageFrame.Text(d.Path)}" +
                    string.Concat(d.Detail.Select(line => $"\n    {PageFrame.Text(words.Of(line))}")) + "</li>\n");
            }
            html.Write("</ul>\n");
        }
        if (shown < c.Differences.Count)
        {
            string rest = $"And {Counted.Of(c.Differences.Count - shown, "more difference")}: kdt image diff shows them.";
            html.Write($"<p>{words.Of(rest)}</p>\n");
        }
        PageFrame.End(html);
    }
}
