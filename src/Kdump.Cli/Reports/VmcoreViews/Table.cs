using System.Globalization;
using System.Text;
using System.Text.Json;
using Kdump.Diagnosis.Model;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary>Rows of one kind, the same in text and in JSON: columns as wide as their content.</summary>
internal sealed class Table<T>(params Column<T>[] columns)
{
    /// <summary>A wider value moves the rest of its line to the right.</summary>
    private const int MaxWidth = 64;

    public void Text(TextWriter output, IEnumerable<T> rows)
    {
        Column<T>[] shown = [.. columns.Where(c => c.Head is not null)];
        List<string[]> lines = [[.. shown.Select(c => c.Head!)]];
        foreach (T row in rows)
            lines.Add([.. shown.Select(c => Printable.Escape(c.Text is null ? Words(c.Value(row)) : c.Text(row)))]);
        int[] widths = [.. shown.Select((_, i) => lines.Max(l => Math.Min(l[i].Length, MaxWidth)))];
        StringBuilder text = new();
        foreach (string[] line in lines)
        {
            text.Clear();
            for (int i = 0; i < shown.Length; i++)
                text.Append(shown[i].Right ? line[i].PadLeft(widths[i]) : line[i].PadRight(widths[i]))
                    .Append(i + 1 < shown.Length ? " " : "");
            output.WriteLine(text.ToString().TrimEnd());
        }
    }

    public void Json(Utf8JsonWriter json, string name, IEnumerable<T> rows)
    {
        json.WriteStartArray(name);
        foreach (T row in rows)
        {
            json.WriteStartObject();
            Members(json, row);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    public void Members(Utf8JsonWriter json, T row)
    {
        foreach (Column<T> column in columns)
            if (column.Json.Length > 0)
                Write(json, column.Json, column.Value(row));
    }

    private static string Words(object? value) => value switch
    {
        null => "-",
        string text => text.Length == 0 ? "-" : text,
        bool yes => yes ? "yes" : "no",
        IReadOnlyList<string> { Count: 0 } => "-",
        IReadOnlyList<string> list => string.Join(',', list),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "-",
    };

    private static void Write(Utf8JsonWriter json, string name, object? value)
    {
        switch (value)
        {
            case null: json.WriteNull(name); break;
            case bool yes: json.WriteBoolean(name, yes); break;
            case int number: json.WriteNumber(name, number); break;
            case uint number: json.WriteNumber(name, number); break;
            case long number: json.WriteNumber(name, number); break;
            case ulong number: json.WriteNumber(name, number); break;
            case double number: json.WriteNumber(name, number); break;
            case IReadOnlyList<string> list:
                json.WriteStartArray(name);
                foreach (string text in list)
                    json.WriteStringValue(text);
                json.WriteEndArray();
                break;
            case IReadOnlyList<long> list:
                json.WriteStartArray(name);
                foreach (long number in list)
                    json.WriteNumberValue(number);
                json.WriteEndArray();
                break;
            default: json.WriteString(name, value.ToString()); break;
        }
    }
}
