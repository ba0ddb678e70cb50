namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>What a report tells beyond its first line: of the access, of who waits for whom, of what came just before.</summary>
/// <param name="Meaning">Kebab-case and stable: <c>waits-for-lock</c>, <c>no-answer</c>, <c>later-oops</c> …</param>
/// <param name="Says">Whole sentences.</param>
/// <param name="Source">The line that it rests on.</param>
public sealed record Clue(string Meaning, string Says, Source Source)
{
    /// <summary>What to do about it, before anything else.</summary>
    public IReadOnlyList<Fix> Fixes { get; init; } = [];

    /// <summary>Whoever is to blame does not stand on this stack: the line of its function leads nowhere.</summary>
    public bool Elsewhere { get; init; }
}
