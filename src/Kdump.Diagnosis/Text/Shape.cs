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

    /// <summary>The most texts that a shape takes out of a line.</summary>
    private const int MostTaken = 16;

    /// <summary>The position in the line where the shape begins, or -1.</summary>
    /// <param name="taken">Gets the captured texts where the shape is found, and stays as it is where not.</param>
    public static int Find(ReadOnlySpan<char> line, string shape, List<string>? taken = null)
    {
        line = line[..Math.Min(line.Length, MaxLine)];
        ReadOnlySpan<char> first = Literal(shape);
        var match = new Match(line, stackalloc Range[MostTaken]);
        for (int at = 0; at <= line.Length; at++)
        {
            int next = line[at..].IndexOf(first, StringComparison.Ordinal);
            if (next < 0)
                return -1;
            at += next;
            if (match.Fits(at, shape))
            {
                match.CopyTo(taken);
                return at;
            }
        }
        return -1;
    }

    /// <summary>True if the line begins with the shape; <paramref name="taken"/> as for <see cref="Find"/>.</summary>
    public static bool Begins(ReadOnlySpan<char> line, string shape, List<string>? taken = null)
    {
        var match = new Match(line[..Math.Min(line.Length, MaxLine)], stackalloc Range[MostTaken]);
        if (!match.Fits(0, shape))
            return false;
        match.CopyTo(taken);
        return true;
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

    /// <summary>
    /// One comparison. Texts are kept as places in the line until the whole shape fits: nearly all lines that are tried do not.
    /// </summary>
    private ref struct Match(ReadOnlySpan<char> line, Span<Range> taken)
    {
        private readonly ReadOnlySpan<char> line = line;
        private readonly Span<Range> taken = taken;
        private int count;

        public readonly void CopyTo(List<string>? texts)
        {
            if (texts is null)
                return;
            texts.Clear();
            foreach (Range place in taken[..count])
                texts.Add(line[place].ToString());
        }

        /// <summary>True if the shape stands at this place of the line.</summary>
        public bool Fits(int from, ReadOnlySpan<char> shape)
        {
            count = 0;
            return FitsRest(from, shape);
        }

        private bool FitsRest(int from, ReadOnlySpan<char> shape)
        {
            while (!shape.IsEmpty)
            {
                if (shape[0] == '*')
                    return FitsSomewhere(from, shape[1..]);
                ReadOnlySpan<char> text = line[from..];
                if (shape[0] == '{')
                {
                    int length = LengthOf(shape, text);
                    if (length < 0)
                        return false;
                    taken[count++] = from..(from + length);
                    from += length;
                    shape = shape[3..];
                    continue;
                }
                ReadOnlySpan<char> here = Literal(shape);
                if (!text.StartsWith(here, StringComparison.Ordinal))
                    return false;
                from += here.Length;
                shape = shape[here.Length..];
            }
            return true;
        }

        /// <summary>The first place that fits counts: stars stand before literals only, and no shape has more than three.</summary>
        private bool FitsSomewhere(int from, ReadOnlySpan<char> shape)
        {
            ReadOnlySpan<char> literal = Literal(shape);
            if (literal.IsEmpty)
                return true;
            int before = count;
            for (;;)
            {
                int next = line[from..].IndexOf(literal, StringComparison.Ordinal);
                if (next < 0)
                    return false;
                from += next;
                if (FitsRest(from, shape))
                    return true;
                count = before;
                from++;
            }
        }

        /// <summary>How many characters of the text the shape's first letter in braces takes; -1 for none.</summary>
        private static int LengthOf(ReadOnlySpan<char> shape, ReadOnlySpan<char> text)
        {
            if (text.Trim(' ').IsEmpty)
                return -1;
            if (shape[1] == 'w')
                return Word(text) is > 0 and var word ? word : -1;
            if (shape[1] == 'd')
                return Device(text) is > 0 and var device ? device : -1;
            return shape[1] == 'e' && shape.Length > 3 ? text.IndexOf(shape[3]) : text.Length;
        }

        private static int Word(ReadOnlySpan<char> text)
        {
            int length = 0;
            while (length < text.Length && (char.IsAsciiLetterOrDigit(text[length]) || text[length] is '_' or '-'))
                length++;
            return length;
        }

        private static int Device(ReadOnlySpan<char> text)
        {
            int length = 0;
            while (length < text.Length && (char.IsAsciiLetterOrDigit(text[length]) || text[length] is '_' or '-' or '.' or ':'))
                length++;
            while (length > 0 && text[length - 1] is ':' or '.')
                length--;
            return length;
        }
    }

    private static ReadOnlySpan<char> Literal(ReadOnlySpan<char> shape)
    {
        int end = shape.IndexOfAny('*', '{');
        return end < 0 ? shape : shape[..end];
    }
}
