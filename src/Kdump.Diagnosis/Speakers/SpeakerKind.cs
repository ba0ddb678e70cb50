namespace Kdump.Diagnosis.Speakers;

/// <summary>The kind of speaker: it decides which words count as a problem, and what to check next.</summary>
/// <param name="What">In words, for <c>igb 0000:02:00.1 (network card)</c>.</param>
/// <param name="Least">The weakest words that count for this kind: see <see cref="TroubleWords"/>.</param>
/// <param name="Settle">The command for more information; <c>{d}</c> is its device, <c>{b}</c> its bus address.</param>
public sealed record SpeakerKind(string What, Gravity Least, string Settle)
{
    /// <summary>The name is in the table.</summary>
    public bool Listed { get; init; } = true;

    /// <summary>
    /// True if a single line during boot counts. For other kinds it does not, because drivers probe for devices that do not exist.
    /// </summary>
    public bool AtBoot { get; init; } = true;

    /// <summary>It reads what it has written itself: what is invalid there is damaged, or not mounted.</summary>
    public bool ReadsOwn { get; init; }

    /// <summary>
    /// How its names begin holds for programs too; otherwise only a whole name does: <c>team*</c> is a network device, and no program
    /// whose name begins so.
    /// </summary>
    public bool Programs { get; init; }

    /// <summary>Prefixes of the ids of findings that already report it, for any subject.</summary>
    public string? ToldBy { get; init; }
}

/// <summary>How strongly words point to a failure.</summary>
public enum Gravity
{
    None,

    /// <summary>Words printed about healthy devices all the time: reset, missing, unsupported.</summary>
    Weak,

    /// <summary>Something did not work: failed, error, cannot.</summary>
    Plain,

    /// <summary>Words that no message about a working device contains: I/O error, hang, corrupt, not responding.</summary>
    Grave,

    /// <summary>For kinds whose lines never count.</summary>
    Never,
}
