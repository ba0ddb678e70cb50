using System.Globalization;

namespace Kdump.Diagnosis.Text;

/// <summary>
/// One object of JSON on a line, as log collectors write it: read by its marks alone, because the ends of lines get lost.
/// </summary>
internal static class JsonLine
{
    /// <summary>It begins as an object, perhaps as one of a list of YAML.</summary>
    public static bool Is(ReadOnlySpan<char> line) => line.TrimStart(" \t-").StartsWith("{", StringComparison.Ordinal);

    /// <summary>The name of the field whose text holds what is looked for at <paramref name="at"/>; null without one.</summary>
    public static string? FieldAt(ReadOnlySpan<char> line, int at)
    {
        for (int i = 0; Next(line, ref i, out Range name, out Range value);)
        {
            if (at >= value.Start.Value && at < value.End.Value)
                return line[name].ToString();
        }
        return null;
    }

    /// <summary>Writes the text of a field without its escapes; -1 where the line has no such field.</summary>
    public static int Value(ReadOnlySpan<char> line, string field, Span<char> to)
    {
        for (int i = 0; Next(line, ref i, out Range name, out Range value);)
        {
            if (line[name].SequenceEqual(field))
                return Unescape(line[value], to);
        }
        return -1;
    }

    /// <summary>What the other fields tell: syslog's priority, journald's clocks, a date in any field whose name speaks of time.</summary>
    public static CarrierStamp Stamp(ReadOnlySpan<char> line)
    {
        var stamp = new CarrierStamp();
        for (int i = 0; Next(line, ref i, out Range n, out Range v);)
        {
            ReadOnlySpan<char> name = line[n], value = line[v];
            if (name.Equals("priority", StringComparison.OrdinalIgnoreCase) || name is "level" or "severity" or "syslog_severity")
                stamp.Priority ??= value.Length == 1 && value[0] is >= '0' and <= '7' ? value[0] - '0' : PrefixShape.PriorityOf(value);
            else if (name is "_SOURCE_MONOTONIC_TIMESTAMP" && Number(value, out double monotonic))
                stamp.Seconds = monotonic / 1e6;
            else if (name is "__REALTIME_TIMESTAMP" && Number(value, out double real))
                (stamp.Day, stamp.HasYear, stamp.Utc) = (DateTime.UnixEpoch.AddTicks((long)Math.Min(real, 4e15) * 10), true, true);
            else if (stamp.Day is null && value.Length is > 18 and < 40 &&
                (name.Contains("time", StringComparison.OrdinalIgnoreCase) || name is "ts" or "date"))
                stamp = stamp.Or(CarrierStamp.Of(value));
        }
        return stamp;
    }

    private static bool Number(ReadOnlySpan<char> text, out double value) =>
        double.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    /// <summary>The next name with a plain value, quoted or not; objects inside are walked into.</summary>
    private static bool Next(ReadOnlySpan<char> line, ref int at, out Range name, out Range value)
    {
        name = value = default;
        while (at < line.Length)
        {
            int open = line[at..].IndexOf('"');
            if (open < 0)
                return false;
            int start = at + open + 1, end = EndOf(line, start);
            if (end >= line.Length)
                return false;
            at = end + 1;
            int next = Blanks(line, at);
            if (next >= line.Length || line[next] != ':')
                continue;
            name = start..end;
            next = Blanks(line, next + 1);
            if (next >= line.Length)
                return false;
            if (line[next] == '"')
            {
                // If the end is missing, the line was truncated: use the available part.
                end = EndOf(line, next + 1);
                value = (next + 1)..end;
                at = Math.Min(line.Length, end + 1);
                return true;
            }
            at = next;
            if (line[next] is '{' or '[')
                continue;
            int stop = line[next..].IndexOfAny(",}]");
            at = stop < 0 ? line.Length : next + stop;
            value = next..at;
            return true;
        }
        return false;
    }

    private static int Blanks(ReadOnlySpan<char> line, int at)
    {
        while (at < line.Length && line[at] is ' ' or '\t')
            at++;
        return at;
    }

    private static int EndOf(ReadOnlySpan<char> line, int at)
    {
        while (at < line.Length && line[at] != '"')
            at += line[at] == '\\' ? 2 : 1;
        return Math.Min(at, line.Length);
    }

    public static int Unescape(ReadOnlySpan<char> text, Span<char> to)
    {
        int n = 0;
        for (int i = 0; i < text.Length && n < to.Length; i++)
        {
            char c = text[i];
            if (c == '\\' && i + 1 < text.Length)
            {
                c = text[++i];
                if (c == 'u' && i + 4 < text.Length &&
                    ushort.TryParse(text[(i + 1)..(i + 5)], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort code))
                    (c, i) = ((char)code, i + 4);
                else
                    c = c switch { 'n' => '\n', 't' => '\t', 'r' => '\r', 'b' or 'f' => ' ', _ => c };
            }
            to[n++] = c;
        }
        return n;
    }
}
