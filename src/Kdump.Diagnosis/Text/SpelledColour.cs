using System.Buffers;
using System.Text;

namespace Kdump.Diagnosis.Text;

/// <summary>
/// Colours and cursor movements of a console (ECMA-48) whose escape was spelled in letters on the way: <c>^[[0;1;31m</c> by cat -v and
/// less, <c>#033[</c> by syslogd, <c>\x1b[</c> and <c>\033[</c> by loggers.
/// </summary>
internal static class SpelledColour
{
    private static readonly string[] Escapes = ["^[[", "#033[", "\\x1b[", "\\x1B[", "\\033[", "\\u001b[", "\\e[", "\u241b["];

    private static readonly SearchValues<char> First = SearchValues.Create("^#\\\u241b");

    /// <summary>
    /// True if one of the escapes occurs. Their first characters are searched for, in one vectorised pass: a search for the escapes
    /// themselves would run character by character, because one of them is not ASCII.
    /// </summary>
    public static bool In(ReadOnlySpan<char> text)
    {
        for (int at; (at = text.IndexOfAny(First)) >= 0; text = text[(at + 1)..])
        {
            if (EscapeAt(text[at..]) is not null)
                return true;
        }
        return false;
    }

    /// <summary>The text without these sequences.</summary>
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
        if (!First.Contains(text[0]) || EscapeAt(text) is not { } escape)
            return 0;
        int end = escape.Length;
        while (end < text.Length && text[end] is >= '0' and <= '?')
            end++;
        return end < text.Length && char.IsAsciiLetter(text[end]) ? end + 1 : 0;
    }

    private static string? EscapeAt(ReadOnlySpan<char> text)
    {
        foreach (string escape in Escapes)
        {
            if (text.StartsWith(escape, StringComparison.Ordinal))
                return escape;
        }
        return null;
    }
}
