namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary>A column of a view: its heading in text, its member in JSON, and what stands there.</summary>
/// <param name="Json">Name of the JSON member; empty where JSON has none.</param>
/// <param name="Head">Heading; null where text has no such column.</param>
/// <param name="Value">
/// string, bool, int, long, ulong, a list of strings, or null for what is not known. JSON writes it as such; text as <see cref="Text"/>
/// says.
/// </param>
internal sealed record Column<T>(string Json, string? Head, Func<T, object?> Value)
{
    /// <summary>The value in text; by default the value itself, <c>-</c> for null.</summary>
    public Func<T, string>? Text { get; init; }

    /// <summary>Set flush right: numbers.</summary>
    public bool Right { get; init; }
}
