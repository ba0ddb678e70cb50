using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Kdump.Fleet.Stores;

/// <summary>What goes wrong in a database, and what to do about it: result codes of sqlite3.h, SQLSTATE of PostgreSQL's appendix
/// A.</summary>
internal static class DatabaseWords
{
    private const string Again = "what was kept stays: run the same command again";

    public static string Of(Exception e) => e switch
    {
        SqliteException sqlite => Sqlite(sqlite),
        PostgresException postgres => Postgres(postgres),
        _ when Inner<SocketException>(e) is { } socket =>
            $"no PostgreSQL server answers ({socket.SocketErrorCode}): is it running, and are host and port right?",
        NpgsqlException { InnerException: TimeoutException } or TimeoutException => $"the server took too long; {Again}",
        NpgsqlException { InnerException: IOException } or IOException => $"the connection to the server broke; {Again}",
        UnauthorizedAccessException => "no permission to read or write it",
        _ => e.Message,
    };

    private static string Sqlite(SqliteException e) => e.SqliteErrorCode switch
    {
        1 => $"is not as kdt fleet made it ({Said(e)}): another program changed it, or it is damaged",
        3 or 23 => "no permission to read or write it",
        5 or 6 => $"another program has been writing to it for a minute; {Again}",
        8 => "may not be written: see the rights of the file and of its folder",
        10 => $"reading or writing it failed ({Said(e)}): see the disk; a network file system is no place for it",
        11 => "is damaged: take a copy from before, or scan into a new store",
        13 => $"the disk is full; {Again} when there is room",
        14 => "cannot be opened: is its folder there, and may it be written?",
        26 => "is not a store of kdt fleet",
        _ => Said(e),
    };

    private static string Postgres(PostgresException e) => e.SqlState switch
    {
        "28P01" or "28000" => $"the server refuses this user or password ({e.MessageText})",
        "3D000" => $"{e.MessageText}: createdb makes one",
        "42501" => $"this user lacks a right ({e.MessageText})",
        "42P01" or "42703" => $"is not as kdt fleet made it ({e.MessageText}): another program changed it",
        "53100" => $"the server's disk is full; {Again} when there is room",
        "57P01" or "57P02" or "57P03" => $"the server stops or starts ({e.MessageText}); {Again}",
        _ => e.MessageText,
    };

    /// <summary>SQLite's own words, without the library's around them: <c>SQLite Error 13: 'database or disk is full'.</c></summary>
    private static string Said(SqliteException e) => e.Message.IndexOf('\'', StringComparison.Ordinal) is > 0 and var from &&
        e.Message.LastIndexOf('\'') is var to && to > from ? e.Message[(from + 1)..to] : e.Message;

    private static T? Inner<T>(Exception e) where T : Exception
    {
        for (Exception? at = e; at is not null; at = at.InnerException)
        {
            if (at is T found)
                return found;
        }
        return null;
    }
}
