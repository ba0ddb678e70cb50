using System.Text;
using Kdump.Diagnosis.Text;

namespace Kdump.Cli.Languages;

/// <summary>
/// Translates finished texts: as a whole, by a template, sentence by sentence, clause by clause. What has no translation stays English.
/// </summary>
/// <param name="titles">English titles of a verdict's findings and their translations: other texts quote them.</param>
internal sealed class Phrases(Messages messages, IReadOnlyDictionary<string, string> titles)
{
    /// <summary>A value of a template may be a text with values itself, and so on.</summary>
    private const int MaxDepth = 6;

    /// <summary>Clauses of a sentence of ours; more are a line of a log that somebody may have made on purpose.</summary>
    private const int MaxClauses = 16;

    /// <summary>Texts that are looked up for one that was asked for: what is left then stays English.</summary>
    private const int MaxTries = 1000;

    private int tries;

    /// <summary>The text with each part translated that has a translation.</summary>
    public string Of(string id, string english)
    {
        tries = 0;
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
            text = Joined(text, Part(id, left[..end], 0) ?? Items(id, left[..end], 0) ?? left[..end]);
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
        if (++tries > MaxTries)
            return null;
        return messages.Fitting(id, english) is not { } fitting ? null : fitting.Template.Fill([.. fitting.Values.Select((value, i) =>
            fitting.Template.IsQuotation(i) ? titles.GetValueOrDefault(value, value) : Value(id, value, depth + 1))]);
    }

    /// <summary>
    /// Values are names and numbers mostly; one of several words may be a text that has a translation, or a list of such.
    /// </summary>
    private string Value(string id, string text, int depth) =>
        (depth < MaxDepth && text.Contains(' ') ? Part(id, text, depth) ?? Items(id, text, depth) : null) ??
        titles.GetValueOrDefault(text, text);

    /// <summary>A sentence as one, or what of its clauses has a translation; null if nothing has.</summary>
    private string? Part(string id, string english, int depth) =>
        Whole(id, english, depth) ??
        Fuller(Clauses(id, english, "; ", "；", depth), Clauses(id, english, ": ", "：", depth));

    /// <summary>Which mark parts the clauses shows in how much of them has a translation.</summary>
    private static string? Fuller(string? one, string? other) =>
        one is null || (other is not null && other.Count(char.IsAsciiLetter) < one.Count(char.IsAsciiLetter)) ? other : one;

    private string? Clauses(string id, string english, string mark, string theirs, int depth)
    {
        if (!english.Contains(mark, StringComparison.Ordinal) || depth >= MaxDepth)
            return null;
        string[] clauses = Split(english, mark);
        if (clauses.Length is 1 or > MaxClauses)
            return null;
        var said = new StringBuilder();
        bool any = false, before = true;
        for (int i = 0; i < clauses.Length;)
        {
            // A text may have the mark in it: the longest that has a translation.
            int next = clauses.Length;
            string? clause = null;
            for (; clause is null && next > i; next--)
            {
                if (next - i < clauses.Length)
                    clause = Whole(id, string.Join(mark, clauses[i..next]), depth + 1);
            }
            next++;
            clause ??= Part(id, clauses[i], depth + 1);
            any |= clause is not null;
            // Between two clauses without a translation the mark is the kernel's own: what it said stays as it is.
            if (i > 0)
                said.Append(clause is null && !before ? mark : theirs);
            said.Append(clause ?? clauses[i]);
            before = clause is not null;
            i = Math.Max(next, i + 1);
        }
        return any ? said.ToString() : null;
    }

    /// <summary>At each mark outside of quotation marks.</summary>
    private static string[] Split(string english, string mark)
    {
        var clauses = new List<string>();
        int start = 0;
        for (int at = english.IndexOf(mark, StringComparison.Ordinal); at >= 0 && clauses.Count <= MaxClauses;
            at = english.IndexOf(mark, at + mark.Length, StringComparison.Ordinal))
        {
            if (IsQuoted(english, at))
                continue;
            clauses.Add(english[start..at]);
            start = at + mark.Length;
        }
        return [.. clauses, english[start..]];
    }

    /// <summary>
    /// "a crash, a failed member and errors": only if each of them has a translation or is a name, since a comma also parts clauses.
    /// </summary>
    private string? Items(string id, string english, int depth)
    {
        string[] items = Split(english);
        if (items.Length is < 2 or > MaxClauses || depth >= MaxDepth)
            return null;
        bool any = false;
        for (int i = 0; i < items.Length; i++)
        {
            string? item = Whole(id, items[i], depth + 1);
            // A single word is a name.
            if (item is null && items[i].Contains(' '))
                return null;
            any |= item is not null;
            items[i] = item ?? items[i];
        }
        return any ? string.Join('、', items) : null;
    }

    /// <summary>At each comma or "and" outside of brackets.</summary>
    private static string[] Split(string english)
    {
        var items = new List<string>();
        int start = 0, open = 0;
        for (int i = 0; i < english.Length; i++)
        {
            open += english[i] switch { '(' => 1, ')' => -1, _ => 0 };
            string? mark = open != 0 ? null : Array.Find([", and ", ", ", " and "],
                m => english.AsSpan(i).StartsWith(m, StringComparison.Ordinal));
            if (mark is null)
                continue;
            items.Add(english[start..i]);
            start = i + mark.Length;
            i = start - 1;
        }
        return [.. items, english[start..]];
    }

    /// <summary>Chinese sentences follow each other without a space.</summary>
    private static string Joined(string before, string next) =>
        before.Length == 0 || Columns.Of(before.AsSpan()[^1..]) == 2 ? before + next : $"{before} {next}";

    /// <summary>
    /// Behind the full stop of the first sentence: a blank and a word follow, and the sentence is not one that another quotes.
    /// </summary>
    internal static int SentenceEnd(string text)
    {
        for (int i = text.IndexOf(". ", StringComparison.Ordinal); i >= 0; i = text.IndexOf(". ", i + 1, StringComparison.Ordinal))
        {
            if (i + 2 < text.Length && (char.IsAsciiLetterOrDigit(text[i + 2]) || text[i + 2] is '/' or '_') && !IsQuoted(text, i))
                return i + 1;
        }
        return text.Length;
    }

    /// <summary>The kernel's and programs' own words stand between such marks.</summary>
    private static bool IsQuoted(string text, int at)
    {
        int open = text.LastIndexOf('«', at), close = open < 0 ? -1 : text.IndexOf('»', open);
        return (open >= 0 && (close < 0 || close > at)) || (text.AsSpan(0, at).Count('"') % 2 == 1 && text.IndexOf('"', at) > 0);
    }
}
