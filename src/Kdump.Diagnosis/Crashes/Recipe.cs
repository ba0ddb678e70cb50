namespace Kdump.Diagnosis.Crashes;

/// <summary>How one form of report is recognised, named and searched for the guilty function.</summary>
/// <param name="Kind">Our class of crash, kebab-case and stable: <c>null-dereference</c>.</param>
/// <param name="Shape">Its first line (<see cref="Text.Shape"/>).</param>
/// <param name="Title"><c>{f}</c> is the guilty function, <c>{1}</c>, <c>{2}</c> what the shape and <see cref="Detail"/> took,
/// <c>{reason}</c> the reason of a panic.</param>
internal sealed record Recipe(string Kind, string Shape, string Title)
{
    /// <summary>Null: the title names no function.</summary>
    public Walk? Walk { get; init; }

    /// <summary>Tried when <see cref="Walk"/> finds nobody.</summary>
    public Walk? Otherwise { get; init; }

    /// <summary>Not guilty in reports of this form, beside <see cref="NeverGuilty"/>.</summary>
    public NamePattern Skip { get; init; } = Nobody;

    public Pick Pick { get; init; }

    /// <summary>
    /// The class under which reports of several forms are the same crash: <c>bad-access</c> gives the title <c>bad-access in f</c>.
    /// </summary>
    public string? Merge { get; init; }

    /// <summary>Further titles of old reports.</summary>
    public string? Alternative { get; init; }

    /// <summary>What the first line must be beside the shape.</summary>
    public Func<string, bool>? Accept { get; init; }

    /// <summary>It prints no stack: none is missing.</summary>
    public bool NoTrace { get; init; }

    /// <summary>It fits only what is left of a torn report.</summary>
    public bool Torn { get; init; }

    /// <summary>Its first line alone is no report: nothing is told where the rest does not fit.</summary>
    public bool Silent { get; init; }

    /// <summary>What must stand further down; takes texts for the title. False: the report is torn, or of another form.</summary>
    public Func<IReadOnlyList<ReportLine>, int, List<string>, bool>? Detail { get; init; }

    private static readonly NamePattern Nobody = new();

    public bool NamesFunction => Title.Contains("{f}", StringComparison.Ordinal);
}

/// <summary>Which of the functions on the way is the one to name.</summary>
internal enum Pick
{
    First,

    /// <summary>The callee of the dispatcher: see <see cref="Dispatchers"/>.</summary>
    BelowDispatcher,

    /// <summary>The caller of the wait: see <see cref="Crashes.Waiting"/>.</summary>
    Waiting,
}
