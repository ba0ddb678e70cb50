namespace Kdump.Cli.Terminals;

/// <summary>
/// The width of text on a terminal: East Asian wide characters take two columns (Unicode's East_Asian_Width W and F), all others
/// are counted as one, also characters of zero width, so that the result is never too small.
/// </summary>
internal static class Columns
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

    // Each half of a surrogate pair counts as one column, which gives two columns for emoji and rare ideographs.
    private static bool IsWide(char c) => c is >= '\u1100' and <= '\u115f' or >= '\u2e80' and <= '\ua4cf' or >= '\uac00' and <= '\ud7a3'
        or >= '\uf900' and <= '\ufaff' or >= '\ufe30' and <= '\ufe6f' or >= '\uff00' and <= '\uff60' or >= '\uffe0' and <= '\uffe6';
}
