using Kdump.Fleet.Stores;
using Kdump.Sources.Records;

namespace Kdump.Fleet.Questions;

/// <summary>One crash as lists show it.</summary>
/// <param name="Moment">Seconds since 1970, or null; <paramref name="MomentFrom"/> says by what. Where nothing tells the time, when it was
/// seen.</param>
public sealed record FleetCrash(string Id, string Machine, string? Release, long? Moment, string? MomentFrom, string Cluster, string Title,
    bool Fatal,
    bool Requested, string Headline, string? Fix, DumpOutcome Outcome, string? OutcomeReason, string Evidence, string Input,
    string? Hardware, string AllFixes)
{
    /// <summary>When it was; null where nothing tells.</summary>
    public long? Time => MomentFrom == CrashRecord.Seen ? null : Moment;

    public string? TimeFrom => MomentFrom == CrashRecord.Seen ? null : MomentFrom;

    /// <summary>The file's own time, where nothing tells when it was.</summary>
    public long? Seen => MomentFrom == CrashRecord.Seen ? Moment : null;

    /// <summary>Of every cause what mends it.</summary>
    public IReadOnlyList<string> Fixes => FleetStore.Lines(AllFixes);

    private const string Columns = "c.id, c.machine, c.release, c.time, c.time_from, s.cluster, s.title, c.fatal, c.requested, " +
        "c.headline, c.fix, " +
        "c.outcome, c.outcome_reason, c.evidence, (SELECT MIN(path) FROM inputs i WHERE i.hash = c.input), c.hardware, c.fixes";

    private const string From = " FROM crashes c JOIN signatures s ON s.signature = c.signature ";

    /// <summary>Of one machine, oldest first.</summary>
    public static IReadOnlyList<FleetCrash> OfMachine(FleetStore store, string machine) =>
        [.. store.Rows($"SELECT {Columns}{From}WHERE c.machine = @machine ORDER BY c.time, c.id", ("machine", machine)).Select(Read)];

    /// <summary>Of one cluster, newest first.</summary>
    public static IReadOnlyList<FleetCrash> OfCluster(FleetStore store, string cluster, int most) =>
        [.. store.Rows($"""
            SELECT {Columns}{From}WHERE c.id IN (SELECT k.id FROM crashes k JOIN signatures t ON t.signature = k.signature
              WHERE t.cluster = @cluster ORDER BY COALESCE(k.time, 0) DESC, k.id LIMIT @most) ORDER BY COALESCE(c.time, 0) DESC, c.id
            """, ("cluster", cluster), ("most", (long)most)).Select(Read)];

    /// <summary>All, by id, as they come: nothing else can be asked of the store until the last was taken.</summary>
    public static IEnumerable<FleetCrash> All(FleetStore store) => store.Stream($"SELECT {Columns}{From}ORDER BY c.id").Select(Read);

    private static FleetCrash Read(Row r) => new(r.Text(0), r.Text(1), r.TextOrNull(2), r.NumberOrNull(3), r.TextOrNull(4), r.Text(5),
        r.Text(6),
        r.Number(7) != 0, r.Number(8) != 0, r.Text(9), r.TextOrNull(10), (DumpOutcome)r.Number(11), r.TextOrNull(12), r.Text(13),
            r.Text(14), r.TextOrNull(15)?.Replace("\n", "; ", StringComparison.Ordinal), r.Text(16));
}
