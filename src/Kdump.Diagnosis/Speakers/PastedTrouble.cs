namespace Kdump.Diagnosis.Speakers;

/// <summary>
/// A line of a few that somebody pasted alone, in words of failure, of which neither a rule nor a speaker is known. Somebody took it out
/// of a log for a reason: it is quoted, and what would tell more is named.
/// </summary>
public sealed record PastedTrouble(Source Source) : Fact(Source)
{
    /// <summary>More lines than this are a file of another kind, as far as is known.</summary>
    public const int MostLines = 8;

    /// <summary>Parts of programs and settings, which hold words of failure without anything having failed.</summary>
    private static readonly string[] Code = [" && ", " || ", "() ", "= ", "=\"", "=>", "</", "#include"];

    /// <summary>How sentences about a machine begin, and messages of it do not.</summary>
    private static readonly string[] Prose = ["The", "Then", "When", "If", "I", "It", "This", "We", "You", "My", "A", "An", "How", "What",
        "Why", "After", "Before", "But", "And", "So", "There"];

    public static IEnumerable<PastedTrouble> In(IEnumerable<Source> lines) => lines.Where(Tells).Select(l => new PastedTrouble(l));

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
