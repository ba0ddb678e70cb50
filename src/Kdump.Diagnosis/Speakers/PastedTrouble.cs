namespace Kdump.Diagnosis.Speakers;

/// <summary>
/// A line with words of failure among few pasted lines, for which neither a rule nor a speaker is known. Somebody copied it for a
/// reason: the finding quotes it and names what would tell more.
/// </summary>
/// <param name="Program">Whose prompt or command stood before it; null if it is not known.</param>
public sealed record PastedTrouble(Source Source, string? Program) : Fact(Source)
{
    /// <summary>How a shell, the C library and language runtimes report that a program was ended.</summary>
    private static readonly string[] Ends = ["Aborted (core dumped)", "Segmentation fault", "Bus error", "Illegal instruction",
        "double free or corruption", "free(): ", "malloc(): ", "realloc(): ", "munmap_chunk(): ", "corrupted size vs. prev_size",
        "*** stack smashing detected ***", "*** buffer overflow detected ***", "terminate called ", "Traceback (most recent call last)",
        "Killed", "Floating point exception"];

    /// <summary>The program that the line is from: named in the line, else the one that was called before it.</summary>
    public string? Who => WhoSays(Source.Plain) ?? Inside(Source.Plain).Name ?? Program;

    /// <summary>The program was ended: by a signal, or by itself because its memory was destroyed.</summary>
    public bool Ended => Ends.Any(e => Source.Plain.TrimStart().StartsWith(e, StringComparison.Ordinal)) || Alone;

    /// <summary>The line is only the name of a signal: the shell printed it, and the program had printed nothing.</summary>
    public bool Alone => Array.Exists(Signals, s =>
        Source.Plain.AsSpan().Trim().TrimEnd('.').Equals(s, StringComparison.OrdinalIgnoreCase));

    private static readonly string[] Signals = ["Bus error", "Segmentation fault", "Illegal instruction", "Bus error (core dumped)",
        "Segmentation fault (core dumped)", "Illegal instruction (core dumped)"];

    /// <summary>A text with more lines is taken for a file of another kind.</summary>
    public const int MostLines = 60;

    /// <summary>
    /// In a text of at most this many lines each line may be the one that somebody meant; in longer ones only lines that name a
    /// program and a reason of the C library.
    /// </summary>
    public const int Few = 8;

    /// <summary>Parts of program code and settings, which contain words of failure although nothing failed.</summary>
    private static readonly string[] Code = [" && ", " || ", "() ", "= ", "=\"", "=>", "</", "#include"];

    /// <summary>Words that begin a person's sentences about a machine, and never its messages.</summary>
    private static readonly string[] Prose = ["The", "Then", "When", "If", "I", "It", "This", "We", "You", "My", "A", "An", "How", "What",
        "Why", "After", "Before", "But", "And", "So", "There"];

    /// <param name="lines">The lines of one text.</param>
    /// <param name="heap">The text is one of many that nobody chose: it is judged as a long one.</param>
    public static IEnumerable<PastedTrouble> In(IReadOnlyCollection<Source> lines, bool heap = false)
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
            else if (Tells(line) && ((lines.Count <= Few && !heap) ||
                (WhoSays(line.Plain) is not null && FailureReason.Of(line.Plain) is not null) ||
                (program is not null && (trouble.Ended || IsLevel(line.Plain.AsSpan().TrimStart())))))
                yield return trouble;
        }
    }

    /// <summary>True if the line begins with the word by which a program gives up.</summary>
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
        // A command with its arguments, as people quote it.
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

    /// <summary>
    /// A program with its path inside of another's message, and what it said: installers repeat the output of what they call.
    /// <c>…: /usr/bin/grub-mkconfig: line 270: FILE: No such file or directory</c>
    /// </summary>
    public static (string? Name, string Said) Inside(string line)
    {
        for (int colon = line.IndexOf(": ", StringComparison.Ordinal); colon > 0; colon = line.IndexOf(": ", colon + 2,
            StringComparison.Ordinal))
        {
            int start = line.LastIndexOf(' ', colon - 1) + 1;
            string word = line[start..colon];
            if (start > 0 && word[0] == '/' && TradeProgram.Of(word) is { } program)
                return (program.Name, line[(colon + 2)..]);
        }
        return (null, "");
    }

    private static bool IsWord(ReadOnlySpan<char> name) => name.Equals("error", StringComparison.OrdinalIgnoreCase) ||
        name.Equals("warning", StringComparison.OrdinalIgnoreCase) || name.Equals("fatal", StringComparison.OrdinalIgnoreCase) ||
        name.Equals("note", StringComparison.OrdinalIgnoreCase) || name.Equals("info", StringComparison.OrdinalIgnoreCase);

    private static bool Tells(Source line)
    {
        string text = line.Plain.Trim();
        return text.Length >= 12 && text.Contains(' ') && text[0] is not ('<' or '{') && !CommentLine.Is(text) &&
            text[^1] is not ('{' or '}' or ';' or '?' or '\\') &&
            (text[^1] != '.' || text.Contains(": ", StringComparison.Ordinal)) &&
            Array.IndexOf(Prose, text[..text.IndexOf(' ')]) < 0 && !Array.Exists(Code, c => text.Contains(c, StringComparison.Ordinal)) &&
            TroubleWords.In(text, out Gravity gravity) != 0 && gravity >= Gravity.Plain && Harmless.Find(text) is null;
    }
}
