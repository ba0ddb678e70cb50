namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>What a report tells beyond its first line: of the access, of who waits for whom, of what came just before.</summary>
/// <param name="Meaning">Kebab-case and stable: <c>waits-for-lock</c>, <c>no-answer</c>, <c>later-oops</c> …</param>
/// <param name="Says">Whole sentences.</param>
/// <param name="Source">The line that it rests on.</param>
public sealed record Clue(string Meaning, string Says, Source Source)
{
    /// <summary>What to do about it, before anything else.</summary>
    public IReadOnlyList<Fix> Fixes { get; init; } = [];

    /// <summary>The CPU that the others wait for, where that is what it says; null otherwise.</summary>
    public int? Cpu { get; init; }

    /// <summary>The cause is not on this stack, so the source line of its function does not help.</summary>
    public bool Elsewhere { get; init; }
}
