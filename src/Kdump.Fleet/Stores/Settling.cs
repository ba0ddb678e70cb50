using Kdump.Diagnosis.Crashes;
using Kdump.Fleet.Clusters;

namespace Kdump.Fleet.Stores;

/// <summary>Of each crash the telling that says most, and of all signatures their clusters; in one transaction.</summary>
internal static class Settling
{
    public static void Run(Database database)
    {
        // One at a time: two scanners of one database must not settle the same crashes.
        if (database.Shared)
            database.Run("SELECT pg_advisory_xact_lock(811236)");
        OldRecords.Adopt(database);
        JoinedNames.Settle(database);
        // What another scanner puts in while this runs is for its own turn.
        database.Run("UPDATE records SET settled = 2 WHERE settled = 0");
        // A crash of which one more telling came is chosen anew among all of its tellings.
        database.Run("DELETE FROM crashes WHERE id IN (SELECT id FROM records WHERE settled = 2)");
        // A dump that one telling lacks and another has is there; its time is the surest that any of them has.
        string taken = Schema.CrashColumns.Replace(" outcome,", " most,", StringComparison.Ordinal)
            .Replace(" time, time_from,", " moment, moment_from,", StringComparison.Ordinal);
        string surest = "(PARTITION BY id ORDER BY CASE time_from WHEN 'dump' THEN 0 WHEN 'log' THEN 1 WHEN 'log " +
            $"(local time)' THEN 2 WHEN 'path' THEN 3 WHEN 'seen' THEN 4 ELSE 5 END, rank DESC, input {database.Bytewise})";
        database.Run($"""
            INSERT INTO crashes ({Schema.CrashColumns}) SELECT {taken}
              FROM (SELECT {Schema.CrashColumns}, MAX(outcome) OVER (PARTITION BY id) AS most, FIRST_VALUE(time) OVER {surest} AS moment,
              FIRST_VALUE(time_from) OVER {surest} AS moment_from, ROW_NUMBER() OVER
              (PARTITION BY id ORDER BY rank DESC, input {database.Bytewise}) AS place FROM records WHERE id IN
              (SELECT id FROM records WHERE settled = 2)) AS told WHERE place = 1
            """);
        database.Run("UPDATE records SET settled = 1 WHERE settled = 2");
        long gone = database.Run("DELETE FROM signatures WHERE NOT EXISTS (SELECT 1 FROM records r WHERE r.signature = " +
            "signatures.signature)");
        if (gone > 0 || database.Count("SELECT COUNT(*) FROM signatures WHERE cluster IS NULL") > 0)
            PutTogether(database);
    }

    /// <summary>Every signature, as it was first seen.</summary>
    public static IEnumerable<CrashShape> Shapes(Database database) =>
        database.Stream("SELECT signature, class, kind, title, alt, function, module, stack FROM signatures")
            .Select(r => new CrashShape(r.Text(0), r.Text(1), r.Text(2), r.Text(3), FleetStore.Lines(r.Text(4)), r.TextOrNull(5),
                r.TextOrNull(6),
                FleetStore.Lines(r.Text(7))));

    private static void PutTogether(Database database)
    {
        var known = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (Row row in database.Rows("SELECT signature, cluster FROM signatures"))
            known[row.Text(0)] = row.TextOrNull(1);
        foreach ((string signature, string cluster) in Clustering.Of(Shapes(database)))
        {
            if (known.GetValueOrDefault(signature) != cluster)
                database.Run("UPDATE signatures SET cluster = @cluster WHERE signature = @signature", ("cluster", cluster),
                    ("signature", signature));
        }
    }
}
