namespace Kdump.Diagnosis.Catalogue;

/// <summary>The kernel in whose log a failure can occur.</summary>
public enum Life
{
    Any,

    /// <summary>The normal kernel, crashed or still running; not the crash kernel.</summary>
    First,

    /// <summary>The crash kernel.</summary>
    Capture,
}

/// <summary>
/// A failure that lines of a log prove: what they must say, in which kernel's life and in which order, and what must not be there. One
/// rule, <see cref="Rules.KnownFailure"/>, judges all of them; a new one is a file of this form, a line in <c>FailureBook</c> and a
/// folder in fixtures/catalogue with a log that shows it and one that nearly does.
/// </summary>
public sealed record Failure(string Id, string Title) : Entry(Id, Title)
{
    /// <summary>All of them must occur in one boot, each in or after the line of the previous one.</summary>
    public required IReadOnlyList<Sign> Signs { get; init; }

    /// <summary>Lines of the same life that show that the failure was overcome, or that it is something else.</summary>
    public Sign? Unless { get; init; }

    /// <summary>A later line that shows that it was overcome: the finding stays, and says so. It captures the subject first.</summary>
    public Sign? Healed { get; init; }

    public Life In { get; init; }

    public Severity Severity { get; init; } = Severity.Error;

    public double Confidence { get; init; } = 0.95;

    /// <summary>Severity and cause on the kernel release that the log names; null: those of the entry.</summary>
    public Func<string, Weight>? ByRelease { get; init; }

    /// <summary>Further conditions for the texts that the signs captured.</summary>
    public Func<IReadOnlyList<string>, bool>? Holds { get; init; }

    /// <summary>Which captured text distinguishes several failures of this kind (1 is the first); 0: there is only one.</summary>
    public int Subject { get; init; }

    /// <summary>Ids or keys of findings that explain this one.</summary>
    public IReadOnlyList<string> CausedBy { get; init; } = [];

    /// <summary>Ids or keys of findings that this one explains.</summary>
    public IReadOnlyList<string> Explains { get; init; } = [];

    public override IReadOnlyList<string> Signature => Signs.Select(s => s.ToString()).ToArray();
}

/// <summary>How bad a failure is on one kernel, and why.</summary>
/// <param name="Explains">Whether it then explains what the entry says it explains.</param>
public sealed record Weight(Severity Severity, string Cause, bool Explains);
