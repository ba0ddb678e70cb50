using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Kdump.Diagnosis.Reports;
using Kdump.Sources.Gather;

namespace Kdump.Cli.Reports;

/// <summary>
/// A finished answer with stand-ins for names and addresses: text line by line, JSON value by value, a page between its tags. It is read
/// twice, because a name may occur before the line that tells that it is one.
/// </summary>
internal static partial class RedactedText
{
    /// <summary>Fields whose whole value is a name.</summary>
    private static readonly Dictionary<string, StandInKind> Fields = new(StringComparer.OrdinalIgnoreCase)
    {
        ["host"] = StandInKind.Host, ["hostname"] = StandInKind.Host, ["nodename"] = StandInKind.Host, ["node"] = StandInKind.Host,
        ["serial"] = StandInKind.Serial, ["serialNumber"] = StandInKind.Serial, ["ppin"] = StandInKind.Serial,
        ["mac"] = StandInKind.Mac, ["uuid"] = StandInKind.Id, ["machineId"] = StandInKind.Id,
    };

    /// <summary>Fields with words of ours.</summary>
    private static readonly HashSet<string> Fixed = ["schema", "id", "severity", "causedBy", "unit", "clock"];

    /// <summary>An answer of any of the three forms.</summary>
    public static string Of(string answer, StandIns names)
    {
        if (answer.StartsWith('{'))
            return Json(answer, names);
        return answer.StartsWith("<!DOCTYPE html>", StringComparison.Ordinal) ? Page(answer, names) : Text(answer, names);
    }

    /// <summary>A page: its text and those attributes that a person reads.</summary>
    public static string Page(string html, StandIns names)
    {
        names.Learning = true;
        foreach (Match m in Readable().Matches(html))
            Said(WebUtility.HtmlDecode(m.Value), names);
        names.Learning = false;
        return Readable().Replace(html, m =>
        {
            string plain = WebUtility.HtmlDecode(m.Value), made = Said(plain, names);
            return made == plain ? m.Value : WebUtility.HtmlEncode(made);
        });
    }

    private static string Json(string json, StandIns names)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(json);
        names.Learning = true;
        Copy(bytes, names, null);
        names.Learning = false;
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, JsonText.Options))
            Copy(bytes, names, writer);
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length) + "\n";
    }

    /// <param name="writer">Null: the values are only read.</param>
    private static void Copy(byte[] bytes, StandIns names, Utf8JsonWriter? writer)
    {
        var reader = new Utf8JsonReader(bytes);
        string field = "";
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    field = reader.GetString()!;
                    writer?.WritePropertyName(field);
                    break;
                case JsonTokenType.String:
                    string value = Value(field, reader.GetString()!, names);
                    writer?.WriteStringValue(value);
                    break;
                case JsonTokenType.StartObject:
                    writer?.WriteStartObject();
                    break;
                case JsonTokenType.EndObject:
                    writer?.WriteEndObject();
                    break;
                case JsonTokenType.StartArray:
                    writer?.WriteStartArray();
                    break;
                case JsonTokenType.EndArray:
                    writer?.WriteEndArray();
                    break;
                default:
                    writer?.WriteRawValue(reader.ValueSpan);
                    break;
            }
        }
    }

    private static string Value(string field, string value, StandIns names)
    {
        if (Fixed.Contains(field))
            return value;
        if (Fields.TryGetValue(field, out StandInKind kind))
            return names.Learn(kind, value);
        // The answer's own fields are no lines of a log: a command line has no title there.
        return field == "cmdline" ? names.CommandLine(Secrets.Line(value)) : Said(value, names);
    }

    private static string Text(string text, StandIns names)
    {
        string[] lines = text.Split('\n');
        names.Learning = true;
        foreach (string line in lines)
            Line(line, names);
        names.Learning = false;
        return string.Join('\n', lines.Select(line => Line(line, names)));
    }

    /// <summary>A line between the escape sequences that colour it.</summary>
    private static string Line(string line, StandIns names) => line.Contains('\e', StringComparison.Ordinal)
        ? Plain().Replace(line, m => m.Groups[1].Value + Said(m.Groups[2].Value, names)) : Said(line, names);

    /// <summary>A text of any form without its secrets and names. What is only read is learnt.</summary>
    private static string Said(string text, StandIns names)
    {
        if (names.Learning)
            names.Hide(Secrets.In(text), Secrets.Mask);
        return names.Of(Secrets.Line(text));
    }

    [GeneratedRegex(@"((?:\x1b\[[0-9;]*[A-Za-z])*)([^\x1b]+)")]
    private static partial Regex Plain();

    /// <summary>Text between tags, and the values of these attributes; no style, no script.</summary>
    [GeneratedRegex(@"(?<=>)(?<!<(?:style|script)>)[^<>]+(?=<)|(?<=\s(?:aria-label|title|alt|data-label)="")[^""]+(?="")")]
    private static partial Regex Readable();
}
