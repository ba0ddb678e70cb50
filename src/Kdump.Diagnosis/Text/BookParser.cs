namespace Kdump.Diagnosis.Text;

/// <summary>
/// A parser whose forms stand in a book of many: with a line it is told which of them have their text in it, so that no line is
/// searched twice.
/// </summary>
public abstract class BookParser : LineParser
{
    /// <summary>Nothing of the book: the text concerns the parser in general.</summary>
    protected const int NoPlace = -1;

    /// <summary>Places of the book, up to 65,535, and a text without which a line is not of that place.</summary>
    public abstract IReadOnlyList<(int Place, string Text)> Texts { get; }

    public sealed override IReadOnlyList<string> Signs => [.. Texts.Select(t => t.Text).Distinct(StringComparer.Ordinal)];

    /// <summary>
    /// Of the line that <see cref="LineParser.Line"/> gets: the places whose text it holds, each once, in the book's order. Only a text
    /// without a place leaves it empty.
    /// </summary>
    public List<int> Concerned { get; } = [];
}
