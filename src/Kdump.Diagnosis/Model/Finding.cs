namespace Kdump.Diagnosis.Model;

/// <summary>
/// What is wrong, the reasons, and what to do. Findings form a graph: <see cref="CausedBy"/> names the findings that explain this
/// one; names of findings that no rule made are dropped by <see cref="Verdict.From"/>.
/// </summary>
/// <param name="Id">Kebab-case, never changed once published: <c>vector-exhaustion</c>.</param>
/// <param name="Title">A short clause that can be part of a chain: what happened, with the names and numbers of this machine.</param>
/// <param name="Confidence">0..1.</param>
/// <param name="Why">One or two sentences of reasoning.</param>
public sealed record Finding(string Id, string Title, Severity Severity, double Confidence, string Why) : Opinion
{
    /// <summary>What it is about, if one id can occur several times: a device, a file, a parameter.</summary>
    public string? Subject { get; init; }

    /// <summary>Unique within a verdict.</summary>
    public FindingRef Ref => new(Id, Subject);

    /// <summary><see cref="Ref"/> as text: <c>id</c> or <c>id:subject</c>. Findings are sorted by it.</summary>
    public string Key => Ref.ToString();

    /// <summary>
    /// It has done no harm yet, but must be reported: a verdict without a worse finding begins with it instead of an all-clear.
    /// </summary>
    public bool Watch { get; init; }

    /// <summary>The place of memory that it counts errors of.</summary>
    public MemoryPlace? Memory { get; init; }

    /// <summary>The numbers that it rests on, in the order in which they are read.</summary>
    public IReadOnlyList<Reckoned> Reckoning { get; init; } = [];

    /// <summary>
    /// The consequence for the dump, or otherwise for the machine, in one sentence; null if not known. Where its rule gives none,
    /// <see cref="Verdict.From"/> does as far as the findings prove it.
    /// </summary>
    public string? Impact { get; init; }

    public IReadOnlyList<Fix> Fixes { get; init; } = [];

    /// <summary>
    /// What to do where no finding explains this one and no fix is known: <see cref="Verdict.From"/> makes them its fixes.
    /// </summary>
    public IReadOnlyList<Fix> NextSteps { get; init; } = [];

    public IReadOnlyList<Source> Evidence { get; init; } = [];

    /// <summary>The findings that explain this one; without a subject, any finding of that id.</summary>
    public IReadOnlyList<FindingRef> CausedBy { get; init; } = [];

    /// <summary>
    /// The findings that this one explains: the same link from the other side. <see cref="Verdict.From"/> converts it to CausedBy.
    /// </summary>
    public IReadOnlyList<FindingRef> Explains { get; init; } = [];

    /// <summary>
    /// A state of one running kernel that ends with it: it cannot explain anything in another boot. What is set up on the machine, and what
    /// its hardware does, outlives a kernel.
    /// </summary>
    public bool EndsWithKernel { get; init; }

    /// <summary>
    /// The finding names its own cause: only findings whose id begins with one of these can explain it, whatever other rules claim.
    /// Null: any finding.
    /// </summary>
    public IReadOnlyList<string>? TakesOnly { get; init; }
}
