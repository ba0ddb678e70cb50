namespace Kdump.Diagnosis.Text;

/// <summary>
/// A parser with many forms in a table: for each line it is told which forms have their text in it, so that no line is searched
/// twice. <see cref="LineParsers"/> tells it; without them, <see cref="LineParser.Line"/> would try no form.
/// </summary>
public abstract class BookParser : LineParser
{
    /// <summary>A text that concerns the parser in general and no form of its table.</summary>
    protected const int NoPlace = -1;

    /// <summary>The places of the table, up to 65,535, each with a text that every line of that form holds.</summary>
    public abstract IReadOnlyList<(int Place, string Text)> Texts { get; }

    public sealed override IReadOnlyList<string> Signs => [.. Texts.Select(t => t.Text).Distinct(StringComparer.Ordinal)];

    /// <summary>
    /// For the line that <see cref="LineParser.Line"/> gets: the places whose text it holds, each once, in the order of the table.
    /// It is empty only if the line holds just a text without a place.
    /// </summary>
    public List<int> Concerned { get; } = [];

    private int[]? all;

    /// <summary>For a reader without <see cref="LineParsers"/>: every form of the table is tried.</summary>
    public bool LineOfAny(in TextLine line, Facts facts)
    {
        all ??= [.. Texts.Select(t => t.Place).Where(p => p != NoPlace).Distinct().Order()];
        Concerned.Clear();
        Concerned.AddRange(all);
        return Line(line, facts);
    }
}
