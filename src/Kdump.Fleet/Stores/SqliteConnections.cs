using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Kdump.Fleet.Stores;

/// <summary>A store in one file.</summary>
internal static class SqliteConnections
{
    public static DbConnection Open(string file)
    {
        SystemSqlite.Load(file);
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        connection.Open();
        using SqliteCommand set = connection.CreateCommand();
        // Readers go on while a scan writes; a crash of the machine costs the last moments, not the file.
        set.CommandText = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 60000; PRAGMA cache_size = -65536";
        set.ExecuteNonQuery();
        return connection;
    }
}
