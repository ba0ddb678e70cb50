using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Kdump.Fleet.Stores;

/// <summary>A store in one file.</summary>
internal static class SqliteConnections
{
    /// <summary>SQLITE_READONLY and SQLITE_CANTOPEN, sqlite3.h.</summary>
    private const int ReadOnly = 8, CannotOpen = 14;

    /// <param name="write">False: one that may not be written is read as it is.</param>
    public static DbConnection Open(string file, bool write)
    {
        SystemSqlite.Load(file);
        if (!write)
            Foreign(file);
        try
        {
            // Readers go on while a scan writes; a crash of the machine costs the last moments, not the file.
            return Opened(file, "PRAGMA trusted_schema = OFF; " +
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 60000; PRAGMA cache_size = -65536");
        }
        catch (SqliteException e) when (!write && e.SqliteErrorCode is ReadOnly or CannotOpen && !File.Exists(file + "-wal"))
        {
            // Without a log file beside it no other process writes, and SQLite needs no files of its own there.
            return Opened($"file:{Uri.EscapeDataString(Path.GetFullPath(file))}?immutable=1",
                "PRAGMA trusted_schema = OFF; PRAGMA query_only = 1");
        }
    }

    /// <summary>A file of another program is not changed by looking at it, and WAL is a change.</summary>
    private static void Foreign(string file)
    {
        if (!File.Exists(file))
            return;
        // SQLite takes an empty file for a new database.
        if (new FileInfo(file) is { Length: 0 })
            throw new ArgumentException("is empty: not a store of kdt fleet");
        using SqliteConnection looked = Opened($"file:{Uri.EscapeDataString(Path.GetFullPath(file))}?mode=ro",
            "PRAGMA trusted_schema = OFF; PRAGMA busy_timeout = 60000");
        using SqliteCommand ask = looked.CreateCommand();
        ask.CommandText = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'kdump_fleet'";
        if (ask.ExecuteScalar() is null)
            throw new ArgumentException("is not a store of kdt fleet");
    }

    private static SqliteConnection Opened(string source, string pragmas)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = source, Pooling = false }.ToString());
        try
        {
            connection.Open();
            using SqliteCommand set = connection.CreateCommand();
#pragma warning disable CA2100 // Both texts stand above.
            set.CommandText = pragmas;
#pragma warning restore CA2100
            set.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
