namespace Kdump.Diagnosis.Text;

/// <summary>
/// The form of a message, found anywhere in a line: text stands for itself, <c>*</c> for anything, and <c>{w}</c>, <c>{d}</c>,
/// <c>{e}</c>, <c>{t}</c> capture a word, a device's name, all up to the next character of the shape, or the rest of the line. It
/// uses no regular expressions, because their time on hostile input is not bounded.
/// </summary>
internal static class Shape
{
    /// <summary>The longest part of a line that is searched.</summary>
    private const int MaxLine = 1024;

    /// <summary>The position in the line where the shape begins, or -1.</summary>
    public static int Find(ReadOnlySpan<char> line, string shape, List<string>? taken = null)
    {
        line = line[..Math.Min(line.Length, MaxLine)];
        ReadOnlySpan<char> first = Literal(shape);
        for (int at = 0; at <= line.Length; at++)
        {
            int next = line[at..].IndexOf(first, StringComparison.Ordinal);
            if (next < 0)
                return -1;
            at += next;
            taken?.Clear();
            if (Fits(line[at..], shape, taken))
                return at;
        }
        return -1;
    }

    /// <summary>The longest text that every line of the shape holds.</summary>
    public static string LongestLiteral(string shape) =>
        Parts(shape).Aggregate("", (best, part) => part.Length > best.Length ? part : best);

    /// <summary>The shape as people quote a line, <c>…</c> for what differs.</summary>
    public static string Quoted(string shape) => string.Join("…", Parts(shape));

    private static List<string> Parts(string shape)
    {
        var parts = new List<string>();
        ReadOnlySpan<char> rest = shape;
        while (true)
        {
            ReadOnlySpan<char> literal = Literal(rest);
            parts.Add(literal.ToString());
            rest = rest[literal.Length..];
            if (rest.IsEmpty)
                return parts;
            rest = rest[(rest[0] == '*' ? 1 : 3)..];
        }
    }

    private static bool Fits(ReadOnlySpan<char> text, ReadOnlySpan<char> shape, List<string>? taken)
    {
        for (;;)
        {
            if (shape.IsEmpty)
                return true;
            if (shape[0] == '*')
            {
                shape = shape[1..];
                ReadOnlySpan<char> literal = Literal(shape);
                if (literal.IsEmpty)
                    return true;
                // The first place that fits counts: stars stand before literals only, and no shape has more than three.
                for (int at = text.IndexOf(literal, StringComparison.Ordinal); at >= 0;)
                {
                    int before = taken?.Count ?? 0;
                    if (Fits(text[at..], shape, taken))
                        return true;
                    taken?.RemoveRange(before, taken.Count - before);
                    int next = text[(at + 1)..].IndexOf(literal, StringComparison.Ordinal);
                    at = next < 0 ? -1 : at + 1 + next;
                }
                return false;
            }
            if (shape.StartsWith("{", StringComparison.Ordinal))
            {
                int length = text.Length;
                if (text.Trim(' ').IsEmpty)
                    return false;
                if (shape[1] == 'w')
                {
                    length = 0;
                    while (length < text.Length && (char.IsAsciiLetterOrDigit(text[length]) || text[length] is '_' or '-'))
                        length++;
                    if (length == 0)
                        return false;
                }
                else if (shape[1] == 'd')
                {
                    length = 0;
                    while (length < text.Length && (char.IsAsciiLetterOrDigit(text[length]) || text[length] is '_' or '-' or '.' or ':'))
                        length++;
                    while (length > 0 && text[length - 1] is ':' or '.')
                        length--;
                    if (length == 0)
                        return false;
                }
                else if (shape[1] == 'e')
                {
                    length = shape.Length > 3 ? text.IndexOf(shape[3]) : text.Length;
                    if (length < 0)
                        return false;
                }
                taken?.Add(text[..length].ToString());
                text = text[length..];
                shape = shape[3..];
                continue;
            }
            ReadOnlySpan<char> here = Literal(shape);
            if (!text.StartsWith(here, StringComparison.Ordinal))
                return false;
            text = text[here.Length..];
            shape = shape[here.Length..];
        }
    }

    private static ReadOnlySpan<char> Literal(ReadOnlySpan<char> shape)
    {
        int end = shape.IndexOfAny('*', '{');
        return end < 0 ? shape : shape[..end];
    }
}
