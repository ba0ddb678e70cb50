using System.Globalization;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Dwarf;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary>A place in the source as text.</summary>
internal static class SourceText
{
    public static string Of(SourcePlace place)
    {
        string line = place.Line == 0 ? "?" : place.Line.ToString(CultureInfo.InvariantCulture), where = $"{place.File ?? "??"}:{line}";
        return Printable.Escape(place.Function is { } function ? $"{where}  {function}{(place.Inlined ? " (inlined)" : "")}" : where);
    }
}
