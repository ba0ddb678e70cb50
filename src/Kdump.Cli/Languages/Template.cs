using System.Text;

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
        if (!text.StartsWith(literals[0], StringComparison.Ordinal))
            return null;
        var values = new List<string>();
        int at = literals[0].Length;
        for (int i = 1; i < literals.Count; i++)
        {
            bool last = i == literals.Count - 1;
            int next;
            if (at >= text.Length)
                next = -1;
            else if (!last)
                next = text.IndexOf(literals[i], at + 1, StringComparison.Ordinal);
            else
                next = text.EndsWith(literals[i], StringComparison.Ordinal) ? text.Length - literals[i].Length : -1;
            if (next <= at)
                return null;
            // A value is a part of a sentence: what follows it is for another message.
            if (Phrases.SentenceEnd(text[at..next]) < next - at)
                return null;
            values.Add(text[at..next]);
            at = next + literals[i].Length;
        }
        return at == text.Length ? values : null;
    }

    public string Fill(IReadOnlyList<string> values)
    {
        var text = new StringBuilder();
        int at = 0;
        while (Placeholder(translation, at, out int start, out int end))
        {
            text.Append(translation, at, start - at);
            int which = names.IndexOf(translation[start..end]);
            text.Append(which < 0 ? translation[start..end] : values[which]);
            at = end;
        }
        return text.Append(translation, at, translation.Length - at).ToString();
    }

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
