using System.Data.Common;
using System.Globalization;
using Npgsql;

namespace Kdump.Fleet.Stores;

/// <summary>A store in PostgreSQL, by the URL that libpq knows: <c>postgresql://user:password@host:port/name?host=/run/postgresql</c>.</summary>
internal static class PostgresConnection
{
    public static DbConnection Open(string url)
    {
        var place = new Uri(url);
        string[] user = place.UserInfo.Split(':', 2);
        var words = new NpgsqlConnectionStringBuilder
        {
            Host = place.Host.Length > 0 ? Uri.UnescapeDataString(place.Host) : "/run/postgresql",
            Port = place.Port > 0 ? place.Port : 5432,
            Database = place.AbsolutePath.Trim('/') is { Length: > 0 } name ? Uri.UnescapeDataString(name) : null,
            Username = user[0].Length > 0 ? Uri.UnescapeDataString(user[0]) : Environment.UserName,
            Password = user.Length > 1 ? Uri.UnescapeDataString(user[1]) : Environment.GetEnvironmentVariable("PGPASSWORD"),
            Pooling = false,
            CommandTimeout = 600,
        };
        foreach (string option in place.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] pair = option.Split('=', 2);
            string value = pair.Length > 1 ? Uri.UnescapeDataString(pair[1]) : "";
            switch (pair[0])
            {
                case "host": words.Host = value; break;
                case "port": words.Port = int.Parse(value, CultureInfo.InvariantCulture); break;
                case "sslmode": words.SslMode = Enum.Parse<SslMode>(value.Replace("-", "", StringComparison.Ordinal), ignoreCase: true); break;
                case "options" when value.StartsWith("-csearch_path=", StringComparison.Ordinal):
                    words.SearchPath = value["-csearch_path=".Length..]; break;
                default: throw new ArgumentException($"the option {pair[0]} of the URL is not known (host, port, sslmode)");
            }
        }
        NpgsqlDataSource source = new NpgsqlSlimDataSourceBuilder(words.ToString()).EnableTransportSecurity().Build();
        return source.OpenConnection();
    }

    /// <summary>A store's name as messages have it: without the password of a URL.</summary>
    public static string Shown(string place)
    {
        int scheme = place.IndexOf("://", StringComparison.Ordinal), at = place.IndexOf('@', StringComparison.Ordinal);
        int colon = scheme < 0 ? -1 : place.IndexOf(':', scheme + 3);
        return colon > 0 && at > colon ? string.Concat(place.AsSpan(0, colon), place.AsSpan(at)) : place;
    }
}
