using System.Globalization;

namespace Kdump.Diagnosis.Model;

/// <summary>A number and what it counts: <c>1 line</c>, <c>2 lines</c>. Every count that is printed is made here.</summary>
public static class Counted
{
    /// <param name="what">What one of them is called: <c>line</c>, <c>more entry</c>.</param>
    public static string Of(long number, string what) => string.Create(CultureInfo.InvariantCulture, $"{number} {Named(number, what)}");

    public static string Of(ulong number, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{number} {Named(number == 1 ? 1 : 2, what)}");

    /// <param name="one">The verb for one of them.</param>
    /// <param name="more">And for more.</param>
    public static string Of(long number, string what, string one, string more) => $"{Of(number, what)} {(number == 1 ? one : more)}";

    /// <summary>The noun alone, for a number that is printed elsewhere.</summary>
    public static string Named(long number, string what) => number == 1 ? what : what switch
    {
        [.. var stem, 'y'] when stem.Length > 0 && !"aeiou".Contains(stem[^1], StringComparison.Ordinal) => stem + "ies",
        [.., 's' or 'x'] or [.., 's' or 'c', 'h'] => what + "es",
        _ => what + "s",
    };
}
