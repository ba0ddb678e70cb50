using System.Text;
using Kdump.Diagnosis.Text;

namespace Kdump.Cli.Languages;

/// <summary>
/// An English text with placeholders (<c>{1}</c>, <c>{device}</c>) and its translation: takes the values out of a finished English text
/// and puts them into the translation.
/// </summary>
internal sealed class Template
{
    private readonly List<string> literals = [];
    private readonly List<string> names = [];
    private readonly string translation;

    public Template(string english, string translation)
    {
        this.translation = translation;
        int at = 0;
        while (Placeholder(english, at, out int start, out int end))
        {
            literals.Add(english[at..start]);
            names.Add(english[start..end]);
            at = end;
        }
        literals.Add(english[at..]);
        Weight = literals.Sum(l => l.Length);
    }

    /// <summary>Number of fixed characters: of two templates that fit, the one with more of them says more.</summary>
    public int Weight { get; }

    public static bool Is(string text) => Placeholder(text, 0, out _, out _);

    /// <summary>The placeholders of a text, in order.</summary>
    public static IReadOnlyList<string> Placeholders(string text) => new Template(text, "").names;

    /// <summary>The texts at the placeholders; null if the text does not have this form.</summary>
    public IReadOnlyList<string>? Values(string text)
    {
        if (!text.StartsWith(literals[0], StringComparison.Ordinal) || !text.EndsWith(literals[^1], StringComparison.Ordinal))
            return null;
        var values = new List<string>();
        int tries = 0;
        return Match(text, literals[0].Length, values, ref tries) ? values : null;
    }

    /// <summary>Whether this value stands in quotation marks: then it is what the kernel or a program said.</summary>
    public bool IsQuotation(int value) => literals[value] is [.., '"' or '«'];

    /// <summary>Values that are tried for one text; a made-up one may have its literals hundreds of times.</summary>
    private const int MaxTries = 256;

    /// <summary>The shortest value for the next placeholder with which the rest fits, too.</summary>
    private bool Match(string text, int at, List<string> values, ref int tries)
    {
        int i = values.Count + 1;
        if (i == literals.Count)
            return at == text.Length;
        int last = text.Length - literals[^1].Length;
        for (int from = at + 1; from <= last; from++)
        {
            int next = i == literals.Count - 1 ? last : text.IndexOf(literals[i], from, StringComparison.Ordinal);
            if (next < from || ++tries > MaxTries)
                return false;
            from = next;
            string value = text[at..next];
            if (!IsQuotation(i - 1) && !IsValue(names[i - 1], value))
                continue;
            values.Add(value);
            if (Match(text, next + literals[i].Length, values, ref tries))
                return true;
            values.RemoveAt(values.Count - 1);
        }
        return false;
    }

    /// <summary>
    /// A value is a part of a sentence with its brackets closed: what follows it is for another message. Behind a device's name a
    /// clause begins.
    /// </summary>
    private static bool IsValue(string name, string value) =>
        IsClosed(value) && Phrases.SentenceEnd(value) == value.Length &&
        (name != "{device}" || !value.Contains(": ", StringComparison.Ordinal));

    private static bool IsClosed(string value)
    {
        int open = 0;
        foreach (char c in value)
        {
            open += c switch { '(' => 1, ')' => -1, _ => 0 };
            if (open < 0)
                return false;
        }
        return open == 0;
    }

    public string Fill(IReadOnlyList<string> values)
    {
        var text = new StringBuilder();
        int at = 0;
        while (Placeholder(translation, at, out int start, out int end))
        {
            Join(text, translation.AsSpan(at, start - at));
            int which = names.IndexOf(translation[start..end]);
            Join(text, which < 0 ? translation[start..end] : values[which]);
            at = end;
        }
        Join(text, translation.AsSpan(at));
        return text.ToString();
    }

    /// <summary>A space stands between a Chinese and a Latin word and not between two Chinese ones, whatever the value is.</summary>
    private static void Join(StringBuilder text, ReadOnlySpan<char> next)
    {
        if (text.Length > 0 && next.Length > 0)
        {
            bool wide = Columns.Of([text[^1]]) == 2;
            if (wide && next[0] == ' ' && next.Length > 1)
                next = Columns.Of(next[1..2]) == 2 ? next[1..] : next;
            else if (text.Length > 1 && text[^1] == ' ' && Columns.Of([text[^2]]) == 2 && Columns.Of(next[..1]) == 2)
                text.Length--;
            else if ((IsHan(text[^1]) && IsLatin(next[0])) || (IsLatin(text[^1]) && IsHan(next[0])))
                text.Append(' ');
        }
        text.Append(next);
    }

    private static bool IsHan(char c) => c is >= '\u3400' and <= '\u9fff';

    private static bool IsLatin(char c) => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '%';

    /// <summary>The next <c>{name}</c> with a name of letters and digits.</summary>
    private static bool Placeholder(string text, int from, out int start, out int end)
    {
        for (start = text.IndexOf('{', from); start >= 0; start = text.IndexOf('{', start + 1))
        {
            end = start + 1;
            while (end < text.Length && char.IsAsciiLetterOrDigit(text[end]))
                end++;
            if (end > start + 1 && end < text.Length && text[end++] == '}')
                return true;
        }
        end = 0;
        return false;
    }
}
