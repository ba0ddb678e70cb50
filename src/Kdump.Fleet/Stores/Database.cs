using System.Data;
using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using Kdump.Formats.Bytes;

namespace Kdump.Fleet.Stores;

/// <summary>A connection to either database, with the few words in which they differ. Statements are kept ready by their text.</summary>
internal sealed class Database(string name, DbConnection connection, bool shared) : IDisposable
{
    /// <summary>Statements that are kept ready; lists of releases make some of them unlike all others.</summary>
    private const int MaxReady = 64;

    private readonly Dictionary<string, DbCommand> ready = new(StringComparer.Ordinal);
    private DbTransaction? open;

    /// <summary>Several programs write to it at once.</summary>
    public bool Shared => shared;

    /// <summary>Text compared byte by byte.</summary>
    public string Bytewise => shared ? "COLLATE \"C\"" : "COLLATE BINARY";

    /// <summary>Of a column: its text up to the first dot.</summary>
    public string FirstLabel(string column) => shared ? $"split_part({column}, '.', 1)"
        : $"substr({column}, 1, instr({column} || '.', '.') - 1)";

    /// <summary>What is written from now on is kept together, or not at all.</summary>
    public void Begin() => Told(() => open ??= connection.BeginTransaction());

    public void Commit()
    {
        Told(() => { open?.Commit(); return 0; });
        open?.Dispose();
        open = null;
    }

    public void Rollback()
    {
        try
        {
            open?.Dispose();
        }
        catch (DbException)
        {
            // The connection is gone, and with it what was not kept.
        }
        open = null;
    }

    /// <returns>Rows that it changed.</returns>
    public long Run(string sql, params (string Name, object? Value)[] values) => Told(() => Ready(sql, values).ExecuteNonQuery());

    public object? Scalar(string sql, params (string Name, object? Value)[] values) =>
        Told(() => Ready(sql, values).ExecuteScalar() is { } value and not DBNull ? value : null);

    public long Count(string sql, params (string Name, object? Value)[] values) =>
        new Row([Scalar(sql, values) ?? 0L], name).Number(0);

    /// <summary>All rows of a short answer.</summary>
    public IReadOnlyList<Row> Rows(string sql, params (string Name, object? Value)[] values) => Told(() =>
    {
        var rows = new List<Row>();
        using DbDataReader reader = Ready(sql, values).ExecuteReader();
        while (reader.Read())
            rows.Add(Next(reader));
        return rows;
    });

    /// <summary>Rows as they come: nothing else can be asked of this connection until the last was taken.</summary>
    public IEnumerable<Row> Stream(string sql, params (string Name, object? Value)[] values)
    {
        using DbCommand command = Command(sql, values);
        using DbDataReader reader = Told(command.ExecuteReader);
        while (Told(reader.Read))
            yield return Next(reader);
    }

    /// <summary>
    /// Many rows of one table in one statement: in PostgreSQL each column is an array of texts, in SQLite all are one array of JSON. A
    /// statement for each row takes ten times as long.
    /// </summary>
    /// <param name="columns">A <c>#</c> behind a name: a number.</param>
    /// <param name="conflict">From ON CONFLICT on.</param>
    public void Insert(string table, string[] columns, string conflict, IReadOnlyCollection<object?[]> rows)
    {
        if (rows.Count == 0)
            return;
        string[] names = [.. columns.Select(c => c.TrimEnd('#'))];
        string into = $"INSERT INTO {table} ({string.Join(", ", names)})";
        if (shared)
        {
            string selected = string.Join(", ", columns.Select(c => c.EndsWith('#') ? $"r.{c[..^1]}::bigint" : $"r.{c}"));
            Run($"{into} SELECT {selected} FROM unnest(@{string.Join(", @", names)}) AS r({string.Join(", ", names)}) {conflict}",
                [.. names.Select((n, i) => (n, (object?)rows.Select(r => TextOf(r[i])).ToArray()))]);
            return;
        }
        string cells = string.Join(", ", names.Select((_, i) => $"json_extract(value, '$[{i}]')"));
        // Without a WHERE its parser takes ON for a join's.
        Run($"{into} SELECT {cells} FROM json_each(@rows) WHERE 1 {conflict}", ("rows", JsonOf(rows)));
    }

    private static string JsonOf(IReadOnlyCollection<object?[]> rows)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (object?[] row in rows)
            {
                json.WriteStartArray();
                foreach (object? cell in row)
                {
                    if (cell is long number)
                        json.WriteNumberValue(number);
                    else
                        json.WriteStringValue(TextOf(cell));
                }
                json.WriteEndArray();
            }
            json.WriteEndArray();
        }
        return System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    /// <summary>A list of parameters that is as long for every number of values up to its length: the statement stays the same.</summary>
    public static (string Names, (string, object?)[] Values) List(string name, IReadOnlyList<string> values, int length)
    {
        (string, object?)[] list = [.. Enumerable.Range(0, length).Select(i =>
            ($"{name}{i}", (object?)values[Math.Min(i, values.Count - 1)]))];
        return ("@" + string.Join(", @", list.Select(l => l.Item1)), list);
    }

    public void Dispose()
    {
        Rollback();
        foreach (DbCommand command in ready.Values)
            command.Dispose();
        connection.Dispose();
    }

    private Row Next(DbDataReader reader)
    {
        var cells = new object?[reader.FieldCount];
        for (int i = 0; i < cells.Length; i++)
            cells[i] = reader.IsDBNull(i) ? null : reader.GetValue(i);
        return new(cells, name);
    }

    private static string? TextOf(object? value) => value switch
    {
        null => null,
        string text => Storable(text),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new ArgumentException($"{value.GetType()} is no column"),
    };

    /// <summary>A kernel's text may hold what no text of PostgreSQL can.</summary>
    private static string Storable(string text) => text.Contains('\0') ? text.Replace("\0", "\\0", StringComparison.Ordinal) : text;

    private DbCommand Ready(string sql, (string Name, object? Value)[] values)
    {
        if (!ready.TryGetValue(sql, out DbCommand? command))
        {
            if (ready.Count >= MaxReady)
            {
                foreach (DbCommand old in ready.Values)
                    old.Dispose();
                ready.Clear();
            }
            return ready[sql] = Command(sql, values);
        }
        command.Transaction = open;
        for (int i = 0; i < values.Length; i++)
            Set(command.Parameters[i], values[i].Value);
        return command;
    }

    private DbCommand Command(string sql, (string Name, object? Value)[] values)
    {
        DbCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // Every text is one of this project's own; values are parameters.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.CommandTimeout = 600;
        command.Transaction = open;
        foreach ((string parameterName, object? value) in values)
        {
            DbParameter parameter = command.CreateParameter();
            parameter.ParameterName = parameterName;
            Set(parameter, value);
            command.Parameters.Add(parameter);
        }
        return command;
    }

    private static void Set(DbParameter parameter, object? value)
    {
        parameter.Value = value is string text ? Storable(text) : value ?? DBNull.Value;
        if (value is null)
            parameter.DbType = parameter.ParameterName is "time" or "seen" ? DbType.Int64 : DbType.String;
    }

    /// <summary>What goes wrong in a database is told in its words; what may go well the next time is for whoever tries again.</summary>
    private T Told<T>(Func<T> act)
    {
        try
        {
            return act();
        }
        catch (DbException e) when (!e.IsTransient || connection.State != ConnectionState.Open)
        {
            throw new InputException(name, "store", -1, DatabaseWords.Of(e), e);
        }
        catch (Exception e) when (e is IOException or TimeoutException)
        {
            throw new InputException(name, "store", -1, DatabaseWords.Of(e), e);
        }
    }
}
