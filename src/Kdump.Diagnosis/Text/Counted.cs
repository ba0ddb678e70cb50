using System.Globalization;

namespace Kdump.Diagnosis.Text;

/// <summary>A number and what it counts: <c>1 crash</c>, <c>2 crashes</c>.</summary>
public static class Counted
{
    public static string Of(long number, string word) => string.Create(CultureInfo.InvariantCulture, $"{number} {Word(number, word)}");

    /// <summary>The word alone, as it stands behind the number.</summary>
    public static string Word(long number, string word) => number == 1 ? word
        : word + (word.EndsWith("sh", StringComparison.Ordinal) ? "es" : "s");
}
