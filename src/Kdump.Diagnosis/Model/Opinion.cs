namespace Kdump.Diagnosis.Model;

/// <summary>
/// The result of a rule: a <see cref="Finding"/>, or an <see cref="Unknown"/> where evidence is missing.
/// </summary>
public abstract record Opinion
{
    /// <summary>As for <see cref="Fact"/>.</summary>
    public sealed override string ToString() => this switch { Finding f => f.Key, Unknown u => u.Question, _ => "" };
}

/// <summary>Something that could not be judged, and the input that would settle it.</summary>
/// <param name="Question">What is not known, as a sentence.</param>
/// <param name="Settle">The input or command that would answer it.</param>
public sealed record Unknown(string Question, string Settle) : Opinion
{
    /// <summary>Error lines that no rule recognises; with them it counts like an error.</summary>
    public IReadOnlyList<Source> Evidence { get; init; } = [];
}
