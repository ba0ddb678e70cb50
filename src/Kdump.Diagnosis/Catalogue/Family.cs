namespace Kdump.Diagnosis.Catalogue;

/// <summary>One wording of a family of failures, and what it means.</summary>
/// <param name="Wording">In the form of a <see cref="Sign"/>.</param>
/// <param name="Title">Half a sentence; <c>{1}</c> is the first text that the wording captured.</param>
/// <param name="Why">What this line tells beyond the family's cause.</param>
public sealed record Telling(string Wording, string Title, string? Why = null)
{
    /// <summary>Which captured text is the object in trouble (1 is the first); 0: the machine has only one.</summary>
    public int Subject { get; init; } = 1;

    public Severity? Severity { get; init; }

    public double? Confidence { get; init; }

    /// <summary>Instead of the family's: <c>{0}</c> is the object, <c>{1}</c> the first text taken.</summary>
    public IReadOnlyList<Fix>? Fixes { get; init; }

    /// <summary>Further conditions for the captured texts.</summary>
    public Func<IReadOnlyList<string>, bool>? Holds { get; init; }

    /// <summary>How many such lines it takes to be trouble.</summary>
    public int Times { get; init; } = 1;

    /// <summary>How several objects of one boot are told together, since they break together: <c>connections broke</c>.</summary>
    public string? Many { get; init; }

    /// <summary>A line that shows the failure overcome counts wherever it stands in the boot, and of whatever object.</summary>
    public bool OvercomeByAny { get; init; }

    /// <summary>Makes a sentence of the captured texts, where their numbers tell more than fixed words.</summary>
    public Func<IReadOnlyList<string>, string?>? Reads { get; init; }

    private readonly Sign sign = new(Wording);

    internal Sign Sign => sign;
}

/// <summary>
/// Failures of one kind that drivers and versions report in many wordings, each in a single line. All lines about one object become
/// one finding, titled by the telling that stands first in the table. A failure that needs several lines together is a
/// <see cref="Failure"/>; one that needs arithmetic over lines is a rule.
/// </summary>
public sealed record Family(string Id, string Title) : Entry(Id, Title)
{
    /// <summary>The most specific come first.</summary>
    public required IReadOnlyList<Telling> Tellings { get; init; }

    /// <summary>
    /// A line that shows that the failure was overcome. The text it captures is the object; without one it holds for the kernel's
    /// whole life.
    /// </summary>
    public Sign? Unless { get; init; }

    /// <summary>What <see cref="Unless"/> shows, in words; null: the object was back.</summary>
    public string? Overcome { get; init; }

    public Life In { get; init; }

    public Severity Severity { get; init; } = Severity.Error;

    public double Confidence { get; init; } = 0.9;

    /// <summary>The objects are block devices, whose names tell what is below them.</summary>
    public bool OnBlockDevice { get; init; }

    /// <summary>The objects are mount points; systemd names their units by another spelling.</summary>
    public bool OnMountPoint { get; init; }

    /// <summary>The lines are the output of a tool; the object is the device that the tool was asked about.</summary>
    public bool OfReport { get; init; }

    /// <summary>Ids of earlier findings that explain this one, if they are about the same object or the machine has only one.</summary>
    public IReadOnlyList<string> CausedBy { get; init; } = [];

    /// <summary>Ids or keys of findings that this one explains.</summary>
    public IReadOnlyList<string> Explains { get; init; } = [];

    public override IReadOnlyList<string> Signature => Tellings.Select(t => t.Sign.ToString()).ToArray();
}
