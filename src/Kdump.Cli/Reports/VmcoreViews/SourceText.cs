using System.Globalization;
using System.Text.Json;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Dwarf;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary>A place in the source as text and as JSON.</summary>
internal static class SourceText
{
    public static string Of(SourcePlace place)
    {
        string line = place.Line == 0 ? "?" : place.Line.ToString(CultureInfo.InvariantCulture), where = $"{place.File ?? "??"}:{line}";
        return Printable.Escape(place.Function is { } function ? $"{where}  {function}{(place.Inlined ? " (inlined)" : "")}" : where);
    }

    public static void Json(Utf8JsonWriter json, SourcePlace place)
    {
        json.WriteStartObject();
        json.WriteString("function", place.Function);
        json.WriteString("file", place.File);
        json.WriteNumber("line", place.Line);
        json.WriteBoolean("inlined", place.Inlined);
        json.WriteEndObject();
    }
}
