namespace Kdump.Diagnosis.Text;

/// <summary>
/// The width of text on a terminal: East Asian wide characters take two columns (Unicode's East_Asian_Width W and F), all others
/// are counted as one, also characters of zero width, so that the result is never too small.
/// </summary>
public static class Columns
{
    public static int Of(ReadOnlySpan<char> text)
    {
        int columns = text.Length;
        foreach (char c in text)
            columns += IsWide(c) ? 1 : 0;
        return columns;
    }

    /// <summary>Number of rows that a line takes when the terminal wraps it.</summary>
    public static int Rows(ReadOnlySpan<char> line, int columns) => Math.Max(1, (Of(line) + columns - 1) / columns);

    /// <summary>Number of characters that fit into the columns.</summary>
    public static int Fit(ReadOnlySpan<char> text, int columns)
    {
        for (int i = 0; i < text.Length; i++)
        {
            columns -= IsWide(text[i]) ? 2 : 1;
            if (columns < 0)
                return i;
        }
        return text.Length;
    }

    /// <summary>The text, or its beginning and an ellipsis.</summary>
    public static string Cut(string text, int columns) => Of(text) <= columns ? text : text[..Fit(text, Math.Max(0, columns - 1))] + "…";

    /// <summary>
    /// Where to break a line of at most this many columns: before a space, or between two characters of which one is wide (Chinese
    /// has no spaces), but not before a mark that closes or after one that opens. 0 if the line has no such place.
    /// </summary>
    public static int Break(ReadOnlySpan<char> text, int columns)
    {
        int fit = Fit(text, columns);
        if (fit == text.Length)
            return fit;
        for (int i = fit; i > 0; i--)
        {
            if (MayBreak(text, i))
                return i;
        }
        return 0;
    }

    /// <summary>The first place where the text may be broken; its length if there is none.</summary>
    public static int FirstBreak(ReadOnlySpan<char> text)
    {
        for (int i = 1; i < text.Length; i++)
        {
            if (MayBreak(text, i))
                return i;
        }
        return text.Length;
    }

    private static bool MayBreak(ReadOnlySpan<char> text, int at) => (text[at] == ' ' && !IsBeforePercent(text, at)) ||
        ((IsWide(text[at - 1]) || IsWide(text[at])) && text[at - 1] != ' ' && !Closes.Contains(text[at]) && !Opens.Contains(text[at - 1]));

    /// <summary>A figure and its sign stay on one line.</summary>
    private static bool IsBeforePercent(ReadOnlySpan<char> text, int at) =>
        at + 1 < text.Length && text[at + 1] == '%' && char.IsAsciiDigit(text[at - 1]);

    private const string Closes = "，。；：、！？）」』》”’…%,.;:!?)]}", Opens = "（「『《“‘([{$";

    // Each half of a surrogate pair counts as one column, which gives two columns for emoji and rare ideographs.
    private static bool IsWide(char c) => c is >= '\u1100' and <= '\u115f' or >= '\u2e80' and <= '\ua4cf' or >= '\uac00' and <= '\ud7a3'
        or >= '\uf900' and <= '\ufaff' or >= '\ufe30' and <= '\ufe6f' or >= '\uff00' and <= '\uff60' or >= '\uffe0' and <= '\uffe6';
}
