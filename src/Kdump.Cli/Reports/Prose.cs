using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Text;

namespace Kdump.Cli.Reports;

/// <summary>Wraps text for a terminal: long lines are broken at words and indented like their first line.</summary>
internal static class Prose
{
    public static void Lines(TextWriter output, Terminal terminal, IReadOnlyList<string> lines)
    {
        foreach (string line in lines)
        {
            int indent = line.Length - line.TrimStart(' ').Length;
            if (Columns.Of(line) <= terminal.Columns)
                output.WriteLine(line);
            else
                Sentence(output, terminal, line[..indent], line[indent..]);
        }
    }

    public static void Sentence(TextWriter output, Terminal terminal, string first, string text)
    {
        var part = new ScreenPart(terminal, 0, gap: false, whole: false);
        part.Sentence(first, text);
        _ = part.Choose(int.MaxValue);
        part.Write(output);
    }
}
