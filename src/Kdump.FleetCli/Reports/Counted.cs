using System.Globalization;

namespace Kdump.FleetCli.Reports;

/// <summary>A number and what it counts: <c>1 crash</c>, <c>2 crashes</c>.</summary>
internal static class Counted
{
    public static string Of(long number, string word) => string.Create(CultureInfo.InvariantCulture,
        $"{number} {word}{(number == 1 ? "" : word.EndsWith("sh", StringComparison.Ordinal) ? "es" : "s")}");
}
