using System.Data.Common;
using Kdump.Diagnosis.Crashes;
using Kdump.Fleet.Clusters;
using Kdump.Fleet.Records;
using Kdump.Formats.Bytes;

namespace Kdump.Fleet.Stores;

/// <summary>
/// Where a fleet's crashes are kept: one file (SQLite), or a database that several scanners share (PostgreSQL). Equal data is
/// stored once, in any order of insertion. Not thread-safe.
/// </summary>
public sealed class FleetStore : IDisposable
{
    private const int MaxTries = 8;

    private readonly DbConnection connection;
    private readonly bool shared;
    private DbTransaction? open;

    private FleetStore(string name, DbConnection connection, bool shared)
    {
        Name = name;
        this.connection = connection;
        this.shared = shared;
    }

    public string Name { get; }

    /// <summary>Text compared byte by byte, in this database's words.</summary>
    private string Bytewise => shared ? "COLLATE \"C\"" : "COLLATE BINARY";

    /// <summary>Columns of a telling.</summary>
    private static readonly string[] Told = [.. Schema.CrashColumns.Split(", "), "rank"];

    /// <summary>Of equal contents the one whose place sorts first is quoted, in whatever order they came.</summary>
    private string InsertTold => $"INSERT INTO records ({string.Join(", ", Told)}, settled) VALUES (@{string.Join(", @", Told)}, 0) " +
        $"ON CONFLICT (id, input) DO UPDATE SET evidence = excluded.evidence, settled = 0 WHERE excluded.evidence < records.evidence " +
            $"{Bytewise}";

    /// <param name="place">A file, or <c>postgresql://user@host/name</c>.</param>
    /// <param name="create">Create it if it does not exist.</param>
    /// <exception cref="InputException">It cannot be opened, or is not a store of this program.</exception>
    public static FleetStore Open(string place, bool create)
    {
        bool shared = IsShared(place);
        if (!shared && !create && !File.Exists(place))
            throw new InputException(place, "store", -1, "does not exist; kdt fleet scan … --into creates one");
        try
        {
            DbConnection connection = shared ? PostgresConnection.Open(place) : SqliteConnections.Open(place);
            var store = new FleetStore(PostgresConnection.Shown(place), connection, shared);
            store.Prepare(create);
            return store;
        }
        catch (Exception e) when (e is DbException or IOException or UnauthorizedAccessException or ArgumentException or
            System.Net.Sockets.SocketException or TimeoutException)
        {
            throw new InputException(PostgresConnection.Shown(place), "store", -1, e.Message, e);
        }
    }

    /// <summary>A database that several scanners write to; else a file.</summary>
    public static bool IsShared(string place) =>
        place.StartsWith("postgresql://", StringComparison.Ordinal) || place.StartsWith("postgres://", StringComparison.Ordinal);

    public void Dispose()
    {
        open?.Dispose();
        connection.Dispose();
    }

    /// <summary>Begins a transaction.</summary>
    private void Begin() => open ??= connection.BeginTransaction();

    private void Commit()
    {
        open?.Commit();
        open?.Dispose();
        open = null;
    }

    /// <summary>This file was judged by this version, and is as it was then.</summary>
    public bool Knows(string path, long bytes, long modified, string version) => Scalar(
        "SELECT 1 FROM inputs WHERE path = @path AND bytes = @bytes AND modified = @modified AND version = @version AND state <> 'refused'",
        ("path", path), ("bytes", bytes), ("modified", modified), ("version", version)) is not null;

    /// <summary>Keeps what units gave. Several scanners of one database may meet in a row: then one of them tries again.</summary>
    public void Save(IReadOnlyList<Judged> units, string version)
    {
        if (!shared)
        {
            foreach (Judged unit in units)
                Put(unit, version);
            Commit();
            return;
        }
        foreach (Judged unit in units)
        {
            for (int tries = 1; ; tries++)
            {
                try
                {
                    Put(unit, version);
                    Commit();
                    break;
                }
                catch (DbException e) when (e.IsTransient && tries < MaxTries)
                {
                    open?.Dispose();
                    open = null;
                }
            }
        }
    }

    /// <summary>What one unit gave; what the same content gave before is replaced.</summary>
    private void Put(Judged judged, string version)
    {
        Begin();
        InputRecord? first = judged.Inputs is [var one, ..] ? one : null;
        string from = first?.Hash ?? "";
        // A copy has the same result; results of another version of this program for the same content are replaced.
        bool copy = Count("SELECT COUNT(*) FROM inputs WHERE hash = @hash AND version = @version AND path <> @path", ("hash", from),
            ("version", version), ("path", first?.Path ?? "")) > 0;
        foreach (InputRecord input in judged.Inputs)
            Put(input, version);
        if (!copy)
        {
            Run("UPDATE records SET settled = 0 WHERE id IN (SELECT id FROM records WHERE input = @input)", ("input", from));
            Run("DELETE FROM crashes WHERE id IN (SELECT id FROM records WHERE input = @input)", ("input", from));
            Run("DELETE FROM records WHERE input = @input", ("input", from));
        }
        foreach (MachineRecord machine in judged.Machines)
            Put(machine);
        foreach (CrashRecord crash in judged.Crashes)
        {
            Put(crash.Shape);
            Put(crash, from);
        }
    }

    /// <summary>Of each crash the telling that says most, and of all signatures their clusters. After the last
    /// <see cref="Save"/>.</summary>
    public void Settle()
    {
        Begin();
        // One at a time: two scanners of one database must not settle the same crashes.
        if (shared)
            Run("SELECT pg_advisory_xact_lock(811236)");
        // What another scanner puts in while this runs is for its own turn.
        Run("UPDATE records SET settled = 2 WHERE settled = 0");
        // A crash of which one more telling came is chosen anew among all of its tellings.
        Run("DELETE FROM crashes WHERE id IN (SELECT id FROM records WHERE settled = 2)");
        Run($"""
            INSERT INTO crashes ({Schema.CrashColumns}) SELECT {Schema.CrashColumns} FROM (SELECT {Schema.CrashColumns}, ROW_NUMBER() OVER
              (PARTITION BY id ORDER BY rank DESC, input {Bytewise}) AS place FROM records WHERE id IN (SELECT id FROM records WHERE settled = 2)) AS told
              WHERE place = 1
            """);
        // A dump that one telling lacks and another has is there.
        Run("""
            UPDATE crashes SET outcome = (SELECT MAX(outcome) FROM records r WHERE r.id = crashes.id) WHERE id IN
              (SELECT id FROM records WHERE settled = 2)
            """);
        Run("UPDATE records SET settled = 1 WHERE settled = 2");
        Run("DELETE FROM signatures WHERE signature NOT IN (SELECT signature FROM records)");
        var known = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (Row row in Rows("SELECT signature, cluster FROM signatures"))
            known[row.Text(0)] = row.TextOrNull(1);
        foreach ((string signature, string cluster) in Clustering.Of(Shapes()))
        {
            if (known.GetValueOrDefault(signature) != cluster)
                Run("UPDATE signatures SET cluster = @cluster WHERE signature = @signature", ("cluster", cluster),
                    ("signature", signature));
        }
        Commit();
    }

    /// <summary>Every signature, as it was first seen.</summary>
    public IEnumerable<CrashShape> Shapes() =>
        Rows("SELECT signature, class, kind, title, alt, function, module, stack FROM signatures")
            .Select(r => new CrashShape(r.Text(0), r.Text(1), r.Text(2), r.Text(3), Lines(r.Text(4)), r.TextOrNull(5), r.TextOrNull(6),
                Lines(r.Text(7))));

    /// <summary>Removes the crashes before a moment (seconds since 1970), and inputs that tell of none that is left.</summary>
    /// <returns>Crashes removed.</returns>
    public long Prune(long before)
    {
        Begin();
        long gone = Run("DELETE FROM crashes WHERE time < @before", ("before", before));
        Run("DELETE FROM records WHERE id NOT IN (SELECT id FROM crashes)");
        Run("DELETE FROM signatures WHERE signature NOT IN (SELECT signature FROM records)");
        Commit();
        return gone;
    }

    /// <summary>Copies the content of another store. Call <see cref="Settle"/> afterwards.</summary>
    public void Merge(FleetStore other)
    {
        Begin();
        foreach (Row r in other.Rows("SELECT path, hash, bytes, modified, kind, state, reason, version FROM inputs"))
            Put(new InputRecord(r.Text(0), r.Text(1), r.Number(2), r.Number(3), r.Text(4), JudgedJson.StateOf(r.Text(5)), r.TextOrNull(6)),
                r.Text(7));
        foreach (Row r in other.Rows("SELECT machine, named, model, first_seen, last_seen FROM machines"))
        {
            string machine = r.Text(0);
            foreach (long? seen in new[] { r.NumberOrNull(3), r.NumberOrNull(4) })
                Put(new MachineRecord(machine, r.Number(1) != 0, r.TextOrNull(2), [], [], seen));
        }
        foreach (Row r in other.Rows("SELECT machine, release FROM releases"))
            PutRelease(r.Text(0), r.Text(1));
        foreach (Row r in other.Rows("SELECT machine, name, value FROM traits"))
            PutTrait(r.Text(0), r.Text(1), r.Text(2));
        foreach (CrashShape shape in other.Shapes())
            Put(shape);
        foreach (Row r in other.Rows($"SELECT {string.Join(", ", Told)} FROM records"))
            PutTold([.. Told.Select((_, i) => r.Value(i))]);
        Commit();
    }

    /// <summary>What a question asks; the names of parameters without their sign.</summary>
    public IEnumerable<Row> Rows(string sql, params (string Name, object? Value)[] values)
    {
        var rows = new List<Row>();
        using DbCommand command = Command(sql, values);
        using DbDataReader reader = command.ExecuteReader();
        while (reader.Read())
        {
            var cells = new object?[reader.FieldCount];
            for (int i = 0; i < cells.Length; i++)
                cells[i] = reader.IsDBNull(i) ? null : reader.GetValue(i);
            rows.Add(new Row(cells));
        }
        return rows;
    }

    public long Count(string sql, params (string Name, object? Value)[] values) =>
        Convert.ToInt64(Scalar(sql, values) ?? 0L, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>A list as a column holds it.</summary>
    public static string[] Lines(string text) => text.Length == 0 ? [] : text.Split('\n');

    private static string Joined(IEnumerable<string> lines) => string.Join('\n', lines.Select(l => l.Replace('\n', ' ')));

    private void Prepare(bool create)
    {
        if (shared)
            Run("SELECT pg_advisory_lock(811235)");
        bool there = Scalar(shared
            ? "SELECT 1 FROM information_schema.tables WHERE table_name = 'kdump_fleet' AND table_schema = current_schema()"
            : "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'kdump_fleet'") is not null;
        if (!there)
        {
            bool strange = Count(shared ? "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = current_schema()"
                : "SELECT COUNT(*) FROM sqlite_master") > 0;
            if (!create || (strange && !shared))
                throw new InputException(Name, "store", -1, "is not a store of kdt fleet");
            Run("CREATE TABLE kdump_fleet (step INTEGER NOT NULL)");
            Run("INSERT INTO kdump_fleet (step) VALUES (0)");
        }
        long step = Count("SELECT step FROM kdump_fleet");
        if (step > Schema.Steps.Length)
            throw new InputException(Name, "store", -1, $"was written by a newer kdt (step {step}; this one knows {Schema.Steps.Length})");
        for (; step < Schema.Steps.Length; step++)
        {
            Begin();
            foreach (string sql in Schema.Steps[step])
                Run(sql);
            Run("UPDATE kdump_fleet SET step = @step", ("step", step + 1));
            Commit();
        }
        if (shared)
            Run("SELECT pg_advisory_unlock(811235)");
    }

    private void Put(InputRecord input, string version)
    {
        // A changed file has new crashes now; its earlier crashes did happen and are kept.
        Run("DELETE FROM inputs WHERE path = @path", ("path", input.Path));
        Run("""
            INSERT INTO inputs (path, hash, bytes, modified, kind, state, reason, version)
              VALUES (@path, @hash, @bytes, @modified, @kind, @state, @reason, @version)
            """,
            ("path", input.Path), ("hash", input.Hash), ("bytes", input.Bytes), ("modified", input.Modified), ("kind", input.Kind),
            ("state", JudgedJson.NameOf(input.State)), ("reason", input.Reason), ("version", version));
    }

    private void Put(MachineRecord machine)
    {
        Run("""
            INSERT INTO machines (machine, named, model, first_seen, last_seen) VALUES (@machine, @named, @model, @seen, @seen)
              ON CONFLICT (machine) DO UPDATE SET model = COALESCE(machines.model, excluded.model),
              first_seen = CASE WHEN machines.first_seen IS NULL OR excluded.first_seen < machines.first_seen THEN excluded.first_seen
                ELSE machines.first_seen END,
              last_seen = CASE WHEN machines.last_seen IS NULL OR excluded.last_seen > machines.last_seen THEN excluded.last_seen
                ELSE machines.last_seen END
            """,
            ("machine", machine.Key), ("named", machine.Named ? 1 : 0), ("model", machine.Model), ("seen", machine.Seen));
        foreach (string release in machine.Releases)
            PutRelease(machine.Key, release);
        foreach ((string name, string value) in machine.Traits)
            PutTrait(machine.Key, name, value);
    }

    private void PutRelease(string machine, string release) =>
        Run("INSERT INTO releases (machine, release) VALUES (@machine, @release) ON CONFLICT DO NOTHING", ("machine", machine),
            ("release", release));

    private void PutTrait(string machine, string name, string value) =>
        Run("INSERT INTO traits (machine, name, value) VALUES (@machine, @name, @value) ON CONFLICT DO NOTHING",
            ("machine", machine), ("name", name), ("value", value));

    /// <summary>Of two stacks with one signature the longer, so that the order in which they came does not matter.</summary>
    private void Put(CrashShape shape) => Run($"""
        INSERT INTO signatures (signature, kind, title, function, module, class, alt, stack)
          VALUES (@signature, @kind, @title, @function, @module, @class, @alt, @stack)
          ON CONFLICT (signature) DO UPDATE SET stack = excluded.stack, title = excluded.title, alt = excluded.alt, class = excluded.class
          WHERE LENGTH(excluded.stack) > LENGTH(signatures.stack) OR (LENGTH(excluded.stack) = LENGTH(signatures.stack) AND
            excluded.stack || excluded.title < signatures.stack || signatures.title {Bytewise})
        """,
        ("signature", shape.Signature), ("kind", shape.Kind), ("title", shape.Title), ("function", shape.Function),
            ("module", shape.Module),
        ("class", shape.Class), ("alt", Joined(shape.AltTitles)), ("stack", Joined(shape.Stack)));

    private void Put(CrashRecord c, string input) => PutTold([c.Id, input, c.Machine, c.Release, c.Time, c.TimeFrom, c.Shape.Signature,
        c.Fatal ? 1 : 0, c.Requested ? 1 : 0, c.Headline, Joined(c.Causes), c.Fix, (int)c.Outcome, c.OutcomeReason, c.OutcomeId,
        c.OutcomeFix, c.Evidence, c.Rank]);

    /// <param name="values">Of the columns <see cref="Told"/>.</param>
    private void PutTold(object?[] values) => Run(InsertTold, [.. Told.Zip(values)]);

    private long Run(string sql, params (string Name, object? Value)[] values)
    {
        using DbCommand command = Command(sql, values);
        return command.ExecuteNonQuery();
    }

    private object? Scalar(string sql, params (string Name, object? Value)[] values)
    {
        using DbCommand command = Command(sql, values);
        return command.ExecuteScalar() is { } value and not DBNull ? value : null;
    }

    private DbCommand Command(string sql, (string Name, object? Value)[] values)
    {
        DbCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // Every text is one of this project's own; values are parameters.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.CommandTimeout = 600;
        command.Transaction = open;
        foreach ((string name, object? value) in values)
        {
            DbParameter parameter = command.CreateParameter();
            parameter.ParameterName = name;
            // Kernel text may contain characters that PostgreSQL does not accept.
            parameter.Value = value is string text ? text.Replace("\0", "\\0", StringComparison.Ordinal) : value ?? DBNull.Value;
            if (value is null)
                parameter.DbType = name is "time" or "seen" ? System.Data.DbType.Int64 : System.Data.DbType.String;
            command.Parameters.Add(parameter);
        }
        return command;
    }
}
