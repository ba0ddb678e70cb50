namespace Kdump.Diagnosis.Text;

/// <summary>
/// Consoles with another character set show the kernel's square brackets as other characters: a 3270 terminal of s390 whose code page
/// is not the kernel's (<c>Ý    1.851721¨ text</c>), a terminal of a national 7-bit set (<c>Ä    1.851721Ü text</c>), a script in between
/// (<c>c 1851.721062! Oops: 0004 ilc:3 c#1!</c>). The stamp shows which two characters stand for them.
/// </summary>
internal static class MangledBrackets
{
    private const int Fraction = 6, MostBlanks = 9, MostDigits = 10;

    public static bool In(ReadOnlySpan<char> line) => EndOfStamp(line) > 0;

    /// <summary>Puts the brackets back, in place.</summary>
    public static void Mend(Span<char> line)
    {
        int end = EndOfStamp(line);
        if (end <= 0)
            return;
        (char open, char close) = (line[0], line[end]);
        line[0] = '[';
        line[end] = ']';
        Span<char> rest = line[(end + 1)..];
        if (open >= 0x80 && close >= 0x80)
        {
            rest.Replace(open, '[');
            rest.Replace(close, ']');
            return;
        }
        // An ordinary letter or mark stands for itself, too: only what a kernel writes in brackets is mended.
        for (int at = 0; at < rest.Length; at++)
        {
            if (rest[at] == open && Closes(rest, at, close) is > 0 and var last)
            {
                rest[at] = '[';
                rest[last] = ']';
                at = last;
            }
        }
    }

    /// <summary>Where the bracket closes: of an address, a count, an end mark, a module at the end; -1 for a common letter.</summary>
    private static int Closes(ReadOnlySpan<char> text, int at, char close)
    {
        ReadOnlySpan<char> inner = text[(at + 1)..];
        int end = inner.IndexOf(close);
        if (end <= 0)
            return -1;
        bool address = inner[0] == '<' && end > 1 && inner[end - 1] == '>';
        bool count = inner[0] == '#' && end < 8;
        bool mark = at >= 3 && text[..at].EndsWith("---", StringComparison.Ordinal) && inner[0] == ' ';
        bool module = at > 4 && text[at - 1] == ' ' && text[..at].Contains("+0x", StringComparison.Ordinal) &&
            !inner[..end].Contains(' ') && inner[(end + 1)..].Trim(") ").IsEmpty;
        return address || count || mark || module ? at + 1 + end : -1;
    }

    /// <summary>Index of the character behind a stamp at the beginning of the line; -1: there is none, or it has its brackets.</summary>
    private static int EndOfStamp(ReadOnlySpan<char> line)
    {
        if (line.Length < 12 || (line[0] < 0x80 && !char.IsAsciiLetter(line[0])) || (line[1] != ' ' && !char.IsAsciiDigit(line[1])))
            return -1;
        int at = 1;
        while (at < MostBlanks && line[at] == ' ')
            at++;
        int digits = at;
        while (at < line.Length && at - digits <= MostDigits && char.IsAsciiDigit(line[at]))
            at++;
        if (at == digits || at + Fraction + 2 >= line.Length || line[at] != '.')
            return -1;
        for (int end = at + Fraction; at < end;)
        {
            if (!char.IsAsciiDigit(line[++at]))
                return -1;
        }
        char close = line[++at];
        bool mangled = close >= 0x80 ? !char.IsWhiteSpace(close) : close is '!' or '}' or '|' or '?';
        return mangled && line[at + 1] == ' ' ? at : -1;
    }
}
