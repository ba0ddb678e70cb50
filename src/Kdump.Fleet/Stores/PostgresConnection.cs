using System.Data.Common;
using System.Globalization;
using Npgsql;

namespace Kdump.Fleet.Stores;

/// <summary>A store in PostgreSQL, by the URL that libpq knows:
/// <c>postgresql://user:password@host:port/name?host=/run/postgresql</c>.</summary>
internal static class PostgresConnection
{
    public static DbConnection Open(string url)
    {
        // Not by Uri: without a host (a socket's folder in the query) it takes none of these.
        string rest = url[(url.IndexOf("://", StringComparison.Ordinal) + 3)..];
        string query = rest.IndexOf('?') is >= 0 and var asked ? rest[(asked + 1)..] : "";
        rest = rest.Split('?')[0];
        string authority = rest.Split('/')[0], name = rest[authority.Length..].TrimStart('/');
        int at = authority.LastIndexOf('@');
        (string user, string password) = Split(at < 0 ? "" : authority[..at], ':');
        (string host, string port) = Split(authority[(at + 1)..], ':');
        var words = new NpgsqlConnectionStringBuilder
        {
            Host = host.Length > 0 ? host : "/run/postgresql",
            Port = PortOf(port.Length > 0 ? port : "5432"),
            Database = name.Length > 0 ? Uri.UnescapeDataString(name) : null,
            Username = user.Length > 0 ? user : Environment.UserName,
            Password = password.Length > 0 ? Uri.UnescapeDataString(password) : Environment.GetEnvironmentVariable("PGPASSWORD"),
            Pooling = false,
            CommandTimeout = 600,
            MaxAutoPrepare = 64,
            AutoPrepareMinUsages = 2,
        };
        foreach (string option in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            (string key, string escaped) = Split(option, '=');
            string value = Uri.UnescapeDataString(escaped);
            switch (key)
            {
                case "host": words.Host = value; break;
                case "port": words.Port = PortOf(value); break;
                case "sslmode": words.SslMode = Enum.TryParse(value.Replace("-", "", StringComparison.Ordinal),
                    ignoreCase: true, out SslMode mode) ? mode
                    : throw new ArgumentException($"{value} is no sslmode: disable, allow, prefer, require, verify-ca, verify-full"); break;
                case "options" when value.StartsWith("-csearch_path=", StringComparison.Ordinal):
                    words.SearchPath = value["-csearch_path=".Length..]; break;
                default: throw new ArgumentException($"the option {key} of the URL is not known (host, port, sslmode)");
            }
        }
        NpgsqlDataSource source = new NpgsqlSlimDataSourceBuilder(words.ToString()).EnableTransportSecurity().EnableArrays().Build();
        NpgsqlConnection connection = source.OpenConnection();
        using NpgsqlCommand set = connection.CreateCommand();
        // A crash of the server costs the last moments of a scan, which the next one makes good; no unit waits for the disk.
        set.CommandText = "SET synchronous_commit = off";
        set.ExecuteNonQuery();
        return connection;
    }

    private static (string Before, string After) Split(string text, char mark) => text.IndexOf(mark) is >= 0 and var at
        ? (Uri.UnescapeDataString(text[..at]), text[(at + 1)..]) : (Uri.UnescapeDataString(text), "");

    private static int PortOf(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int port) &&
        port is > 0 and < 65536
        ? port : throw new ArgumentException($"{text} is no port");

    /// <summary>A store's name as messages have it: without the password of a URL.</summary>
    public static string Shown(string place)
    {
        if (place.IndexOf('?', StringComparison.Ordinal) is > 0 and var query &&
            place.AsSpan(query).Contains("password=", StringComparison.OrdinalIgnoreCase))
            return Shown(place[..query]);
        int scheme = place.IndexOf("://", StringComparison.Ordinal), at = place.IndexOf('@', StringComparison.Ordinal);
        int colon = scheme < 0 ? -1 : place.IndexOf(':', scheme + 3);
        return colon > 0 && at > colon ? string.Concat(place.AsSpan(0, colon), place.AsSpan(at)) : place;
    }
}
