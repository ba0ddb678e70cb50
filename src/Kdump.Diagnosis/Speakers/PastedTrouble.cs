namespace Kdump.Diagnosis.Speakers;

/// <summary>
/// A line of a few that somebody pasted alone, in words of failure, of which neither a rule nor a speaker is known. Somebody took it out
/// of a log for a reason: it is quoted, and what would tell more is named.
/// </summary>
public sealed record PastedTrouble(Source Source) : Fact(Source)
{
    /// <summary>More lines than this are a file of another kind, as far as is known.</summary>
    public const int MostLines = 60;

    /// <summary>Of so few each may be what somebody took out; of more only those that name a program and the C library's reason.</summary>
    private const int Few = 8;

    /// <summary>Parts of programs and settings, which hold words of failure without anything having failed.</summary>
    private static readonly string[] Code = [" && ", " || ", "() ", "= ", "=\"", "=>", "</", "#include"];

    /// <summary>How sentences about a machine begin, and messages of it do not.</summary>
    private static readonly string[] Prose = ["The", "Then", "When", "If", "I", "It", "This", "We", "You", "My", "A", "An", "How", "What",
        "Why", "After", "Before", "But", "And", "So", "There"];

    public static IEnumerable<PastedTrouble> In(IReadOnlyCollection<Source> lines) =>
        lines.Where(l => Tells(l) && (lines.Count <= Few || (WhoSays(l.Plain) is not null && FailureReason.Of(l.Plain) is not null)))
            .Select(l => new PastedTrouble(l));

    /// <summary>The program in front of a message: <c>mkfs.xfs</c> of <c>mkfs.xfs: cannot open /dev/sdb: …</c>; null for a
    /// sentence.</summary>
    public static string? WhoSays(ReadOnlySpan<char> line)
    {
        line = line.Trim();
        int colon = line.IndexOf(": ", StringComparison.Ordinal);
        if (colon is < 2 or > 60)
            return null;
        ReadOnlySpan<char> name = line[..colon];
        if (name.LastIndexOf('/') is >= 0 and var slash)
            name = name[(slash + 1)..];
        if (name.IndexOf('[') is > 1 and var bracket && name[^1] == ']')
            name = name[..bracket];
        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-' or '.' or '+'))
                return null;
        }
        return name.Length > 1 && char.IsAsciiLetter(name[0]) && !IsLevel(name) ? name.ToString() : null;
    }

    private static bool IsLevel(ReadOnlySpan<char> name) => name.Equals("error", StringComparison.OrdinalIgnoreCase) ||
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
            TroubleWords.In(text, out Gravity gravity) != 0 && gravity >= Gravity.Plain;
    }
}
