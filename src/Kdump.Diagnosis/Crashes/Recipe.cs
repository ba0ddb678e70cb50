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

    /// <summary>Tried when <see cref="Walk"/> finds no function.</summary>
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

    /// <summary>A further condition for the first line.</summary>
    public Func<string, bool>? Accept { get; init; }

    /// <summary>This form prints no stack, so none is missing.</summary>
    public bool NoTrace { get; init; }

    /// <summary>It fits only the rest of a torn report.</summary>
    public bool Torn { get; init; }

    /// <summary>Its first line alone is no report: without the rest nothing is reported.</summary>
    public bool Silent { get; init; }

    /// <summary>What must stand further down; captures texts for the title. False: the report is torn, or of another form.</summary>
    public Func<IReadOnlyList<ReportLine>, int, List<string>, bool>? Detail { get; init; }

    private static readonly NamePattern Nobody = new();

    public bool NamesFunction => Title.Contains("{f}", StringComparison.Ordinal);
}

/// <summary>Which function on the way is named.</summary>
internal enum Pick
{
    First,

    /// <summary>The callee of the dispatcher: see <see cref="Dispatchers"/>.</summary>
    BelowDispatcher,

    /// <summary>The caller of the wait: see <see cref="Crashes.Waiting"/>.</summary>
    Waiting,
}
