namespace Kdump.Diagnosis.Text;

/// <summary>
/// A prefix as a row of words, numbers, blanks and marks. Numbers differ from line to line, words mostly do not; blanks that only
/// fill a column (<c>[    5.1]</c> beside <c>[12345.1]</c>) are ignored.
/// </summary>
internal sealed class PrefixShape
{
    public const int MaxTokens = 80;

    private readonly Token[] tokens;
    private readonly int blanks;

    private PrefixShape(Token[] tokens, int blanks)
    {
        this.tokens = tokens;
        this.blanks = blanks;
        Clock = ClockAt(tokens) >= 0;
        Bracket = tokens.Length > 2 && tokens[0].Mark == '[' && Array.FindIndex(tokens, t => t.Mark == ']') == tokens.Length - 1;
        OfKernel = Array.Exists(tokens, t => t.Literal is "kern" or "kernel");
        Priority = Array.FindIndex(tokens, t => t.Priority);
    }

    /// <summary>Hours, minutes and seconds are in it.</summary>
    public bool Clock { get; }

    /// <summary>
    /// It is one bracket and no more, as <c>dmesg</c> writes it: another bracket with a clock or a fraction in it fits as well.
    /// </summary>
    public bool Bracket { get; }

    /// <summary>The prefix names the kernel as the writer.</summary>
    public bool OfKernel { get; }

    /// <summary>Index of the word that is a priority, or -1.</summary>
    public int Priority { get; }

    /// <summary>It ends in <c>word:</c>, which may also be the beginning of a message: <c>mce_record: CPU: 0, …</c></summary>
    public bool EndsInName => tokens is [.., { Class: Class.Word, Priority: false, Literal: not ("kern" or "kernel") }, { Mark: ':' }];

    public bool HasNumber => Array.Exists(tokens, t => t.Digits);

    private enum Class { Mark, Word, Blank }

    private readonly record struct Token(Class Class, char Mark, string? Literal, bool Digits, bool Priority);

    /// <summary>Equal for prefixes that differ only in words and numbers.</summary>
    public static string Signature(ReadOnlySpan<char> prefix)
    {
        Span<char> text = stackalloc char[MaxTokens];
        int n = 0;
        for (int at = 0; n < MaxTokens && Read(prefix.TrimEnd(' '), ref at, out Class what, out Range part); n++)
            text[n] = what switch { Class.Word => 'a', Class.Blank => ' ', _ => prefix[part][0] };
        return text[..n].ToString();
    }

    /// <param name="prefixes">Of one <see cref="Signature"/>, one at least.</param>
    public static PrefixShape? Of(IReadOnlyList<string> prefixes)
    {
        var tokens = new List<Token>();
        int blanks = int.MaxValue;
        foreach (string prefix in prefixes)
        {
            string body = prefix.TrimEnd(' ', '\t');
            blanks = Math.Min(blanks, prefix.Length - body.Length);
            int at = 0;
            for (int n = 0; Read(body, ref at, out Class what, out Range part); n++)
            {
                if (n == MaxTokens)
                    return null;
                string word = body[part];
                bool digits = what == Class.Word && word.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0;
                var token = new Token(what, what == Class.Mark ? word[0] : '\0', what == Class.Word && !HasDigit(word) ? word : null,
                    digits, what == Class.Word && PriorityOf(word) is not null);
                if (prefix == prefixes[0] && tokens.Count == n)
                    tokens.Add(token);
                else if (n < tokens.Count)
                {
                    Token t = tokens[n];
                    tokens[n] = t with
                    {
                        Literal = t.Literal == token.Literal ? t.Literal : null,
                        Digits = t.Digits && token.Digits,
                        Priority = t.Priority && token.Priority,
                    };
                }
            }
        }
        Token[] all = [.. tokens];
        // Names of days and months, and words for the priority, may vary.
        int clock = ClockAt(all);
        for (int i = 0; i < all.Length; i++)
        {
            if (i < clock || all[i].Priority)
                all[i] = all[i] with { Literal = all[i].Literal is "kern" or "kernel" ? all[i].Literal : null };
        }
        return new(all, blanks);
    }

    /// <summary>True if the line begins with the prefix; <paramref name="end"/> is where its message begins.</summary>
    public bool Fits(ReadOnlySpan<char> text, out int end)
    {
        int at = 0;
        end = 0;
        foreach (Token token in tokens)
        {
            if (!Read(text, ref at, out Class what, out Range part) || what != token.Class)
                return false;
            ReadOnlySpan<char> word = text[part];
            bool fits = what switch
            {
                Class.Mark => word[0] == token.Mark,
                Class.Word when token.Digits => word.IndexOfAnyExceptInRange('0', '9') < 0,
                Class.Word when token.Priority => PriorityOf(word) is not null,
                Class.Word => token.Literal is null || word.SequenceEqual(token.Literal),
                _ => true,
            };
            if (!fits)
                return false;
        }
        end = at;
        for (int i = 0; i < blanks && end < text.Length && text[end] is ' ' or '\t'; i++)
            end++;
        return true;
    }

    /// <summary><c>[Feb22 04:01]</c> among lines with <c>[  +0.000844]</c>, <c>[août  3 …]</c> among <c>[sept. 3 …]</c>.</summary>
    public bool FitsSister(ReadOnlySpan<char> text, out int end)
    {
        end = 0;
        int close = text.Length > 0 && text[0] == '[' ? text[..Math.Min(48, text.Length)].IndexOf(']') : -1;
        if (!Bracket || close < 6)
            return false;
        bool number = false;
        for (int i = 2; i < close - 1 && !number; i++)
            number = text[i] is ':' or '.' or ',' && char.IsAsciiDigit(text[i - 1]) && char.IsAsciiDigit(text[i + 1]);
        end = close + 1;
        for (int i = 0; i < blanks && end < text.Length && text[end] is ' ' or '\t'; i++)
            end++;
        return number && !text[1..close].ContainsAny("/=");
    }

    /// <summary>The priorities 0 to 7 in the words of log tools.</summary>
    public static int? PriorityOf(ReadOnlySpan<char> word) => word.Length is < 3 or > 9 ? null : word switch
    {
        _ when Is(word, "emerg") || Is(word, "panic") || Is(word, "emergency") => 0,
        _ when Is(word, "alert") => 1,
        _ when Is(word, "crit") || Is(word, "critical") || Is(word, "fatal") => 2,
        _ when Is(word, "err") || Is(word, "error") => 3,
        _ when Is(word, "warn") || Is(word, "warning") => 4,
        _ when Is(word, "notice") => 5,
        _ when Is(word, "info") => 6,
        _ when Is(word, "debug") => 7,
        _ => null,
    };

    /// <summary>The priority by the word for it in the line.</summary>
    public int? PriorityIn(ReadOnlySpan<char> text)
    {
        int at = 0;
        for (int n = 0; n <= Priority && Read(text, ref at, out _, out Range part); n++)
        {
            if (n == Priority)
                return PriorityOf(text[part]);
        }
        return null;
    }

    private static bool Is(ReadOnlySpan<char> word, string name) => word.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static bool HasDigit(string word) => word.AsSpan().IndexOfAnyInRange('0', '9') >= 0;

    /// <summary>The last number of the last <c>hh:mm:ss</c>, or -1.</summary>
    private static int ClockAt(Token[] tokens)
    {
        for (int i = tokens.Length - 1; i >= 4; i--)
        {
            // "03T05:57:48Z": the first and the last may hold letters.
            if (tokens[i - 1].Mark == ':' && tokens[i - 3].Mark == ':' && tokens[i - 2].Digits &&
                tokens[i] is { Class: Class.Word, Literal: null } && tokens[i - 4] is { Class: Class.Word, Literal: null })
                return i;
        }
        return -1;
    }

    /// <summary>One token from <paramref name="at"/> on; blanks beside a bracket are stepped over.</summary>
    private static bool Read(ReadOnlySpan<char> text, ref int at, out Class what, out Range part)
    {
        int start = at;
        while (at < text.Length && text[at] is ' ' or '\t')
            at++;
        what = default;
        part = default;
        if (at == text.Length)
            return false;
        if (at > start && start > 0 && text[start - 1] is not ('[' or '(' or '<' or '+' or '{' or '-') &&
            text[at] is not (']' or ')' or '>' or ':' or '|' or ','))
        {
            what = Class.Blank;
            part = start..at;
            return true;
        }
        start = at;
        while (at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] == '_'))
            at++;
        what = at > start ? Class.Word : Class.Mark;
        // Short names of months and days end with a point in some languages.
        if (at == start || (at + 1 < text.Length && text[at] == '.' && text[at + 1] == ' ' && !char.IsAsciiDigit(text[at - 1])))
            at++;
        part = start..at;
        return true;
    }
}
