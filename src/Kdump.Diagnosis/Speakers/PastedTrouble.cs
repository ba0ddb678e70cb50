namespace Kdump.Diagnosis.Speakers;

/// <summary>
/// A line of a few that somebody pasted alone, in words of failure, of which neither a rule nor a speaker is known. Somebody took it out
/// of a log for a reason: it is quoted, and what would tell more is named.
/// </summary>
/// <param name="Program">Whose prompt or command stood before it; null if it is not known.</param>
public sealed record PastedTrouble(Source Source, string? Program) : Fact(Source)
{
    /// <summary>How a shell, the C library and language runtimes tell that a program did not end by itself.</summary>
    private static readonly string[] Ends = ["Aborted (core dumped)", "Segmentation fault", "Bus error", "Illegal instruction",
        "double free or corruption", "free(): ", "malloc(): ", "realloc(): ", "munmap_chunk(): ", "corrupted size vs. prev_size",
        "*** stack smashing detected ***", "*** buffer overflow detected ***", "terminate called ", "Traceback (most recent call last)",
        "Killed", "Floating point exception"];

    /// <summary>The program that says it: by its own line, else the one that was called before it.</summary>
    public string? Who => WhoSays(Source.Plain) ?? Program;

    /// <summary>It was ended: by a signal, or by itself since its memory was destroyed.</summary>
    public bool Ended => Ends.Any(e => Source.Plain.TrimStart().StartsWith(e, StringComparison.Ordinal)) || Alone;

    /// <summary>Nothing but a signal's name on the line: a shell said it, and the program had not spoken.</summary>
    public bool Alone => Array.Exists(Signals, s =>
        Source.Plain.AsSpan().Trim().TrimEnd('.').Equals(s, StringComparison.OrdinalIgnoreCase));

    private static readonly string[] Signals = ["Bus error", "Segmentation fault", "Illegal instruction", "Bus error (core dumped)",
        "Segmentation fault (core dumped)", "Illegal instruction (core dumped)"];

    /// <summary>More lines than this are a file of another kind, as far as is known.</summary>
    public const int MostLines = 60;

    /// <summary>Of so few each may be what somebody took out; of more only those that name a program and the C library's reason.</summary>
    public const int Few = 8;

    /// <summary>Parts of programs and settings, which hold words of failure without anything having failed.</summary>
    private static readonly string[] Code = [" && ", " || ", "() ", "= ", "=\"", "=>", "</", "#include"];

    /// <summary>How sentences about a machine begin, and messages of it do not.</summary>
    private static readonly string[] Prose = ["The", "Then", "When", "If", "I", "It", "This", "We", "You", "My", "A", "An", "How", "What",
        "Why", "After", "Before", "But", "And", "So", "There"];

    public static IEnumerable<PastedTrouble> In(IReadOnlyCollection<Source> lines)
    {
        string? program = null;
        foreach (Source line in lines)
        {
            if (ShellPrompt.ProgramOf(line.Plain) is { } called)
            {
                program = called;
                continue;
            }
            var trouble = new PastedTrouble(line, program);
            if (trouble.Alone)
                yield return trouble;
            else if (Tells(line) && (lines.Count <= Few || (WhoSays(line.Plain) is not null && FailureReason.Of(line.Plain) is not null) ||
                (program is not null && (trouble.Ended || IsLevel(line.Plain.AsSpan().TrimStart())))))
                yield return trouble;
        }
    }

    /// <summary>The line begins with the word by which a program gives up.</summary>
    private static bool IsLevel(ReadOnlySpan<char> line) => line.IndexOf(": ", StringComparison.Ordinal) is > 0 and < 12 and var colon &&
        (line[..colon].Equals("error", StringComparison.OrdinalIgnoreCase) ||
            line[..colon].Equals("fatal", StringComparison.OrdinalIgnoreCase) || line[..colon].SequenceEqual("fatal error"));

    /// <summary>The program in front of a message: <c>mkfs.xfs</c> of <c>mkfs.xfs: cannot open /dev/sdb: …</c>; null for a
    /// sentence.</summary>
    public static string? WhoSays(ReadOnlySpan<char> line)
    {
        line = line.Trim();
        int colon = line.IndexOf(": ", StringComparison.Ordinal);
        if (colon is < 2 or > 60)
            return null;
        ReadOnlySpan<char> name = line[..colon].TrimEnd();
        // A command with its arguments, as a person quotes it.
        if (name.IndexOf(' ') is > 0 and var blank)
        {
            ReadOnlySpan<char> first = name[..blank].TrimStart('*');
            return TradeProgram.Of(first.ToString()) is null ? null : first.ToString();
        }
        if (name.LastIndexOf('/') is >= 0 and var slash)
            name = name[(slash + 1)..];
        if (name.IndexOf('[') is > 1 and var bracket && name[^1] == ']')
            name = name[..bracket];
        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-' or '.' or '+'))
                return null;
        }
        return name.Length > 1 && char.IsAsciiLetter(name[0]) && !IsWord(name) ? name.ToString() : null;
    }

    private static bool IsWord(ReadOnlySpan<char> name) => name.Equals("error", StringComparison.OrdinalIgnoreCase) ||
        name.Equals("warning", StringComparison.OrdinalIgnoreCase) || name.Equals("fatal", StringComparison.OrdinalIgnoreCase) ||
        name.Equals("note", StringComparison.OrdinalIgnoreCase) || name.Equals("info", StringComparison.OrdinalIgnoreCase);

    private static bool Tells(Source line)
    {
        string text = line.Plain.Trim();
        return text.Length >= 12 && text.Contains(' ') && text[0] is not ('#' or ';' or '<' or '{') &&
            !text.StartsWith("//", StringComparison.Ordinal) &&
            text[^1] is not ('{' or '}' or ';' or '?' or '\\') &&
            (text[^1] != '.' || text.Contains(": ", StringComparison.Ordinal)) &&
            Array.IndexOf(Prose, text[..text.IndexOf(' ')]) < 0 && !Array.Exists(Code, c => text.Contains(c, StringComparison.Ordinal)) &&
            TroubleWords.In(text, out Gravity gravity) != 0 && gravity >= Gravity.Plain && Harmless.Find(text) is null;
    }
}
