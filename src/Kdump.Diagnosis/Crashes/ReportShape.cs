namespace Kdump.Diagnosis.Crashes;

/// <summary>
/// A number for what a report says, without what differs each time: counters, process ids, pointers into the kernel's memory. Two
/// reports with the same number have the same recipe, frames and function, and one reading serves both.
/// </summary>
internal static class ReportShape
{
    private const ulong Prime = 0x9E3779B97F4A7C15;

    /// <summary>Fewest digits of an address; a shorter number may be an offset or a size.</summary>
    private const int Pointer = 12;

    public static ulong Of(Report report)
    {
        unchecked
        {
            ulong hash = (ulong)report.Family.Heading.GetHashCode(StringComparison.Ordinal) ^ (ulong)report.End * Prime;
            hash ^= report.Known ? 1UL : 0;
            for (int i = 0; i < report.End; i++)
                hash = (Line(hash, report.Text[i]) ^ (report.Text.IsGuess(i) ? 3UL : 1)) * Prime;
            return hash;
        }
    }

    private static ulong Line(ulong hash, ReadOnlySpan<char> text)
    {
        unchecked
        {
            for (int i = 0; i < text.Length; i++)
            {
                char c = text[i];
                if (char.IsAsciiHexDigit(c) && (i == 0 || !IsWord(text[i - 1])))
                {
                    int end = i + 1;
                    bool number = char.IsAsciiDigit(c);
                    while (end < text.Length && char.IsAsciiHexDigit(text[end]))
                        number &= char.IsAsciiDigit(text[end++]);
                    // A name begins like a number: `f2fs_write`; `0x1f` goes on with a letter, too.
                    bool ends = end == text.Length || !IsWord(text[end]);
                    if (ends && (number ? end - i < Pointer : end - i >= Pointer && text[i] == 'f'))
                    {
                        hash = (hash ^ '#') * Prime;
                        i = end - 1;
                        continue;
                    }
                }
                hash = (hash ^ c) * Prime;
            }
            return hash;
        }
    }

    private static bool IsWord(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';
}
