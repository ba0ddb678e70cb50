using Kdump.Sources.Records;

namespace Kdump.Fleet.Stores;

/// <summary>
/// A machine that some inputs call by its host alone and others by the host with its domain. The two names are one machine where an
/// identity proves it, or where the store has one full name only that begins so and nothing contradicts it; full names are never joined. A
/// log without a name is of the machine that had its very crash (<see cref="JoinedByCrash"/>). Which names are one follows from what is in
/// the store, in whatever order it came: every row keeps what it was told with, so that a second full name takes them apart again.
/// </summary>
internal static class JoinedNames
{
    /// <summary>What <c>same_by</c> says where nothing but the name does.</summary>
    public const string ByName = "only full name";

    /// <summary>Traits by which a machine is known; a boot has an id of its own.</summary>
    private static readonly string[] Identities = [IdentityTraits.Machine, IdentityTraits.Serial, IdentityTraits.Boot];

    private static readonly (string Table, string Columns)[] OfMachines = [("traits", "name, value"), ("releases", "release")];

    /// <summary>In the transaction that settles what was stored.</summary>
    public static void Settle(Database database)
    {
        string now = $"{database.Count("SELECT COUNT(*) FROM machines")} {OldRecords.Count(database)} " +
            database.Count($"SELECT COUNT(*) FROM traits WHERE name IN ('{string.Join("', '", Identities)}') AND lent <> 1") +
            $" {database.Count("SELECT COUNT(*) FROM marks")}";
        if (database.Scalar("SELECT joined FROM kdump_fleet") as string != now)
        {
            Renew(database);
            database.Run("UPDATE kdump_fleet SET joined = @now", ("now", now));
        }
        if (database.Scalar("SELECT 1 FROM machines WHERE same_as IS NOT NULL LIMIT 1") is not null)
            Lend(database);
        JoinedLives.Apply(database);
    }

    /// <summary>Under the name that counts stands what was told with the other.</summary>
    private static void Lend(Database database)
    {
        foreach ((string table, string columns) in OfMachines)
        {
            database.Run($"UPDATE {table} SET lent = 2 WHERE lent <> 2 AND machine IN " +
                "(SELECT machine FROM machines WHERE same_as IS NOT NULL)");
            database.Run($"""
                INSERT INTO {table} (machine, {columns}, lent) SELECT m.same_as, t.{columns.Replace(", ", ", t.", StringComparison.Ordinal)}, 1
                  FROM machines m JOIN {table} t ON t.machine = m.machine WHERE m.same_as IS NOT NULL ON CONFLICT DO NOTHING
                """);
        }
        foreach (Row r in database.Rows("""
            SELECT r.id, r.input, r.event, r.machine, m.same_as FROM machines m JOIN records r ON r.machine = m.machine
              WHERE m.same_as IS NOT NULL
            """))
            Rename(database, r, r.Text(4), r.Text(3));
    }

    /// <summary>Forgets under which conditions names were joined last.</summary>
    public static void Reset(Database database) => database.Run("UPDATE kdump_fleet SET joined = NULL");

    private static void Renew(Database database)
    {
        Dictionary<string, (string Full, string By)> names = Found(database);
        var profiles = new Profiles(database);
        JoinedByCrash.AddTo(names, database, profiles);
        JoinedLives.Renew(database, machine => names.TryGetValue(machine, out (string Full, string By) same) ? same.Full : machine,
            profiles);
        Dictionary<string, (string Full, string By)> before = database.Rows(
            "SELECT machine, same_as, same_by FROM machines WHERE same_as IS NOT NULL")
            .ToDictionary(r => r.Text(0), r => (r.Text(1), r.Text(2)), StringComparer.Ordinal);
        if (names.Count == before.Count && names.All(n => before.TryGetValue(n.Key, out (string, string) old) && old == n.Value))
            return;
        foreach ((string table, _) in OfMachines)
        {
            database.Run($"DELETE FROM {table} WHERE lent = 1");
            database.Run($"UPDATE {table} SET lent = 0 WHERE lent = 2");
        }
        foreach (string name in before.Keys.Where(n => !names.TryGetValue(n, out (string Full, string) now) || now.Full != before[n].Full))
        {
            database.Run("UPDATE machines SET same_as = NULL, same_by = NULL WHERE machine = @name", ("name", name));
            foreach (Row r in database.Rows("SELECT id, input, event FROM records WHERE told = @name", ("name", name)))
                Rename(database, r, name, null);
        }
        foreach ((string name, (string full, string by)) in names)
            database.Run("UPDATE machines SET same_as = @full, same_by = @by WHERE machine = @name", ("name", name), ("full", full),
                ("by", by));
    }

    /// <summary>A telling counts for another machine, and its crash is the one that this machine would have had.</summary>
    private static void Rename(Database database, Row r, string machine, string? told) =>
        Rename(database, r, machine, told, r.TextOrNull(2));

    /// <param name="r">Id, input.</param>
    /// <param name="happened">The event under which it counts.</param>
    public static void Rename(Database database, Row r, string machine, string? told, string? happened)
    {
        string id = happened is not null ? CrashRecord.IdOf(machine, happened) : r.Text(0);
        (string, object?)[] row = [("id", r.Text(0)), ("input", r.Text(1))];
        if (id != r.Text(0))
            database.Run("DELETE FROM records WHERE id = @id AND input = @input", ("id", id), ("input", r.Text(1)));
        database.Run("DELETE FROM crashes WHERE id = @id OR id = @now", ("id", r.Text(0)), ("now", id));
        // What else was told of either is chosen anew.
        database.Run("UPDATE records SET settled = 0 WHERE id = @id OR id = @now", ("id", r.Text(0)), ("now", id));
        database.Run("UPDATE records SET id = @now, machine = @machine, told = @told WHERE id = @id AND input = @input",
            [.. row, ("now", id), ("machine", machine), ("told", told)]);
    }

    private static Dictionary<string, (string Full, string By)> Found(Database database)
    {
        var fulls = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (Row r in database.Rows($"""
            SELECT s.machine, f.machine FROM machines f JOIN machines s ON s.machine = {database.FirstLabel("f.machine")}
              WHERE f.machine LIKE '%.%' AND f.named <> 0 AND s.named <> 0
            """))
        {
            if (!fulls.TryGetValue(r.Text(0), out List<string>? of))
                fulls[r.Text(0)] = of = [];
            of.Add(r.Text(1));
        }
        var names = new Dictionary<string, (string, string)>(StringComparer.Ordinal);
        if (fulls.Count == 0)
            return names;
        foreach (Row old in database.Rows($"SELECT DISTINCT machine FROM records WHERE {OldRecords.Which}"))
        {
            fulls.Remove(old.Text(0));
            // It cannot be told that a crash of the one is none of the other's.
            foreach (string name in fulls.Where(f => f.Value.Contains(old.Text(0))).Select(f => f.Key).ToArray())
                fulls.Remove(name);
        }
        HashSet<string> asked = [.. fulls.Keys, .. fulls.Values.SelectMany(f => f)];
        ILookup<string, (string Name, string Value)> told = database.Rows(
            $"SELECT machine, name, value FROM traits WHERE name IN ('{string.Join("', '", Identities)}') AND lent <> 1")
            .Where(r => asked.Contains(r.Text(0))).ToLookup(r => r.Text(0), r => (r.Text(1), r.Text(2)), StringComparer.Ordinal);
        foreach ((string name, List<string> of) in fulls)
        {
            if (Same([.. told[name]], [.. of.Select(f => (f, told[f].ToArray()))]) is { } found)
                names[name] = found;
        }
        return names;
    }

    private static (string Full, string By)? Same((string Name, string Value)[] own,
        (string Full, (string Name, string Value)[] Told)[] fulls)
    {
        (string Full, string? By, bool Against)[] judged = [.. fulls.Select(f => (f.Full,
            Array.Find(Identities, n => Of(own, n).Intersect(Of(f.Told, n), StringComparer.Ordinal).Any()),
            Against: Identities[..2].Any(n => Of(own, n).Any() && Of(f.Told, n).Any() &&
                !Of(own, n).Intersect(Of(f.Told, n), StringComparer.Ordinal).Any())))];
        return Array.FindAll(judged, j => j.By is not null) switch
        {
            [{ Against: false } one] => (one.Full, one.By!),
            [] when judged is [{ Against: false } only] => (only.Full, ByName),
            // An image's own id, which all its machines have, tells nothing of one of them.
            _ => null,
        };
    }

    private static IEnumerable<string> Of((string Name, string Value)[] told, string name) =>
        told.Where(t => t.Name == name).Select(t => t.Value);
}
