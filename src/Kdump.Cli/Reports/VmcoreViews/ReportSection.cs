namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary>A part of the first page about a dump.</summary>
/// <param name="More">The command that shows everything; null if this is everything.</param>
internal sealed record ReportSection(string Title, IReadOnlyList<string> Lines, string? More);
