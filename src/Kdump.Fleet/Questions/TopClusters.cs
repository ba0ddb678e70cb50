using Kdump.Fleet.Stores;

namespace Kdump.Fleet.Questions;

/// <summary>Which kinds of crash hit most machines.</summary>
public static class TopClusters
{
    /// <summary>Weeks of a trend.</summary>
    public const int Weeks = 12;

    private const long Week = 7 * 86400;

    private const int MaxListed = 8;

    /// <summary>How a title ends whose report names no function.</summary>
    private const string Nowhere = " in corrupted";

    /// <param name="since">Crashes from then on (seconds since 1970); null for all.</param>
    /// <param name="wanted">One cluster by its id; null for all.</param>
    public static IReadOnlyList<ClusterRow> Of(FleetStore store, int most, long? since = null, string? wanted = null)
    {
        string when = since is null ? "" : " AND c.time >= @since", which = wanted is null ? "" : " AND s.cluster = @wanted";
        (string, object?)[] values = [.. new (string, object?)[] { ("since", since), ("wanted", wanted), ("most", (long)most) }
            .Where(v => v.Item1 == "most" || (v.Item1 == "since" ? since is not null : wanted is not null))];
        Row[] rows = [.. store.Rows($"""
            SELECT s.cluster, COUNT(DISTINCT c.machine) AS machines, COUNT(*) AS crashes, SUM(c.fatal), MIN(c.time), MAX(c.time),
              COUNT(DISTINCT c.signature) FROM crashes c JOIN signatures s ON s.signature = c.signature WHERE 1 = 1{when}{which}
              GROUP BY s.cluster ORDER BY machines DESC, crashes DESC, s.cluster LIMIT @most
            """, values)];
        long newest = store.Count("SELECT MAX(time) FROM crashes");
        return [.. rows.Select(r => Row(store, r, newest))];
    }

    /// <summary>Kinds that were not seen before a moment.</summary>
    public static IReadOnlyList<ClusterRow> New(FleetStore store, int most, long since)
    {
        long newest = store.Count("SELECT MAX(time) FROM crashes");
        return [.. store.Rows("""
            SELECT s.cluster, COUNT(DISTINCT c.machine) AS machines, COUNT(*) AS crashes, SUM(c.fatal), MIN(c.time) AS first, MAX(c.time),
              COUNT(DISTINCT c.signature) FROM crashes c JOIN signatures s ON s.signature = c.signature
              GROUP BY s.cluster HAVING MIN(c.time) >= @since ORDER BY first DESC, s.cluster LIMIT @most
            """, ("since", since), ("most", (long)most)).Select(r => Row(store, r, newest))];
    }

    private static ClusterRow Row(FleetStore store, Row r, long newest)
    {
        string id = r.Text(0);
        Row common = store.Rows("""
            SELECT s.signature, s.title, s.kind, s.function, s.stack FROM crashes c JOIN signatures s ON s.signature = c.signature WHERE s.cluster = @id
              GROUP BY s.signature, s.title, s.kind, s.function, s.stack ORDER BY COUNT(*) DESC, s.signature LIMIT 1
            """, ("id", id)).First();
        string example = store.Rows("""
            SELECT MIN(path) FROM inputs WHERE hash = (SELECT c.input FROM crashes c JOIN signatures s ON s.signature = c.signature
              WHERE s.cluster = @id ORDER BY c.fatal DESC, c.outcome DESC, c.input LIMIT 1)
            """, ("id", id)).Select(e => e.Text(0)).FirstOrDefault() ?? "";
        var trend = new int[Weeks];
        foreach (Row time in store.Rows("""
            SELECT (@newest - c.time) / @week, COUNT(*) FROM crashes c JOIN signatures s ON s.signature = c.signature
              WHERE s.cluster = @id AND c.time > @oldest GROUP BY 1
            """, ("id", id), ("newest", newest), ("week", Week), ("oldest", newest - (Weeks * Week))))
        {
            if (time.Number(0) is >= 0 and < Weeks and var ago)
                trend[Weeks - 1 - ago] = (int)Math.Min(time.Number(1), int.MaxValue);
        }
        // A title that names no function is one all the same where it says what happened: a panic's own words.
        bool placed = common.TextOrNull(3) is not null || common.Text(4).Length > 0 ||
            !common.Text(1).EndsWith(Nowhere, StringComparison.Ordinal);
        return new(id, common.Text(0), placed ? common.Text(1) : common.Text(1)[..^Nowhere.Length] + ", place not told",
            common.Text(2), r.Number(1), r.Number(2), r.Number(3), r.NumberOrNull(4), r.NumberOrNull(5), example)
        {
            Placed = placed, Signatures = r.Number(6), Trend = trend,
            Releases = Commonest(store, "release", "SELECT DISTINCT c.release, c.machine", "", id),
            Models = Commonest(store, "COALESCE(m.model, (SELECT MIN(s.model) FROM machines s WHERE s.same_as = m.machine))",
                "SELECT DISTINCT c.machine", " JOIN machines m ON m.machine = hit.machine", id),
        };
    }

    /// <summary>The values that most of a cluster's machines have.</summary>
    private static string[] Commonest(FleetStore store, string value, string of, string join, string id) =>
        [.. store.Rows($"""
            SELECT value FROM (SELECT {value} AS value FROM ({of} FROM crashes c JOIN signatures s ON s.signature = c.signature
              WHERE s.cluster = @id) AS hit{join}) AS each_one
              WHERE value IS NOT NULL GROUP BY value ORDER BY COUNT(*) DESC, value LIMIT {MaxListed}
            """, ("id", id)).Select(r => r.Text(0))];
}
