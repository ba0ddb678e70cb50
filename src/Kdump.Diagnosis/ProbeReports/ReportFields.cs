using System.Text;
using System.Text.Json;

namespace Kdump.Diagnosis.ProbeReports;

/// <summary>
/// The fields of one fact on their way into a line or JSON, or out of a line. A fact names its fields once, by handing each value in and
/// taking back what is returned: a writer returns what it was given, a reader what it found.
/// </summary>
public abstract class ReportFields
{
    /// <summary>Empty and absent are the same.</summary>
    public abstract string Text(string key, string? value);

    /// <summary>Null when absent.</summary>
    public abstract long? Number(string key, long? value);

    public string? Optional(string key, string? value)
    {
        // A dash tells "known to be nothing" from "not known".
        string text = Text(key, value is "" ? "-" : value);
        if (text.Length == 0)
            return null;
        return text == "-" ? "" : text;
    }

    public virtual bool? Flag(string key, bool? value) => Number(key, value switch
    {
        null => null,
        _ when value.Value => 1,
        _ => 0,
    }) is long n ? n != 0 : null;

    public int Int(string key, int? value) => Number(key, value) is long n and >= int.MinValue and <= int.MaxValue ? (int)n : 0;

    public long Long(string key, long? value) => Number(key, value) ?? 0;

    public Source Source(Source? source)
    {
        string file = Text("file", source?.Input);
        long line = Long("line", source?.Line > 0 ? source.Line : null);
        return new(file, Text("text", source?.Text), line);
    }
}

/// <summary>Appends <c> key=value</c>; a value with blanks or odd characters stands in double quotes with backslashes.</summary>
public sealed class LineFieldWriter(StringBuilder line) : ReportFields
{
    /// <summary>Longest value: a few of them must fit a kernel log record of some 900 bytes.</summary>
    public const int MaxValue = 240;

    public override string Text(string key, string? value)
    {
        if (value is { Length: > 0 })
        {
            line.Append(' ').Append(key).Append('=');
            Quote(line, value);
        }
        return value ?? "";
    }

    public override long? Number(string key, long? value)
    {
        if (value is not null)
            line.Append(' ').Append(key).Append('=').Append(value.Value);
        return value;
    }

    internal static void Quote(StringBuilder line, string value)
    {
        bool plain = true;
        foreach (char c in value)
            plain &= c is > ' ' and < '\x7f' and not ('"' or '\\' or '=');
        if (plain)
        {
            line.Append(value.Length > MaxValue ? value[..MaxValue] : value);
            return;
        }
        line.Append('"');
        int end = line.Length + MaxValue;
        foreach (char c in value)
        {
            if (line.Length >= end)
                break;
            if (c is '"' or '\\')
                line.Append('\\').Append(c);
            else if (c is >= ' ' and < '\x7f')
                line.Append(c);
            else
                line.Append("\\u").Append(((int)c).ToString("x4"));
        }
        line.Append('"');
    }
}

/// <summary>Finds fields in a line that <see cref="LineFieldWriter"/> wrote.</summary>
public sealed class LineFieldReader : ReportFields
{
    /// <summary>Fields of a line that are kept; no fact has as many.</summary>
    private const int MaxFields = 64;

    private readonly List<(string Key, string Value)> fields = [];

    private LineFieldReader() { }

    /// <summary>Null when the text is no list of fields: a line torn in the middle is no evidence.</summary>
    public static LineFieldReader? Parse(ReadOnlySpan<char> text)
    {
        var reader = new LineFieldReader();
        ReadOnlySpan<char> rest = text.Trim(' ');
        while (!rest.IsEmpty)
        {
            int equals = rest.IndexOf('=');
            if (equals <= 0 || rest[..equals].Contains(' ') || reader.fields.Count == MaxFields)
                return null;
            string key = rest[..equals].ToString();
            rest = rest[(equals + 1)..];
            if (!Unquote(ref rest, out string value))
                return null;
            reader.fields.Add((key, value));
            rest = rest.TrimStart(' ');
        }
        return reader;
    }

    public override string Text(string key, string? value)
    {
        foreach ((string k, string v) in fields)
        {
            if (k == key)
                return v;
        }
        return "";
    }

    public override long? Number(string key, long? value) =>
        long.TryParse(Text(key, null), System.Globalization.NumberStyles.AllowLeadingSign, null, out long n) ? n : null;

    private static bool Unquote(ref ReadOnlySpan<char> rest, out string value)
    {
        value = "";
        if (rest.IsEmpty || rest[0] != '"')
        {
            int blank = rest.IndexOf(' ');
            value = (blank < 0 ? rest : rest[..blank]).ToString();
            rest = blank < 0 ? default : rest[blank..];
            return true;
        }
        var text = new StringBuilder();
        for (int i = 1; i < rest.Length; i++)
        {
            if (rest[i] == '"')
            {
                value = text.ToString();
                rest = rest[(i + 1)..];
                return rest.IsEmpty || rest[0] == ' ';
            }
            if (rest[i] != '\\')
                text.Append(rest[i]);
            else if (i + 5 < rest.Length && rest[i + 1] == 'u' &&
                ushort.TryParse(rest.Slice(i + 2, 4), System.Globalization.NumberStyles.AllowHexSpecifier, null, out ushort code))
            {
                text.Append((char)code);
                i += 5;
            }
            else if (i + 1 < rest.Length && rest[i + 1] is '"' or '\\')
                text.Append(rest[++i]);
            else
                return false;
        }
        return false;
    }
}

/// <summary>Writes fields as members of the JSON object that is open.</summary>
public sealed class JsonFieldWriter(Utf8JsonWriter json) : ReportFields
{
    public override string Text(string key, string? value)
    {
        if (value is { Length: > 0 })
            json.WriteString(key, value);
        return value ?? "";
    }

    public override long? Number(string key, long? value)
    {
        if (value is not null)
            json.WriteNumber(key, value.Value);
        return value;
    }

    public override bool? Flag(string key, bool? value)
    {
        if (value is not null)
            json.WriteBoolean(key, value.Value);
        return value;
    }
}
