namespace Kdump.Diagnosis.Model;

/// <summary>
/// What a rule says after looking at the facts: a <see cref="Finding"/>, or an <see cref="Unknown"/> where evidence is missing.
/// </summary>
public abstract record Opinion
{
    /// <summary>As for <see cref="Fact"/>.</summary>
    public sealed override string ToString() => this is Finding f ? f.Key : this is Unknown u ? u.Question : "";
}

/// <summary>Something that could not be judged, and the input that would settle it.</summary>
/// <param name="Question">What is not known, as a sentence.</param>
/// <param name="Settle">The input or command that would tell.</param>
public sealed record Unknown(string Question, string Settle) : Opinion
{
    /// <summary>Lines that tell of trouble which nothing here knows: with them it weighs like an error.</summary>
    public IReadOnlyList<Source> Evidence { get; init; } = [];
}
