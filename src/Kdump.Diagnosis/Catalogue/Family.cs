namespace Kdump.Diagnosis.Catalogue;

/// <summary>One way in which a family of failures shows itself: a line's wording, and what it says.</summary>
/// <param name="Wording">As a <see cref="Sign"/> has it.</param>
/// <param name="Title">Half a sentence; <c>{1}</c> is the first text that the wording took.</param>
/// <param name="Why">What this line tells beyond the cause that the family has.</param>
public sealed record Telling(string Wording, string Title, string? Why = null)
{
    /// <summary>Which of the texts taken is the object that is in trouble (1 is the first); 0: the machine has one only.</summary>
    public int Subject { get; init; } = 1;

    public Severity? Severity { get; init; }

    public double? Confidence { get; init; }

    /// <summary>Instead of the family's: <c>{0}</c> is the object, <c>{1}</c> the first text taken.</summary>
    public IReadOnlyList<Fix>? Fixes { get; init; }

    /// <summary>Further conditions for the captured texts.</summary>
    public Func<IReadOnlyList<string>, bool>? Holds { get; init; }

    /// <summary>How often it must stand there before it is trouble.</summary>
    public int Times { get; init; } = 1;

    /// <summary>The sentence that is worked out of the texts taken, where their numbers tell more than words.</summary>
    public Func<IReadOnlyList<string>, string?>? Reads { get; init; }

    private readonly Sign sign = new(Wording);

    internal Sign Sign => sign;
}

/// <summary>
/// Failures of one kind, which many drivers and versions tell in many wordings, each line by itself. All lines about one object become one
/// finding, with the words of the telling that stands first in the table. Where a failure needs several lines together it is a
/// <see cref="Failure"/>, where it needs arithmetic over them a rule.
/// </summary>
public sealed record Family(string Id, string Title) : Entry(Id, Title)
{
    /// <summary>Those that tell most come first.</summary>
    public required IReadOnlyList<Telling> Tellings { get; init; }

    /// <summary>A line about the same object that shows it was overcome: what it takes is the object; without, all of the kernel's
    /// life.</summary>
    public Sign? Unless { get; init; }

    public Life In { get; init; }

    public Severity Severity { get; init; } = Severity.Error;

    public double Confidence { get; init; } = 0.9;

    /// <summary>The objects are block devices: their names tell what lies below.</summary>
    public bool OnBlockDevice { get; init; }

    /// <summary>The objects are mount points; systemd names their units by another spelling.</summary>
    public bool OnMountPoint { get; init; }

    /// <summary>Its lines stand in the output of a tool: the object is the device that the tool was asked for.</summary>
    public bool OfReport { get; init; }

    /// <summary>Ids of findings that explain one of the same object, or of a machine that has one only, told before it.</summary>
    public IReadOnlyList<string> CausedBy { get; init; } = [];

    /// <summary>Ids or keys of findings that this one explains.</summary>
    public IReadOnlyList<string> Explains { get; init; } = [];

    public override IReadOnlyList<string> Signature => Tellings.Select(t => t.Sign.ToString()).ToArray();
}
