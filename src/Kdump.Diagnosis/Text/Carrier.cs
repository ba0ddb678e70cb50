using System.Text;

namespace Kdump.Diagnosis.Text;

/// <summary>
/// What was wrapped around the lines of a log (mail quotes, JSON, prefixes), layer by layer from the outside, as learnt from its
/// lines.
/// </summary>
internal sealed record Carrier
{
    /// <summary><c>&gt; &gt; </c> of mails; depths differ from line to line.</summary>
    public bool Quoted { get; init; }

    /// <summary>Each line is a JSON object, and this field holds the message.</summary>
    public string? Field { get; init; }

    /// <summary>The prefixes before the kernel's own words: a log has few forms of them.</summary>
    public IReadOnlyList<PrefixShape> Shapes { get; init; } = [];

    /// <summary>The text after every message; empty if there is none.</summary>
    public string Suffix { get; init; } = "";

    /// <summary><c>&amp;lt;TASK&amp;gt;</c></summary>
    public bool Html { get; init; }

    /// <summary>Sequences of colour that lost their escape: <c>[0m[33m</c></summary>
    public bool Colour { get; init; }

    /// <summary>The newest line comes first.</summary>
    public bool Backwards { get; init; }

    /// <summary>Each line occurs twice.</summary>
    public bool Twice { get; init; }

    /// <summary>The log consists of journal records with one field on each line.</summary>
    public bool Records { get; init; }

    /// <summary>How lines were folded; null where they were not.</summary>
    public CarrierFold? Fold { get; init; }

    /// <summary>An empty line follows each line, as web pages hand out preformatted text.</summary>
    public bool Spaced { get; init; }

    /// <summary>Most messages have the kernel's own time stamp after the prefix, so lines without it may be from other programs.</summary>
    public bool Inner { get; init; }

    /// <summary>The shape that fits the line; <paramref name="end"/> is where the message begins.</summary>
    public PrefixShape? ShapeOf(ReadOnlySpan<char> text, out int end)
    {
        PrefixShape? best = null;
        end = 0;
        foreach (PrefixShape shape in Shapes)
        {
            if (shape.Fits(text, out int e) && (best is null || e > end))
                (best, end) = (shape, e);
        }
        return best;
    }

    /// <summary>Takes <c>[32m</c> and <c>[1;33m</c> off.</summary>
    public static string Uncoloured(ReadOnlySpan<char> text)
    {
        var clean = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            int end = i + 1;
            while (text[i] == '[' && end < text.Length && end < i + 12 && (char.IsAsciiDigit(text[end]) || text[end] == ';'))
                end++;
            if (end > i + 1 && end < text.Length && text[end] is 'm' or 'K')
                i = end;
            else
                clean.Append(text[i]);
        }
        return clean.ToString();
    }

    /// <summary>Takes the marks of quotations off, however deep they are.</summary>
    public static ReadOnlySpan<char> Unquoted(ReadOnlySpan<char> text)
    {
        int at = 0, last = -1;
        for (; at < text.Length && at < 32 && text[at] is '>' or ' ' or '|'; at++)
            last = text[at] == ' ' ? last : at;
        if (last < 0)
            return text;
        text = text[(last + 1)..];
        return text.Length > 0 && text[0] == ' ' ? text[1..] : text;
    }
}
