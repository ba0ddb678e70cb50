namespace Kdump.Diagnosis.Text;

/// <summary>A line of the journal or of syslog by a program: <c>Oct 10 12:00:00 host program[123]: words</c>.</summary>
public readonly ref struct ProgramLine
{
    private ProgramLine(ReadOnlySpan<char> program, ReadOnlySpan<char> words)
    {
        Program = program;
        Words = words;
    }

    public ReadOnlySpan<char> Program { get; }

    public ReadOnlySpan<char> Words { get; }

    /// <summary>The program's words, or the whole text where no program stands before them.</summary>
    public static ReadOnlySpan<char> WordsOf(ReadOnlySpan<char> text) => TryParse(text, out ProgramLine line) ? line.Words : text;

    /// <summary>False where no program with a process number stands before the words.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ProgramLine line)
    {
        line = default;
        int colon = text.IndexOf("]: ", StringComparison.Ordinal);
        int open = colon <= 0 ? -1 : text[..colon].LastIndexOf('[');
        if (open <= 0 || !ulong.TryParse(text[(open + 1)..colon], out _))
            return false;
        ReadOnlySpan<char> program = text[(text[..open].LastIndexOf(' ') + 1)..open];
        line = new(program, text[(colon + 3)..].Trim());
        return !program.IsEmpty;
    }
}
