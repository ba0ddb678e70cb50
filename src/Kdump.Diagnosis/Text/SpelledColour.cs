using System.Buffers;
using System.Text;

namespace Kdump.Diagnosis.Text;

/// <summary>
/// Colours and cursor movements of a console (ECMA-48) whose escape was spelled in letters on the way: <c>^[[0;1;31m</c> by cat -v and
/// less, <c>#033[</c> by syslogd, <c>\x1b[</c> and <c>\033[</c> by loggers.
/// </summary>
internal static class SpelledColour
{
    private static readonly string[] Escapes = ["^[[", "#033[", "\\x1b[", "\\x1B[", "\\033[", "\\u001b[", "\\e["];

    /// <summary>The picture of an escape, as an editor or a web page shows it.</summary>
    private const char Picture = '\u241b';

    private static readonly string[] Written = [.. Escapes, $"{Picture}["];

    /// <summary>
    /// ASCII only: with one other character among them the search of .NET is no longer vectorised, and twenty times slower.
    /// </summary>
    private static readonly SearchValues<string> Any = SearchValues.Create(Escapes, StringComparison.Ordinal);

    public static bool In(ReadOnlySpan<char> text) => text.ContainsAny(Any) || HasPicture(text);

    private static bool HasPicture(ReadOnlySpan<char> text)
    {
        for (int at; (at = text.IndexOf(Picture)) >= 0; text = text[(at + 1)..])
        {
            if (at + 1 < text.Length && text[at + 1] == '[')
                return true;
        }
        return false;
    }

    /// <summary>The text without them.</summary>
    public static string Off(ReadOnlySpan<char> text)
    {
        var clean = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length;)
        {
            int behind = Behind(text[i..]);
            if (behind == 0)
                clean.Append(text[i++]);
            i += behind;
        }
        return clean.ToString();
    }

    /// <summary>The length of a sequence that begins here, or 0.</summary>
    private static int Behind(ReadOnlySpan<char> text)
    {
        if (text[0] is not ('^' or '#' or '\\' or Picture))
            return 0;
        foreach (string escape in Written)
        {
            if (!text.StartsWith(escape, StringComparison.Ordinal))
                continue;
            int end = escape.Length;
            while (end < text.Length && text[end] is >= '0' and <= '?')
                end++;
            return end < text.Length && char.IsAsciiLetter(text[end]) ? end + 1 : 0;
        }
        return 0;
    }
}
