using System.Globalization;

namespace Kdump.Diagnosis.Text;

/// <summary>Parses a line from left to right. Every step returns whether it matched; nothing throws.</summary>
public ref struct TextCursor(ReadOnlySpan<char> text)
{
    public ReadOnlySpan<char> Rest { get; private set; } = text;

    public readonly bool Empty => Rest.IsEmpty;

    /// <summary>Skips the literal if it is at the current position.</summary>
    public bool Skip(string literal)
    {
        if (!Rest.StartsWith(literal, StringComparison.Ordinal))
            return false;
        Rest = Rest[literal.Length..];
        return true;
    }

    /// <summary>Moves after the next occurrence of the literal; does not move if there is none.</summary>
    public bool SkipPast(string literal)
    {
        int at = Rest.IndexOf(literal, StringComparison.Ordinal);
        if (at < 0)
            return false;
        Rest = Rest[(at + literal.Length)..];
        return true;
    }

    /// <summary>Steps over blanks; false at the end of the line.</summary>
    public bool SkipSpaces()
    {
        Rest = Rest.TrimStart(" \t");
        return !Rest.IsEmpty;
    }

    /// <summary>Returns the text before the next occurrence of the literal and moves after it.</summary>
    public bool Before(string literal, out ReadOnlySpan<char> taken)
    {
        int at = Rest.IndexOf(literal, StringComparison.Ordinal);
        taken = at < 0 ? default : Rest[..at];
        if (at < 0)
            return false;
        Rest = Rest[(at + literal.Length)..];
        return true;
    }

    /// <summary>Takes the characters up to the next blank.</summary>
    public ReadOnlySpan<char> Word()
    {
        SkipSpaces();
        int end = Rest.IndexOfAny(' ', '\t');
        ReadOnlySpan<char> word = end < 0 ? Rest : Rest[..end];
        Rest = Rest[word.Length..];
        return word;
    }

    /// <summary>A signed decimal number.</summary>
    public bool Number(out long value)
    {
        int end = Rest.Length > 0 && Rest[0] == '-' ? 1 : 0;
        while (end < Rest.Length && char.IsAsciiDigit(Rest[end]))
            end++;
        bool fits = long.TryParse(Rest[..end], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
        if (fits)
            Rest = Rest[end..];
        return fits;
    }

    /// <summary>A hexadecimal number, with or without 0x.</summary>
    public bool Hex(out ulong value)
    {
        int start = Rest.StartsWith("0x", StringComparison.Ordinal) ? 2 : 0;
        int end = start;
        while (end < Rest.Length && char.IsAsciiHexDigit(Rest[end]))
            end++;
        bool fits = ulong.TryParse(Rest[start..end], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
        if (fits)
            Rest = Rest[end..];
        return fits;
    }
}
