namespace Kdump.Cli.Reports;

/// <summary>Splits a report's output into lines, for a view that shows only some of them.</summary>
internal static class TextLines
{
    public static IReadOnlyList<string> Of(Action<TextWriter> write)
    {
        var text = new StringWriter { NewLine = "\n" };
        write(text);
        return text.ToString().TrimEnd('\n') is { Length: > 0 } lines ? lines.Split('\n') : [];
    }
}
