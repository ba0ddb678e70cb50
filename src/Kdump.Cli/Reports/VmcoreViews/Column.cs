namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary>A column of a view: its heading in text, its member name in JSON, and its value.</summary>
/// <param name="Json">Name of the JSON member; empty if JSON has no such member.</param>
/// <param name="Head">Heading; null if the text has no such column.</param>
/// <param name="Value">
/// string, bool, int, long, ulong, a list of strings, or null if not known. JSON writes it as such, text by <see cref="Text"/>.
/// </param>
internal sealed record Column<T>(string Json, string? Head, Func<T, object?> Value)
{
    /// <summary>The value in text; by default the value itself, <c>-</c> for null.</summary>
    public Func<T, string>? Text { get; init; }

    /// <summary>Right-aligned, for numbers.</summary>
    public bool Right { get; init; }
}
