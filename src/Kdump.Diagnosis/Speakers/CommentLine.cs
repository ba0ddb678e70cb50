namespace Kdump.Diagnosis.Speakers;

/// <summary>
/// Comments of settings, scripts, sources and pages, which contain words of failure although nothing failed; no line of a log begins
/// like them.
/// </summary>
public static class CommentLine
{
    /// <summary>Marks that may stand directly before the text: shell and ini files, C and its kin, markup, roff.</summary>
    private static readonly string[] Marks = ["#", ";", "//", "/*", "*/", "<!--", ".\\\"", "'\\\"", "(*", "{-", "\"\"\""];

    /// <summary>
    /// Marks before a blank only: X resources and Fortran, SQL and Lua, TeX and PostScript, batch files, m4. Not the star in the middle of
    /// a comment in C: OpenRC's messages begin like it.
    /// </summary>
    private static readonly string[] Words = ["!", "!!", "--", "%", "%%", "rem", "::", "dnl"];

    public static bool Is(ReadOnlySpan<char> line)
    {
        ReadOnlySpan<char> text = line.Trim();
        foreach (string mark in Marks)
        {
            if (text.StartsWith(mark, StringComparison.Ordinal))
                return true;
        }
        int blank = text.IndexOfAny(' ', '\t');
        ReadOnlySpan<char> first = blank < 0 ? text : text[..blank];
        foreach (string word in Words)
        {
            if (first.Equals(word, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }
}
