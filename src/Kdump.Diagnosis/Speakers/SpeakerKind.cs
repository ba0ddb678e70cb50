namespace Kdump.Diagnosis.Speakers;

/// <summary>What sort of thing speaks: it decides which words are trouble, and what to look at next.</summary>
/// <param name="What">In words, for <c>igb 0000:02:00.1 (network card)</c>.</param>
/// <param name="Least">The weakest words of it that count: see <see cref="TroubleWords"/>.</param>
/// <param name="Settle">What tells more of it; <c>{d}</c> is its device, <c>{b}</c> its bus address.</param>
public sealed record SpeakerKind(string What, Gravity Least, string Settle)
{
    /// <summary>It is in the table by its name.</summary>
    public bool Listed { get; init; } = true;

    /// <summary>What it says once while the machine starts counts: of others, drivers ask for much that is not there.</summary>
    public bool AtBoot { get; init; } = true;

    /// <summary>How the ids of findings begin that tell of it, whatever their subject.</summary>
    public string? ToldBy { get; init; }
}

/// <summary>How much words weigh.</summary>
public enum Gravity
{
    None,

    /// <summary>Said of everything all the time: reset, missing, unsupported.</summary>
    Weak,

    /// <summary>Something did not work: failed, error, cannot.</summary>
    Plain,

    /// <summary>Words that no message about a working device contains: I/O error, hang, corrupt, not responding.</summary>
    Grave,

    /// <summary>For kinds of which nothing counts.</summary>
    Never,
}
