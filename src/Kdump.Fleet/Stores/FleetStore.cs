using System.Data.Common;
using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Text;
using Kdump.Formats.Bytes;
using Kdump.Sources.Records;

namespace Kdump.Fleet.Stores;

/// <summary>
/// Where a fleet's crashes are kept: one file (SQLite), or a database that several scanners share (PostgreSQL). Equal data is
/// stored once, in any order of insertion. Not thread-safe.
/// </summary>
public sealed class FleetStore : IDisposable
{
    private const int MaxTries = 8;

    /// <summary>Names in one list of a question.</summary>
    private const int Listed = 64;

    /// <summary>Machines whose traits are remembered: most inputs of a machine repeat the same traits.</summary>
    private const int MaxRemembered = 200_000;

    private readonly Database database;
    private readonly Dictionary<string, ulong> remembered = new(StringComparer.Ordinal);

    private FleetStore(string name, Database database)
    {
        Name = name;
        this.database = database;
    }

    public string Name { get; }

    /// <param name="place">A file, or <c>postgresql://user@host/name</c>.</param>
    /// <param name="create">Create it if it does not exist.</param>
    /// <exception cref="InputException">It cannot be opened, or is not a store of this program.</exception>
    public static FleetStore Open(string place, bool create)
    {
        bool shared = IsShared(place);
        if (!shared && place.IndexOf("://", StringComparison.Ordinal) is > 0 and < 12 && !Path.Exists(place))
            throw new InputException(PostgresConnection.Shown(place), "store", -1,
                "is no store: give a file (SQLite), or postgresql://user@host/name");
        if (!shared && !create && !Path.Exists(place))
            throw new InputException(place, "store", -1, "does not exist; kdt fleet scan … --into makes one");
        if (!shared && Directory.Exists(place))
            throw new InputException(place, "store", -1, "is a folder; a store is a file or a postgresql:// URL");
        string name = PostgresConnection.Shown(place);
        Database? database = null;
        try
        {
            database = new Database(name, shared ? PostgresConnection.Open(place) : SqliteConnections.Open(place, create), shared);
            var store = new FleetStore(name, database);
            StoreTables.Prepare(database, name, create);
            return store;
        }
        catch (Exception e)
        {
            database?.Dispose();
            if (e is DbException or IOException or UnauthorizedAccessException or ArgumentException or FormatException or
                InvalidCastException or OverflowException or System.Net.Sockets.SocketException or
                TimeoutException)
                throw new InputException(name, "store", -1, DatabaseWords.Of(e), e);
            throw;
        }
    }

    /// <summary>A database that several scanners write to; else a file.</summary>
    public static bool IsShared(string place) =>
        place.StartsWith("postgresql://", StringComparison.Ordinal) || place.StartsWith("postgres://", StringComparison.Ordinal);

    /// <summary>A store's name as messages have it: without the password of a URL.</summary>
    public static string Shown(string place) => PostgresConnection.Shown(place);

    /// <summary>A URL that anybody may read who reads what it stands in.</summary>
    public static bool TellsPassword(string place) => IsShared(place) && PostgresConnection.Shown(place) != place;

    public void Dispose() => database.Dispose();

    /// <summary>Machines; names that are one count once.</summary>
    public long Machines() => Count("SELECT COUNT(*) FROM machines WHERE same_as IS NULL");

    /// <summary>What <see cref="OtherNames"/> says where nothing but the name does.</summary>
    public const string JoinedByName = JoinedNames.ByName;

    /// <summary>Names without a domain with which a full name begins.</summary>
    public long TwiceNamed() => Count($"""
        SELECT COUNT(DISTINCT s.machine) FROM machines f JOIN machines s ON s.machine = {database.FirstLabel("f.machine")}
          WHERE f.machine LIKE '%.%' AND f.named <> 0 AND s.named <> 0
        """);

    /// <summary>The name under which a machine counts; null: no input mentions it.</summary>
    public string? MachineOf(string name) => database.Scalar("SELECT COALESCE(same_as, machine) FROM machines WHERE machine = @name",
        ("name", name)) as string;

    /// <summary>By what else a machine is called, and what says that it is the same: <c>machine id</c>, <c>serial</c>, <c>boot id</c>,
    /// or <c>only full name</c>, which is no proof.</summary>
    public IReadOnlyList<(string Name, string By)> OtherNames(string machine) =>
        [.. Rows("SELECT machine, same_by FROM machines WHERE same_as = @machine ORDER BY machine", ("machine", machine))
            .Select(r => (r.Text(0), r.Text(1)))];

    /// <summary>What <see cref="Admit"/> is told for names as they are.</summary>
    public const string PlainNames = "plain";

    /// <summary>
    /// Of what kind its names are: <see cref="PlainNames"/>, or the check of the key by which they were replaced. The first scan decides;
    /// what is of another kind does not get in.
    /// </summary>
    /// <exception cref="InputException">It holds names of another kind.</exception>
    public void Admit(string names)
    {
        database.Run("UPDATE kdump_fleet SET names = @names WHERE names IS NULL", ("names", names));
        Require(names);
    }

    /// <summary>The same for a question: a store without any names has none.</summary>
    public void Require(string names)
    {
        string? own = Names;
        if (own == names)
            return;
        throw new InputException(Name, "store", -1, own switch
        {
            null => "holds nothing yet",
            PlainNames => "holds plain names: --redact takes a store of its own",
            Schema.OldRedaction =>
                "was made by an older kdt's --redact, which kept kernel parameters: scan into a new store, and delete this one",
            _ when names == PlainNames => "was made with --redact: give the same key, or take another store for plain names",
            _ => "was made with another key of --redact: give that one, or take another store",
        });
    }

    /// <summary>Its names were replaced by numbers.</summary>
    public bool IsRedacted => Names is not (null or PlainNames);

    private string? Names => database.Scalar("SELECT names FROM kdump_fleet") as string;

    /// <summary>Inputs that the last scan of them refused, with the reason.</summary>
    public Dictionary<string, string> Refused(int most) =>
        Rows("SELECT path, COALESCE(reason, '') FROM inputs WHERE state = 'refused' ORDER BY path LIMIT @most", ("most", (long)most))
            .ToDictionary(r => r.Text(0), r => r.Text(1), StringComparer.Ordinal);

    /// <summary>An input that is none any more.</summary>
    public void Forgive(string path) => database.Run("DELETE FROM inputs WHERE path = @path AND state = 'refused'", ("path", path));

    /// <summary>This file was judged by this version, and is as it was then.</summary>
    public bool Knows(string path, long bytes, long modified, string version) => database.Scalar(
        "SELECT 1 FROM inputs WHERE path = @path AND bytes = @bytes AND modified = @modified AND version = @version AND state <> 'refused'",
        ("path", path), ("bytes", bytes), ("modified", modified), ("version", version)) is not null;

    /// <summary>Keeps what units gave. Several scanners of one database may meet in a row: then one of them tries again.</summary>
    public void Save(IReadOnlyList<Judged> units, string version)
    {
        foreach (Judged[] some in units.Chunk(Listed))
            Whole(() => Put(some, version));
    }

    /// <summary>All of it, or nothing; again where another scanner was in the way.</summary>
    private void Whole(Action write)
    {
        for (int tries = 1; ; tries++)
        {
            try
            {
                database.Begin();
                write();
                database.Commit();
                return;
            }
            catch (DbException e) when (e.IsTransient)
            {
                database.Rollback();
                remembered.Clear();
                if (tries == MaxTries)
                    throw new InputException(Name, "store", -1, DatabaseWords.Of(e), e);
            }
        }
    }

    private void Put(Judged[] units, string version)
    {
        var rows = new IncomingRows();
        string[] hashes = [.. units.SelectMany(u => u.Inputs.Take(1)).Select(i => i.Hash).Distinct(StringComparer.Ordinal)];
        (string names, (string, object?)[] values) = Database.List("h", [.. hashes, ""], Listed);
        ILookup<string, string> known = database.Rows($"SELECT hash, path FROM inputs WHERE version = @version AND hash IN ({names})",
            [.. values, ("version", version)]).ToLookup(r => r.Text(0), r => r.Text(1), StringComparer.Ordinal);
        HashSet<string> told = [.. database.Rows($"SELECT DISTINCT input FROM records WHERE input IN ({names})", values)
            .Select(r => r.Text(0))];
        Dictionary<string, string> before = Changed(units);
        foreach (Judged unit in units)
        {
            InputRecord? first = unit.Inputs is [var one, ..] ? one : null;
            string from = first?.Hash ?? "";
            // A copy tells the same once more; what another version of this program said of the content is replaced.
            if (told.Remove(from) && !known[from].Any(p => p != first!.Path))
                Forget(from);
            if (first is not null && before.TryGetValue(first.Path, out string? old))
                Supersede(old, unit);
            foreach (InputRecord input in unit.Inputs)
                rows.AddInput(input, version);
            foreach (MachineRecord machine in unit.Machines)
                rows.AddMachine(machine, isNew: Remember(machine));
            foreach (CrashRecord crash in unit.Crashes)
                rows.AddRecord(crash, from);
        }
        rows.WriteTo(database);
    }

    /// <summary>It says of itself what it has not said before.</summary>
    private bool Remember(MachineRecord machine)
    {
        ulong said = StableHash.Of(string.Join('\n', machine.Traits.Select(t => $"{t.Key}={t.Value}").Concat(machine.Releases)));
        if (remembered.TryGetValue(machine.Key, out ulong before) && before == said)
            return false;
        if (remembered.Count >= MaxRemembered)
            remembered.Clear();
        remembered[machine.Key] = said;
        return true;
    }

    /// <summary>By path the content that a file had when it was judged last, where it has another one now and no other file has
    /// that.</summary>
    private Dictionary<string, string> Changed(Judged[] units)
    {
        InputRecord[] firsts = [.. units.SelectMany(u => u.Inputs.Take(1)).Where(i => i.State != InputState.Refused)];
        (string names, (string, object?)[] values) = Database.List("p",
            [.. firsts.Select(i => i.Path).Distinct(StringComparer.Ordinal), ""],
            Listed);
        Dictionary<string, string> now = firsts.GroupBy(i => i.Path, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Last().Hash,
            StringComparer.Ordinal);
        return database.Rows($"""
            SELECT i.path, i.hash FROM inputs i WHERE i.path IN ({names}) AND
              NOT EXISTS (SELECT 1 FROM inputs o WHERE o.hash = i.hash AND o.path <> i.path)
            """, values).Where(r => now[r.Text(0)] != r.Text(1)).ToDictionary(r => r.Text(0), r => r.Text(1), StringComparer.Ordinal);
    }

    /// <summary>
    /// A log that has grown tells once more what it told: that is not a second crash. What a file no longer has did happen, and is kept; of
    /// a machine without a name and without a crash nothing is left.
    /// </summary>
    private void Supersede(string old, Judged unit)
    {
        HashSet<string> places = [.. unit.Crashes.Select(c => c.Evidence).Where(e => e.Length > 0)];
        ILookup<string, long> marks = unit.Crashes.SelectMany(c => c.Marks.Concat(c.Others.Select(o => new CrashMark(o, null))))
            .ToLookup(m => m.Name, m => m.At ?? -1, StringComparer.Ordinal);
        foreach (Row r in database.Rows("SELECT id, evidence, event FROM records WHERE input = @old", ("old", old)))
        {
            if (places.Contains(r.Text(1)) || (r.TextOrNull(2) is { } happened && marks.Any(m => Has(happened, m.Key, m))))
                Unsay(r.Text(0), old);
        }
        foreach (Row r in database.Rows("""
            SELECT machine FROM machines WHERE source = @old AND named = 0 AND NOT EXISTS (SELECT 1 FROM records r WHERE
              r.machine = machines.machine OR r.told = machines.machine)
            """, ("old", old)))
        {
            foreach (string table in (string[])["traits", "releases", "machines"])
                database.Run($"DELETE FROM {table} WHERE machine = @machine", ("machine", r.Text(0)));
            remembered.Remove(r.Text(0));
        }
    }

    /// <summary>An event has this mark, and at one of these moments where both tell one.</summary>
    private bool Has(string happened, string mark, IEnumerable<long> moments) => database.Rows(
        "SELECT moment FROM marks WHERE mark = @mark AND event = @event", ("mark", mark), ("event", happened))
        .Any(r => moments.Any(at => at == r.Number(0) || at < 0 || r.Number(0) < 0));

    private void Forget(string input)
    {
        foreach (Row r in database.Rows("SELECT id FROM records WHERE input = @input", ("input", input)))
            Unsay(r.Text(0), input);
    }

    /// <summary>An input does not tell of a crash any more; whatever else does is looked at anew.</summary>
    private void Unsay(string id, string input)
    {
        database.Run("DELETE FROM records WHERE id = @id AND input = @input", ("id", id), ("input", input));
        database.Run("DELETE FROM crashes WHERE id = @id", ("id", id));
        // Two tellings may have been one crash by what this one had of each.
        if (database.Run("UPDATE records SET settled = 0 WHERE id = @id", ("id", id)) > 0)
            JoinedNames.Reset(database);
    }

    /// <summary>Of each crash the telling that says most, and of all signatures their clusters. After the last
    /// <see cref="Save"/>.</summary>
    public void Settle() => Whole(() => Settling.Run(database));

    /// <summary>Every signature, as it was first seen.</summary>
    public IEnumerable<CrashShape> Shapes() => Settling.Shapes(database);

    /// <summary>
    /// Removes the crashes before a moment (seconds since 1970), and machines of which nothing was seen since. Inputs stay: the next scan
    /// would bring the crashes back.
    /// </summary>
    public (long Crashes, long Machines) Prune(long before)
    {
        long crashes = 0, machines = 0;
        // What no scan has counted yet is no crash, and would be lost.
        Settle();
        Whole(() =>
        {
            crashes = database.Run("DELETE FROM crashes WHERE time < @before", ("before", before));
            database.Run("DELETE FROM records WHERE id NOT IN (SELECT id FROM crashes)");
            machines = database.Run("""
                DELETE FROM machines WHERE last_seen < @before AND
                  NOT EXISTS (SELECT 1 FROM crashes c WHERE c.machine = machines.machine) AND
                  NOT EXISTS (SELECT 1 FROM records r WHERE r.told = machines.machine) AND
                  NOT EXISTS (SELECT 1 FROM machines s WHERE s.same_as = machines.machine AND s.last_seen >= @before)
                """, ("before", before));
            JoinedNames.Reset(database);
            foreach (string table in (string[])["marks", "lives", "profiles"])
                database.Run($"DELETE FROM {table} WHERE event NOT IN (SELECT event FROM records WHERE event IS NOT NULL)");
            database.Run("DELETE FROM releases WHERE NOT EXISTS (SELECT 1 FROM machines m WHERE m.machine = releases.machine)");
            database.Run("DELETE FROM traits WHERE NOT EXISTS (SELECT 1 FROM machines m WHERE m.machine = traits.machine)");
        });
        remembered.Clear();
        Settle();
        // VACUUM makes the file smaller.
        if (!database.Shared)
            database.Run("VACUUM");
        return (crashes, machines);
    }

    /// <summary>Refuses a store that must not be merged into this one, before anything is copied.</summary>
    /// <exception cref="InputException">The other holds names of another kind.</exception>
    public void Admits(FleetStore other)
    {
        if (other.Names is { } names)
            Admit(names);
    }

    /// <summary>Copies the content of another store. Call <see cref="Settle"/> afterwards.</summary>
    /// <inheritdoc cref="Admits"/>
    public void Merge(FleetStore other)
    {
        Admits(other);
        new Merging(other, rows => Whole(() => rows.WriteTo(database))).Run();
    }

    /// <summary>What a question asks; the names of parameters without their sign.</summary>
    public IReadOnlyList<Row> Rows(string sql, params (string Name, object? Value)[] values) => database.Rows(sql, values);

    /// <summary>A long answer, row by row; nothing else can be asked until the last was taken.</summary>
    public IEnumerable<Row> Stream(string sql, params (string Name, object? Value)[] values) => database.Stream(sql, values);

    public long Count(string sql, params (string Name, object? Value)[] values) => database.Count(sql, values);

    /// <summary>Tellings of crashes that no <see cref="Settle"/> has looked at: a scan is at work, or was broken off.</summary>
    public long Unsettled() => Count("SELECT COUNT(*) FROM records WHERE settled <> 1");

    /// <summary>Crashes that only an older kdt has judged; see <see cref="OldRecords"/>.</summary>
    public long OldOnes() => OldRecords.Count(database);

    /// <summary>A list as a column holds it.</summary>
    public static string[] Lines(string text) => text.Length == 0 ? [] : text.Split('\n');
}
