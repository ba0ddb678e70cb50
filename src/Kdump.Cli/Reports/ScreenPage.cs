using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;

namespace Kdump.Cli.Reports;

/// <summary>
/// Text that must fit one screen: parts in the order in which they stand, each with a rank. The lowest rank is placed first; a part that no
/// longer fits is left out, or shows as many of its lines as there is room for. Rows are counted as the terminal will break the lines.
/// </summary>
internal sealed class ScreenPage(Terminal terminal)
{
    private readonly List<ScreenPart> parts = [];

    /// <summary>A row is left for the shell's prompt, so that the first line is still there when it comes.</summary>
    private int Room => Math.Max(1, terminal.Rows - 1);

    /// <summary>A part to be filled with lines.</summary>
    /// <param name="rank">0: the thing to know.</param>
    /// <param name="gap">An empty row stands before it where there is room.</param>
    /// <param name="whole">Half of it tells nothing: all of it, or none.</param>
    public ScreenPart Part(int rank, bool gap = false, bool whole = false)
    {
        var part = new ScreenPart(terminal, rank, gap, whole);
        parts.Add(part);
        return part;
    }

    /// <summary>Chooses what is shown; the rest can be counted then (<see cref="ScreenPart.Shown"/>).</summary>
    /// <param name="last">A line that is written below all, whatever was chosen: it may speak of that.</param>
    public void Write(TextWriter output, Func<string?> last)
    {
        // The last line takes a row of its own, whatever it says.
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

/// <summary>Lines of a screen that belong together.</summary>
internal sealed class ScreenPart(Terminal terminal, int rank, bool gap, bool whole)
{
    private readonly List<(string Before, string Text, string? Sgr)> lines = [];

    public int Rank => rank;

    public bool Gap => gap;

    public bool Spaced { get; set; }

    public int Count => lines.Count;

    /// <summary>Lines that are shown.</summary>
    public int Shown { get; private set; }

    /// <summary>A line that is not broken here, because it is to be copied or is a quotation; the terminal may break it.</summary>
    public void Line(string text, string? sgr = null) => lines.Add(("", Printable.Escape(text), sgr));

    /// <summary>A line that may take so many rows and is cut then.</summary>
    public void Cut(string text, int rows, string? sgr = null) =>
        lines.Add(("", Columns.Cut(Printable.Escape(text), terminal.Columns * rows), sgr));

    /// <summary>A sentence, broken at words; what is more than so many rows is cut.</summary>
    public void Sentence(string first, string text, string? sgr = null, int most = int.MaxValue)
    {
        string before = first;
        ReadOnlySpan<char> left = Printable.Escape(text).AsSpan().Trim();
        int width = Math.Min(terminal.Width, terminal.Columns), rows = 0;
        do
        {
            int room = Math.Max(8, width - before.Length), fit = Columns.Fit(left, room);
            int cut = fit == left.Length ? fit : left[fit] == ' ' ? fit : left[..fit].LastIndexOf(' ');
            // A word that is longer than the row is broken: it is no command.
            if (cut <= 0)
                cut = fit;
            if (++rows == most && cut < left.Length)
            {
                lines.Add((before, Columns.Cut(left.ToString(), room), sgr));
                return;
            }
            lines.Add((before, left[..cut].ToString(), sgr));
            left = left[cut..].TrimStart();
            before = new string(' ', first.Length);
        }
        while (!left.IsEmpty);
    }

    /// <summary>Takes as many of the rows as it can use, and says how many.</summary>
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
