namespace Kdump.Sources.Cases;

/// <summary>
/// The hosts with lines in one file, as written by a central syslog server: each line has a date and a host before the message
/// (RFC 3164, and rsyslog's form with an ISO date). A machine that changes its name at boot has two names and is one; hosts whose lines
/// alternate while no kernel starts are several.
/// </summary>
internal sealed class HostColumn
{
    private const int MaxHosts = 64;

    private static readonly HashSet<string> Priorities = new(StringComparer.OrdinalIgnoreCase)
    {
        "emerg", "panic", "alert", "crit", "critical", "err", "error", "warning", "warn", "notice", "info", "debug", "kern", "user",
        "daemon", "auth", "authpriv", "syslog", "cron", "mail", "local0", "local1", "local2", "local3", "local4", "local5", "local6",
        "local7",
    };

    private readonly Dictionary<string, Seen> hosts = new(StringComparer.Ordinal);
    private string? last;
    private int boots;

    /// <summary>The hosts if there are certainly several; empty if one machine may have written all lines.</summary>
    public IReadOnlyList<string> Several
    {
        get
        {
            string[] apart = [.. hosts.Where(h => h.Value.Returned).Select(h => h.Key).Order(StringComparer.Ordinal)];
            return apart.Length > 1 ? apart : [];
        }
    }

    public void Look(ReadOnlySpan<char> line)
    {
        ReadOnlySpan<char> found = Of(line);
        if (found.IsEmpty)
            return;
        if (line.Contains("Linux version ", StringComparison.Ordinal))
            boots++;
        if (last is not null && found.SequenceEqual(last))
        {
            hosts[last].Boots = boots;
            return;
        }
        string host = found.ToString();
        if (!hosts.TryGetValue(host, out Seen? seen))
        {
            if (hosts.Count == MaxHosts)
                return;
            hosts[host] = seen = new Seen();
        }
        else if (seen.Boots == boots && last is not null)
        {
            seen.Returned = true;
            hosts[last].Returned = true;
        }
        seen.Boots = boots;
        last = host;
    }

    /// <summary>Selects the lines of one host, and the lines without a host that follow them.</summary>
    public static Diagnosis.Text.LineFilter Only(string host)
    {
        bool own = false;
        return line =>
        {
            ReadOnlySpan<char> found = Of(line);
            if (!found.IsEmpty)
                own = found.SequenceEqual(host);
            return own;
        };
    }

    /// <summary>The host before the message; empty where the line has no date and host.</summary>
    private static ReadOnlySpan<char> Of(ReadOnlySpan<char> line)
    {
        int date = DateEnd(line);
        if (date == 0)
            return [];
        ReadOnlySpan<char> rest = line[date..], host = Word(ref rest);
        if (host.Length is 0 or > 64 || !char.IsAsciiLetterOrDigit(host[0]) || host.ContainsAny(":[]()=") || IsPriority(host))
            return [];
        // After the host comes the program with a colon; busybox writes the priority between them.
        ReadOnlySpan<char> program = Word(ref rest);
        if (IsPriority(program))
            program = Word(ref rest);
        return program.EndsWith(":") ? host : [];
    }

    private static ReadOnlySpan<char> Word(scoped ref ReadOnlySpan<char> rest)
    {
        int end = rest.IndexOf(' ');
        ReadOnlySpan<char> word = end < 0 ? rest : rest[..end];
        rest = end < 0 ? [] : rest[(end + 1)..];
        return word;
    }

    /// <summary>A severity or facility of syslog(3), or both: <c>warning</c>, <c>kern.info</c>.</summary>
    private static bool IsPriority(ReadOnlySpan<char> word)
    {
        int dot = word.IndexOf('.');
        return Priorities.GetAlternateLookup<ReadOnlySpan<char>>().Contains(dot < 0 ? word : word[..dot]);
    }

    /// <summary><c>Nov  7 15:39:12 </c> or <c>2026-11-07T15:39:12.123456+01:00 </c>, and where it ends.</summary>
    private static int DateEnd(ReadOnlySpan<char> line)
    {
        if (line.Length > 16 && char.IsAsciiLetterUpper(line[0]) && line[3] == ' ' && line[6] == ' ' && line[9] == ':' && line[12] == ':'
            && line[15] == ' ')
            return 16;
        bool iso = line.Length > 21 && line[4] == '-' && line[7] == '-' && line[10] == 'T' && line[13] == ':' && char.IsAsciiDigit(line[0]);
        return iso && line.IndexOf(' ') is > 0 and <= 40 and var blank ? blank + 1 : 0;
    }

    private sealed class Seen
    {
        /// <summary>Kernels that had started when it was seen last.</summary>
        public int Boots { get; set; }

        public bool Returned { get; set; }
    }
}
