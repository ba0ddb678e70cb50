using Kdump.Diagnosis.Text;

namespace Kdump.Cli.Languages;

/// <summary>
/// Translates finished texts: as a whole, by a template, sentence by sentence, clause by clause. What has no translation stays English.
/// </summary>
/// <param name="titles">English titles of a verdict's findings and their translations: other texts quote them.</param>
internal sealed class Phrases(Messages messages, IReadOnlyDictionary<string, string> titles)
{
    /// <summary>A value of a template may be a text with values itself, and so on.</summary>
    private const int MaxDepth = 3;

    /// <summary>The text with each part translated that has a translation.</summary>
    public string Of(string id, string english)
    {
        if (Whole(id, english, 0) is { } whole)
            return whole;
        string text = "";
        string left = english;
        while (left.Length > 0)
        {
            if (messages.Beginning(id, left) is { } known)
            {
                text = Joined(text, known.Translation);
                left = left[known.Length..].TrimStart();
                continue;
            }
            int end = SentenceEnd(left);
            text = Joined(text, Part(id, left[..end], 0) ?? left[..end]);
            left = left[end..].TrimStart();
        }
        return text;
    }

    /// <summary>The translation of the text as one; null if there is none.</summary>
    public string? Whole(string id, string english, int depth = 0)
    {
        if (titles.TryGetValue(english, out string? title))
            return title;
        if (messages.Exact(id, english) is { } exact)
            return exact;
        return messages.Fitting(id, english) is { } fitting
            ? fitting.Template.Fill([.. fitting.Values.Select(v => Value(id, v, depth + 1))]) : null;
    }

    /// <summary>Values are names and numbers mostly; one of several words may be a text that has a translation.</summary>
    private string Value(string id, string text, int depth) =>
        depth < MaxDepth && text.Contains(' ') && Part(id, text, depth) is { } part ? part : titles.GetValueOrDefault(text, text);

    /// <summary>A sentence as one, or what of its clauses has a translation; null if nothing has.</summary>
    private string? Part(string id, string english, int depth) =>
        Whole(id, english, depth) ?? Clauses(id, english, "; ", "；", depth) ?? Clauses(id, english, ": ", "：", depth);

    private string? Clauses(string id, string english, string mark, string theirs, int depth)
    {
        if (!english.Contains(mark, StringComparison.Ordinal) || depth >= MaxDepth)
            return null;
        string[] clauses = english.Split(mark);
        bool any = false;
        for (int i = 0; i < clauses.Length; i++)
        {
            if (Whole(id, clauses[i], depth + 1) is not { } clause)
                continue;
            clauses[i] = clause;
            any = true;
        }
        return any ? string.Join(theirs, clauses) : null;
    }

    /// <summary>Chinese sentences follow each other without a space.</summary>
    private static string Joined(string before, string next) =>
        before.Length == 0 || Columns.Of(before.AsSpan()[^1..]) == 2 ? before + next : $"{before} {next}";

    /// <summary>Behind the full stop of the first sentence: the next one begins with a capital, a digit or a path.</summary>
    internal static int SentenceEnd(string text)
    {
        for (int i = text.IndexOf(". ", StringComparison.Ordinal); i >= 0; i = text.IndexOf(". ", i + 1, StringComparison.Ordinal))
        {
            if (i + 2 < text.Length && (char.IsAsciiLetterUpper(text[i + 2]) || char.IsAsciiDigit(text[i + 2]) || text[i + 2] == '/'))
                return i + 1;
        }
        return text.Length;
    }
}
