namespace Kdump.Fleet.Scans;

/// <summary>Files that are judged together, or one thing that is not read.</summary>
/// <param name="Refusal">Why it is not read; null: it is to be judged.</param>
public sealed record ScanUnit(string[] Paths, string? Refusal = null);
