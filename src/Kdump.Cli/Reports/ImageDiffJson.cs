using Kdump.Diagnosis.Reports;
using Kdump.Formats.Archives;
using Kdump.Sources.Images;

namespace Kdump.Cli.Reports;

/// <summary><c>kdt image diff --json</c>.</summary>
internal static class ImageDiffJson
{
    public static void Write(TextWriter output, BootImage a, BootImage b, ImageComparison c) =>
        JsonText.Write(output, "kdt.image.diff/1", json =>
    {
        json.WriteString("a", a.Name);
        json.WriteString("b", b.Name);
        json.WriteBoolean("equal", c is { Differences.Count: 0, UnreadA: false, UnreadB: false } && c.ReleasesA.SequenceEqual(c.ReleasesB));
        json.WriteBoolean("matters", c.Matters);
        json.WriteBoolean("unreadA", c.UnreadA);
        json.WriteBoolean("unreadB", c.UnreadB);
        json.WriteString("headline", ImageDiffText.Headline(c, Words.English));
        json.WriteNumber("alike", c.Same);
        foreach ((string name, IReadOnlyList<string> releases) in new[] { ("kernelsA", c.ReleasesA), ("kernelsB", c.ReleasesB) })
        {
            json.WriteStartArray(name);
            foreach (string release in releases)
                json.WriteStringValue(release);
            json.WriteEndArray();
        }
        json.WriteStartArray("differences");
        foreach (ImageDifference d in c.Differences)
        {
            json.WriteStartObject();
            json.WriteString("group", ImageDiffText.NameOf(d.Group));
            json.WriteString("change", d.Change switch { ImageChange.OnlyA => "only-a", ImageChange.OnlyB => "only-b",
                ImageChange.Content => "content", ImageChange.Mode => "mode", ImageChange.Target => "target", _ => "type" });
            json.WriteString("path", d.Path);
            json.WriteStartArray("detail");
            foreach (string line in d.Detail)
                json.WriteStringValue(line);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });
}
