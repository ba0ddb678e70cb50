using System.Text;

namespace Kdump.Diagnosis.Model;

/// <summary>Text from an input on its way to a terminal: control characters, escapes and direction marks become visible.</summary>
public static class Printable
{
    /// <summary>The beginning of a text that is quoted in a sentence, safe to print.</summary>
    /// <param name="most">Characters that are kept.</param>
    public static string Quoted(ReadOnlySpan<char> text, int most) => Escape(text.Length > most ? $"{text[..most]}…" : text.ToString());

    public static string Escape(string text)
    {
        int i = 0;
        while (i < text.Length && !IsUnsafe(text[i]))
            i++;
        if (i == text.Length)
            return text;
        var safe = new StringBuilder(text.Length + 16).Append(text, 0, i);
        for (; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '\t')
                safe.Append(' ');
            else if (!IsUnsafe(c))
                safe.Append(c);
            else if (c < 0x100)
                safe.Append("\\x").Append(((int)c).ToString("x2"));
            else
                safe.Append("\\u").Append(((int)c).ToString("x4"));
        }
        return safe.ToString();
    }

    private static bool IsUnsafe(char c) =>
        c < ' ' || (c >= '\x7f' && c < '\xa0') || (c >= '\u200b' && c <= '\u200f') || (c >= '\u2028' && c <= '\u202e') ||
        (c >= '\u2066' && c <= '\u2069') || c == '\ufeff';
}
