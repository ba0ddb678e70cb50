using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;

namespace Kdump.Cli.Reports;

/// <summary>
/// Text that must fit on one screen: parts in display order, each with a rank. Parts with the lowest rank are placed first; a part
/// that does not fit is left out, or shows only as many lines as fit. Rows are counted as the terminal will wrap the lines.
/// </summary>
internal sealed class ScreenPage(Terminal terminal)
{
    private readonly List<ScreenPart> parts = [];

    /// <summary>One row is kept for the shell's prompt, so that it does not scroll the first line away.</summary>
    private int Room => Math.Max(1, terminal.Rows - 1);

    /// <summary>Adds a part, to be filled with lines.</summary>
    /// <param name="rank">0: most important.</param>
    /// <param name="gap">Put an empty row before it if there is room.</param>
    /// <param name="whole">Show all of its lines or none.</param>
    public ScreenPart Part(int rank, bool gap = false, bool whole = false)
    {
        var part = new ScreenPart(terminal, rank, gap, whole);
        parts.Add(part);
        return part;
    }

    /// <summary>Decides what is shown and writes it; afterwards <see cref="ScreenPart.Shown"/> has the number of lines shown.</summary>
    /// <param name="last">The last line, always written; called after the choice, so that it can name what was left out.</param>
    public void Write(TextWriter output, Func<string?> last)
    {
        // Keep one row for the last line.
        int left = Room - 1;
        foreach (ScreenPart part in parts.OrderBy(p => p.Rank))
            left -= part.Choose(left);
        string? words = last();
        left += words is null ? 1 : 0;
        foreach (ScreenPart part in parts.Where(p => p.Gap && p.Shown > 0).OrderBy(p => p.Rank))
        {
            if (left > 0 && part != parts.Find(p => p.Shown > 0))
            {
                part.Spaced = true;
                left--;
            }
        }
        foreach (ScreenPart part in parts)
            part.Write(output);
        if (words is not null)
            output.WriteLine(Columns.Cut(words, terminal.Columns));
    }
}

/// <summary>A group of lines of a screen.</summary>
internal sealed class ScreenPart(Terminal terminal, int rank, bool gap, bool whole)
{
    private readonly List<(string Before, string Text, string? Sgr)> lines = [];

    public int Rank => rank;

    public bool Gap => gap;

    public bool Spaced { get; set; }

    public int Count => lines.Count;

    /// <summary>Number of lines shown.</summary>
    public int Shown { get; private set; }

    /// <summary>A line that must not be wrapped here because it is a quotation or will be copied; the terminal may wrap it.</summary>
    public void Line(string text, string? sgr = null) => lines.Add(("", Printable.Escape(text), sgr));

    /// <summary>A line that is cut after a number of rows.</summary>
    public void Cut(string text, int rows, string? sgr = null) =>
        lines.Add(("", Columns.Cut(Printable.Escape(text), terminal.Columns * rows), sgr));

    /// <summary>A sentence, wrapped at words and cut after a number of rows.</summary>
    public void Sentence(string first, string text, string? sgr = null, int most = int.MaxValue)
    {
        string before = first;
        ReadOnlySpan<char> left = Printable.Escape(text).AsSpan().Trim();
        int width = Math.Min(terminal.Width, terminal.Columns), rows = 0;
        do
        {
            int room = Math.Max(8, width - Columns.Of(before)), cut = Columns.Break(left, room);
            // A word longer than a row is broken; commands are never printed this way.
            if (cut <= 0)
                cut = Columns.Fit(left, room);
            if (++rows == most && cut < left.Length)
            {
                lines.Add((before, Columns.Cut(left.ToString(), room), sgr));
                return;
            }
            lines.Add((before, left[..cut].ToString(), sgr));
            left = left[cut..].TrimStart();
            before = new string(' ', Columns.Of(first));
        }
        while (!left.IsEmpty);
    }

    /// <summary>Uses as many of the remaining rows as it needs; returns their number.</summary>
    internal int Choose(int left)
    {
        int used = 0;
        foreach ((string before, string text, _) in lines)
        {
            int rows = Columns.Rows(before + text, terminal.Columns);
            if (used + rows > left)
                break;
            used += rows;
            Shown++;
        }
        if (whole && Shown < lines.Count)
            return Shown = 0;
        return used;
    }

    internal void Write(TextWriter output)
    {
        if (Spaced)
            output.WriteLine();
        foreach ((string before, string text, string? sgr) in lines.Take(Shown))
            output.WriteLine(terminal.Colour && sgr is not null ? $"{before}\x1b[{sgr}m{text}\x1b[0m" : before + text);
    }
}
