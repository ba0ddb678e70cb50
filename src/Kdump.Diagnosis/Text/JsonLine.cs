using System.Globalization;

namespace Kdump.Diagnosis.Text;

/// <summary>
/// One object of JSON on a line, as log collectors write it: read by its marks alone, because the ends of lines get lost.
/// </summary>
public static class JsonLine
{
    /// <summary>Characters of a date before a tab.</summary>
    private const int MaxDate = 40;

    private const string ServerEvent = "data: {";

    /// <summary>True if the line begins as an object, perhaps as an item of a YAML list.</summary>
    public static bool Is(ReadOnlySpan<char> line) => line.TrimStart(" \t-").StartsWith("{", StringComparison.Ordinal);

    /// <summary>
    /// The object on a line, also after a date and a tag as in Fluentd's files, after RFC 7464's separator (journalctl -o json-seq), and
    /// as an event of a server (-o json-sse); empty without one.
    /// </summary>
    public static ReadOnlySpan<char> Within(ReadOnlySpan<char> line)
    {
        if (Is(line))
            return line;
        if (line.Length > 2 && line[0] == '\u001e' && line[1] == '{')
            return line[1..];
        if (line.StartsWith(ServerEvent, StringComparison.Ordinal))
            return line[(ServerEvent.Length - 1)..];
        return line.Length > MaxDate && char.IsAsciiDigit(line[0]) && line[..MaxDate].IndexOf('\t') is > 0 and var tag &&
            line[tag..Math.Min(line.Length, MaxDate * 4)].IndexOf("\t{", StringComparison.Ordinal) is >= 0 and var tab
                ? line[(tag + tab + 1)..] : [];
    }

    /// <summary>The name of the field whose text holds what is looked for at <paramref name="at"/>; null without one.</summary>
    internal static string? FieldAt(ReadOnlySpan<char> line, int at)
    {
        for (int i = 0; Next(line, ref i, out Range name, out Range value);)
        {
            if (at >= value.Start.Value && at < value.End.Value)
                return line[name].ToString();
        }
        return null;
    }

    /// <summary>Writes the text of a field without its escapes; -1 where the line has no such field.</summary>
    internal static int Value(ReadOnlySpan<char> line, string field, Span<char> to)
    {
        for (int i = 0; Next(line, ref i, out Range name, out Range value);)
        {
            if (line[name].SequenceEqual(field))
                return value.Start.Value < line.Length && line[value.Start.Value] == '[' && line[value.Start.Value - 1] != '"'
                    ? OfBytes(line[value], to) : Unescape(line[value], to);
        }
        return -1;
    }

    /// <summary>
    /// The host that wrote the line: journald's and systemd-journal-remote's <c>_HOSTNAME</c>, <c>host</c> and <c>hostname</c> of GELF,
    /// rsyslog, Fluentd, Vector and Loki's labels, the name inside Elastic's <c>host</c> (that of <c>agent</c> is a collector's); empty
    /// without one.
    /// </summary>
    public static ReadOnlySpan<char> Host(ReadOnlySpan<char> line)
    {
        Range found = default;
        int best = 0;
        for (int i = 0; best < 3 && Next(line, ref i, out Range n, out Range v);)
        {
            if (v.End.Value <= v.Start.Value)
                continue;
            ReadOnlySpan<char> before = line[..n.Start.Value];
            int rank = line[n] switch
            {
                "_HOSTNAME" => 3,
                "name" or "hostname" when Depth(before, "\"host\"") == 1 => 2,
                "host" or "hostname" or "HOSTNAME" or "host_name" or "host.name" or "host.hostname" or "syslog_hostname" or "nodename" =>
                    Depth(before, "\"agent\"") + Depth(before, "\"beat\"") + Depth(before, "\"observer\"") == 0 ? 1 : 0,
                _ => 0,
            };
            if (rank > best)
                (best, found) = (rank, v);
        }
        return line[found];
    }

    /// <summary>Whether the kernel wrote the line, where a field names the program; null: none does.</summary>
    public static bool? OfKernel(ReadOnlySpan<char> line)
    {
        bool? told = null;
        for (int i = 0; Next(line, ref i, out Range n, out Range v);)
        {
            // The journal keeps these of a process, and of the kernel never.
            if (line[n] is "_SYSTEMD_UNIT" or "_COMM" or "_EXE" or "_CMDLINE")
                return false;
            if (line[n] is "_TRANSPORT" && line[v] is "syslog" or "journal")
                continue;
            if (line[n] is "name" && Depth(line[..n.Start.Value], "\"process\"") != 1)
                continue;
            if (line[n] is "_TRANSPORT" or "name" or "process.name" or "SYSLOG_IDENTIFIER" or "ident" or "appname" or "app_name" or
                "app-name" or "syslogtag" or
                "programname" or "program" or "syslog_identifier")
                told = line[v].TrimEnd(": ") is "kernel";
            else if (line[n] is "facility" or "_facility" or "syslog_facility" && line[v] is "kern" or "kernel")
                told ??= true;
            if (told == false)
                return false;
        }
        return told;
    }

    /// <summary>How many braces are open at the end within the object of a name; 0: it is closed, or not there.</summary>
    private static int Depth(ReadOnlySpan<char> before, string name)
    {
        int at = before.LastIndexOf(name, StringComparison.Ordinal);
        if (at < 0)
            return 0;
        int open = Blanks(before, at + name.Length);
        open = open < before.Length && before[open] == ':' ? Blanks(before, open + 1) : before.Length;
        return open < before.Length && before[open] == '{' ? Math.Max(0, before[open..].Count('{') - before[open..].Count('}')) : 0;
    }

    /// <summary>What the other fields tell: syslog's priority, journald's clocks, a date in any field whose name means a time.</summary>
    internal static CarrierStamp Stamp(ReadOnlySpan<char> line)
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
                OfTime(name))
                stamp = stamp.Or(CarrierStamp.Of(value));
            if (stamp.Day is null && value.Length is > 9 and < 24 && OfTime(name) && Epoch(value) is { } when)
                (stamp.Day, stamp.HasYear, stamp.Utc) = (when, true, true);
        }
        return stamp;
    }

    private static bool OfTime(ReadOnlySpan<char> name) =>
        name.Contains("time", StringComparison.OrdinalIgnoreCase) || name is "ts" or "date" or "_ts";

    /// <summary>Seconds since 1970 with a fraction (GELF), or whole ones of a thousandth, millionth or billionth (Loki).</summary>
    private static DateTime? Epoch(ReadOnlySpan<char> text)
    {
        if (!double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value))
            return null;
        for (int unit = 0; unit < 3 && value > 1e11; unit++)
            value /= 1000;
        return value is > 1e9 and < 4e9 ? DateTime.UnixEpoch.AddTicks((long)Math.Round(value * 1e6) * 10) : null;
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
                // If the end is missing, the line was truncated: the rest of it is used.
                end = EndOf(line, next + 1);
                value = (next + 1)..end;
                at = Math.Min(line.Length, end + 1);
                return true;
            }
            at = next;
            // The journal writes a message as numbers of bytes where it is no plain text.
            if (line[next] == '[' && line[name] is "MESSAGE" && line[next..].IndexOf(']') is > 1 and var close)
            {
                at = next + close + 1;
                value = next..at;
                return true;
            }
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

    /// <summary><c>[75,101,114]</c>: the bytes as UTF-8.</summary>
    private static int OfBytes(ReadOnlySpan<char> numbers, Span<char> to)
    {
        var bytes = new List<byte>();
        foreach (Range range in numbers.Trim("[]").Split(','))
        {
            if (byte.TryParse(numbers.Trim("[]")[range].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out byte value))
                bytes.Add(value);
        }
        string text = System.Text.Encoding.UTF8.GetString([.. bytes]);
        int length = Math.Min(text.Length, to.Length);
        text.AsSpan(0, length).CopyTo(to);
        return length;
    }

    internal static int Unescape(ReadOnlySpan<char> text, Span<char> to)
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
