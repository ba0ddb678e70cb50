namespace Kdump.Diagnosis.Model;

/// <summary>Memory errors of one place, as numbers for scripts.</summary>
/// <param name="Place">EDAC's label or another name of it; empty if there is none.</param>
/// <param name="First">The line that showed it first, as file and line.</param>
/// <param name="Rows">Different rows, chips and pages that were reported; 0 where none were.</param>
public sealed record MemoryPlace(
    string Place, long Corrected, long Uncorrected, int Reports, string First, string Last, int Rows, int Chips, int Pages)
{
    /// <summary>The same as rows for a person.</summary>
    internal IReadOnlyList<Reckoned> Reckoning => [.. new Reckoned[]
    {
        new(Counted.Named(Corrected, "corrected error"), Corrected),
        new(Counted.Named(Uncorrected, "uncorrected error"), Uncorrected),
        new(Counted.Named(Reports, "report"), Reports), new(Counted.Named(Rows, "row"), Rows),
        new(Counted.Named(Pages, "page"), Pages),
    }.Where(r => r.Amount > 0)];
}
