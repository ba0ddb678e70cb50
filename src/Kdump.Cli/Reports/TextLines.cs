namespace Kdump.Cli.Reports;

/// <summary>What a report would write, line by line, for one that shows only part of it.</summary>
internal static class TextLines
{
    public static IReadOnlyList<string> Of(Action<TextWriter> write)
    {
        var text = new StringWriter { NewLine = "\n" };
        write(text);
        return text.ToString().TrimEnd('\n') is { Length: > 0 } lines ? lines.Split('\n') : [];
    }
}
