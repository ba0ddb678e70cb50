namespace Kdump.Diagnosis.Model;

/// <summary>
/// What is wrong, why we think so, and what to do. Findings form a graph: <see cref="CausedBy"/> names those that explain this one;
/// names of findings that nobody made are dropped by <see cref="Verdict.From"/>.
/// </summary>
/// <param name="Id">Kebab-case, stable for ever: <c>vector-exhaustion</c>.</param>
/// <param name="Title">Half a sentence that can stand in a chain: what happened, with the names and numbers of this machine.</param>
/// <param name="Confidence">0..1.</param>
/// <param name="Why">One or two sentences of reasoning.</param>
public sealed record Finding(string Id, string Title, Severity Severity, double Confidence, string Why) : Opinion
{
    /// <summary>What it is about, where one id can be found several times: a device, a file, a parameter.</summary>
    public string? Subject { get; init; }

    /// <summary>Unique within a verdict.</summary>
    public FindingRef Ref => new(Id, Subject);

    /// <summary><see cref="Ref"/> as text: <c>id</c> or <c>id:subject</c>. Findings are sorted by it.</summary>
    public string Key => Ref.ToString();

    /// <summary>It did no harm yet, and a person must still hear of it: a verdict without worse is headed by it, not by an
    /// all-clear.</summary>
    public bool Watch { get; init; }

    /// <summary>The place of memory that it counts errors of.</summary>
    public MemoryPlace? Memory { get; init; }

    /// <summary>The numbers that it rests on, in the order in which they are read.</summary>
    public IReadOnlyList<Reckoned> Reckoning { get; init; } = [];

    /// <summary>
    /// What it means for the dump, or else for the machine, in one sentence; null where that is not known. Where its rule gives none,
    /// <see cref="Verdict.From"/> does as far as the findings prove it.
    /// </summary>
    public string? Impact { get; init; }

    public IReadOnlyList<Fix> Fixes { get; init; } = [];

    public IReadOnlyList<Source> Evidence { get; init; } = [];

    /// <summary>The findings that explain this one; without a subject, any finding of that id.</summary>
    public IReadOnlyList<FindingRef> CausedBy { get; init; } = [];

    /// <summary>
    /// The findings that this one explains: the same link, told from its other end. <see cref="Verdict.From"/> turns it round.
    /// </summary>
    public IReadOnlyList<FindingRef> Explains { get; init; } = [];

    /// <summary>
    /// It is a state of one running kernel and ends with it: it explains nothing in another life. What is set up on the machine, and what
    /// its hardware does, outlives a kernel.
    /// </summary>
    public bool EndsWithKernel { get; init; }

    /// <summary>
    /// It names its reason: only findings whose id begins with one of these explain it, whoever else claims to. Null: any.
    /// </summary>
    public IReadOnlyList<string>? TakesOnly { get; init; }
}
