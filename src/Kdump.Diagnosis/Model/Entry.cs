namespace Kdump.Diagnosis.Model;

/// <summary>
/// The catalogue's entry for one failure, the source of docs/failures.md and <c>kdt explain --rule ID</c>. Rules that are written by hand
/// have an entry in <c>Entries</c>; a <c>Failure</c> is its own.
/// </summary>
/// <param name="Id">The id of its findings.</param>
/// <param name="Title">Half a sentence, as a finding has it.</param>
public record Entry(string Id, string Title)
{
    public required Area Area { get; init; }

    /// <summary>What the evidence looks like: lines verbatim, with <c>…</c> for what differs.</summary>
    public virtual IReadOnlyList<string> Signature { get; init; } = [];

    public required string Cause { get; init; }

    public virtual IReadOnlyList<Fix> Fixes { get; init; } = [];

    /// <summary>Kernels or tools on which the failure is known.</summary>
    public string Kernels { get; init; } = "any";

    /// <summary>Source of the facts: a kernel or tool source file, a commit, a public report.</summary>
    public required string Origin { get; init; }

    public sealed override string ToString() => Id;
}
