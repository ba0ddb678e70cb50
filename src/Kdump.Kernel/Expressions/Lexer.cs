using System.Globalization;
using System.Text;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Expressions;

/// <summary>Splits an expression into tokens, like a C lexer.</summary>
internal static class Lexer
{
    /// <summary>Maximum length of an expression in characters; command lines are shorter.</summary>
    public const int MaxLength = 16 << 10;

    /// <summary>Operators, the longest first.</summary>
    private static readonly string[] Operators =
    [
        "<<=", ">>=", "...", "->", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "::", "++", "--", "+=", "-=", "*=", "/=", "%=", "&=",
        "|=", "^=", "+", "-", "*", "/", "%", "&", "|", "^", "~", "!", "<", ">", "=", "?", ":", ".", ",", "(", ")", "[", "]",
    ];

    /// <exception cref="ExpressionException">The text contains an invalid character or literal.</exception>
    public static List<Token> Read(string text)
    {
        if (text.Length > MaxLength)
            throw new ExpressionException(MaxLength, $"an expression has at most {MaxLength} characters");
        List<Token> tokens = [];
        int at = 0;
        while (true)
        {
            while (at < text.Length && char.IsWhiteSpace(text[at]))
                at++;
            if (at >= text.Length)
            {
                tokens.Add(new Token(TokenKind.End, "", text.Length));
                return tokens;
            }
            int start = at;
            char c = text[at];
            if (char.IsAsciiDigit(c))
                tokens.Add(Number(text, ref at));
            else if (IsNameStart(c))
            {
                while (at < text.Length && IsName(text[at]))
                    at++;
                tokens.Add(new Token(TokenKind.Name, text[start..at], start));
            }
            else if (c is '\'' or '"')
                tokens.Add(Quoted(text, ref at));
            else if (Array.Find(Operators, o => string.CompareOrdinal(text, start, o, 0, o.Length) == 0) is { } operation)
            {
                tokens.Add(new Token(TokenKind.Operator, operation, start));
                at += operation.Length;
            }
            else
            {
                throw new ExpressionException(start, $"'{(char.IsControl(c) ? $"\\x{(int)c:x2}" : c.ToString())}' is not allowed here");
            }
        }
    }

    private static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c is '_' or '$';

    /// <summary>
    /// True for a character of a name in C. Compilers make symbols with dots (foo.constprop.0), which are not names in C and must be
    /// quoted.
    /// </summary>
    private static bool IsName(char c) => IsNameStart(c) || char.IsAsciiDigit(c);

    private static Token Number(string text, ref int at)
    {
        int start = at;
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '_'))
            at++;
        string word = text[start..at], digits = word.Replace("_", "", StringComparison.Ordinal);
        int suffix = digits.Length;
        bool hex = digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        while (suffix > 0 && digits[suffix - 1] is 'u' or 'U' or 'l' or 'L')
            suffix--;
        string tail = digits[suffix..].ToLowerInvariant();
        digits = digits[..suffix];
        if (tail is not ("" or "u" or "l" or "ul" or "lu" or "ll" or "ull" or "llu"))
            throw new ExpressionException(start, $"'{word}' is no number: its suffix is none of u, l, ul, ll, ull");
        ulong value = 0;
        bool good;
        if (hex)
            good = ulong.TryParse(digits.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
        else if (digits.StartsWith("0b", StringComparison.OrdinalIgnoreCase))
            good = ulong.TryParse(digits.AsSpan(2), NumberStyles.AllowBinarySpecifier, CultureInfo.InvariantCulture, out value);
        else if (digits.Length > 1 && digits[0] == '0')
            good = Octal(digits, out value);
        else
            good = ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value);
        if (!good)
        {
            // An address without 0x, as crash and %p print it.
            if (word.Length is >= 8 and <= 16 &&
                ulong.TryParse(word, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value))
                return new Token(TokenKind.Number, word, start, value, CType.UnsignedLong);
            throw new ExpressionException(start, $"'{word}' is no number of at most 64 bits");
        }
        return new Token(TokenKind.Number, word, start, value,
            TypeOf(value, char.IsAsciiDigit(digits[0]) && digits[0] != '0', tail));
    }

    private static bool Octal(string digits, out ulong value)
    {
        value = 0;
        foreach (char c in digits)
        {
            if (c is < '0' or > '7' || value >> 61 != 0)
                return false;
            value = value << 3 | (uint)(c - '0');
        }
        return true;
    }

    /// <summary>
    /// Type of an integer literal (C11 6.4.4.1): the first type that can hold it; without suffix only octal and hexadecimal numbers may
    /// become unsigned.
    /// </summary>
    private static CType TypeOf(ulong value, bool isDecimal, string suffix)
    {
        bool unsigned = suffix.Contains('u', StringComparison.Ordinal), isLong = suffix.Contains('l', StringComparison.Ordinal);
        if (!isLong && !unsigned && value <= int.MaxValue)
            return CType.Int;
        if (!isLong && (unsigned || !isDecimal) && value <= uint.MaxValue)
            return CType.UnsignedInt;
        return !unsigned && value <= long.MaxValue ? CType.Long : CType.UnsignedLong;
    }

    private static Token Quoted(string text, ref int at)
    {
        int start = at;
        char quote = text[at++];
        StringBuilder value = new();
        while (at < text.Length && text[at] != quote)
        {
            char c = text[at++];
            if (c == '\\' && at < text.Length)
                c = Escaped(text, ref at);
            value.Append(c);
        }
        if (at >= text.Length)
            throw new ExpressionException(start, $"the closing {quote} is missing");
        at++;
        if (quote == '"')
            return new Token(TokenKind.Text, value.ToString(), start);
        // A quoted name is a symbol that is not a name in C: 'foo.constprop.0'.
        if (value.Length != 1)
            return value.Length > 1 ? new Token(TokenKind.Name, value.ToString(), start)
                : throw new ExpressionException(start, "'' holds no character");
        return new Token(TokenKind.Character, value.ToString(), start, value[0], CType.Int);
    }

    private static char Escaped(string text, ref int at)
    {
        int start = at - 1;
        char c = text[at++];
        switch (c)
        {
            case 'n':
                return '\n';
            case 't':
                return '\t';
            case 'r':
                return '\r';
            case '0':
                return '\0';
            case 'x':
                int digits = at;
                while (at < text.Length && at < digits + 2 && char.IsAsciiHexDigit(text[at]))
                    at++;
                return at == digits ? throw new ExpressionException(start, "\\x needs hexadecimal digits")
                    : (char)int.Parse(text.AsSpan(digits, at - digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            default:
                return c;
        }
    }
}
