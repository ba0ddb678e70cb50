namespace Kdump.Fleet.Stores;

/// <summary>
/// What a version before step 4 of <see cref="Schema"/> stored: it kept no name of what happened, by which two machines' names can be put
/// together without counting a crash twice. A new scan of the same files replaces it; until then such names count apart.
/// </summary>
internal static class OldRecords
{
    /// <summary>A condition on <c>records</c>. Machines without a name have none either, and are never joined.</summary>
    public const string Which = "event IS NULL AND machine NOT LIKE '?%'";

    public static long Count(Database database) => database.Count($"SELECT COUNT(DISTINCT id) FROM records WHERE {Which}");

    /// <summary>
    /// One input was scanned again and another is gone: the same crash has a new id and an old one. It is one where the machine, the
    /// signature and the time in the log are the same.
    /// </summary>
    public static void Adopt(Database database)
    {
        if (Count(database) == 0)
            return;
        foreach (Row r in database.Rows($"""
            SELECT o.id, o.input, MIN(n.id), MIN(n.event) FROM records o JOIN records n ON n.machine = o.machine AND
              n.signature = o.signature AND n.time = o.time AND n.time_from = o.time_from AND n.event IS NOT NULL
              WHERE o.event IS NULL AND o.machine NOT LIKE '?%' AND o.time_from NOT IN ('path', 'seen', 'file')
              GROUP BY o.id, o.input HAVING COUNT(DISTINCT n.id) = 1
            """))
        {
            database.Run("DELETE FROM records WHERE id = @id AND input = @input", ("id", r.Text(2)), ("input", r.Text(1)));
            database.Run("UPDATE records SET id = @now, event = @event WHERE id = @id AND input = @input", ("now", r.Text(2)),
                ("event", r.Text(3)), ("id", r.Text(0)), ("input", r.Text(1)));
            database.Run("DELETE FROM crashes WHERE id = @id OR id = @now", ("id", r.Text(0)), ("now", r.Text(2)));
            database.Run("UPDATE records SET settled = 0 WHERE id = @id OR id = @now", ("id", r.Text(0)), ("now", r.Text(2)));
        }
    }
}
