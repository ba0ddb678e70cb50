using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Sources.Cases;

/// <summary>
/// The hosts with lines in one file, as written by a central syslog server: each line has a date and a host before the message
/// (RFC 3164, RFC 5424, and rsyslog's form with an ISO date). A machine that changes its name has two names and is one: its new name comes
/// with a
/// boot, or its kernel's clock goes on with the calendar's. Hosts are several where their lines alternate while no kernel starts, where
/// the clock of the second is another one, and where there are three without either.
/// </summary>
internal sealed class HostColumn
{
    /// <summary>Hosts of one file that are told apart.</summary>
    public const int MaxHosts = 4096;

    /// <summary>Seconds by which two clocks may differ that are one: lines wait on their way to the log.</summary>
    private const double Slack = 5;

    /// <summary>Seconds after its start within which a kernel's lines may all have the date at which the logger came up.</summary>
    private const double Early = 600;

    private const int Day = 86_400;

    private static readonly HashSet<string> Priorities = new(StringComparer.OrdinalIgnoreCase)
    {
        "emerg", "panic", "alert", "crit", "critical", "err", "error", "warning", "warn", "notice", "info", "debug", "kern", "user",
        "daemon", "auth", "authpriv", "syslog", "cron", "mail", "local0", "local1", "local2", "local3", "local4", "local5", "local6",
        "local7",
    };

    private readonly Dictionary<string, Seen> hosts = new(StringComparer.Ordinal);
    private Seen? last;
    private int boots;

    /// <summary>There are more hosts than are told apart.</summary>
    public bool Full { get; private set; }

    /// <summary>The hosts if there are certainly several; empty if one machine may have written all lines.</summary>
    public IReadOnlyList<string> Several
    {
        get
        {
            Seen[] named = [.. hosts.Values.Where(h => h.IsName)];
            bool apart = named.Select(h => h.Short).Distinct(StringComparer.Ordinal).Count() > 2;
            string[] several = [.. hosts.Values.Where(h => h.Apart || (apart && h.IsName)).Select(h => h.Host)
                .Order(StringComparer.Ordinal)];
            return several.Length > 1 ? several : [];
        }
    }

    /// <param name="kernel">The kernel's own time of it, in seconds; null: none.</param>
    public void Look(ReadOnlySpan<char> line, double? kernel = null)
    {
        ReadOnlySpan<char> found = Of(line);
        if (found.IsEmpty)
            return;
        bool starts = line.Contains("Linux version ", StringComparison.Ordinal);
        boots += starts ? 1 : 0;
        if (last is not null && found.SequenceEqual(last.Host))
        {
            last.Boots = boots;
            last.Clocks(line, kernel, starts);
            return;
        }
        if (!hosts.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(found, out Seen? seen))
        {
            if (hosts.Count == MaxHosts)
            {
                Full = true;
                return;
            }
            string host = found.ToString();
            hosts[host] = seen = new Seen(host, MachineIdentities.NameOf(host) is { } name ? name : "");
            seen.Clocks(line, kernel, starts);
            if (last is not null && last.Boots == boots && seen.IsName && last.IsName && seen.Short != last.Short && !seen.Continues(last))
                seen.Apart = last.Apart = true;
        }
        else
        {
            if (seen.Boots == boots && last is not null)
                seen.Apart = last.Apart = true;
            seen.Clocks(line, kernel, starts);
        }
        seen.Boots = boots;
        last = seen;
    }

    /// <summary>The host before the message; empty where the line has no date and host.</summary>
    public static ReadOnlySpan<char> Of(ReadOnlySpan<char> line)
    {
        bool numbered = Numbered(ref line);
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
        return numbered || program.EndsWith(":") ? host : [];
    }

    /// <summary>Takes the priority off (<c>&lt;3&gt;</c>); true if the version of RFC 5424 follows, which has no colon behind the
    /// program.</summary>
    private static bool Numbered(ref ReadOnlySpan<char> line)
    {
        if (line.Length < 8 || line[0] != '<' || line[..6].IndexOf('>') is not (> 1 and var end) ||
            line[1..end].ContainsAnyExceptInRange('0', '9'))
            return false;
        line = line[(end + 1)..];
        bool versioned = line.StartsWith("1 ");
        line = versioned ? line[2..] : line;
        return versioned;
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

    /// <summary>Seconds of the day; -1 where the date has another form.</summary>
    private static double TimeOfDay(ReadOnlySpan<char> line)
    {
        Numbered(ref line);
        ReadOnlySpan<char> time = DateEnd(line) == 16 ? line[7..15] : line[11..19];
        return time[2] == ':' && time[5] == ':' && !time.ContainsAnyExcept("0123456789:")
            ? (Two(time) * 3600) + (Two(time[3..]) * 60) + Two(time[6..]) : -1;

        static int Two(ReadOnlySpan<char> digits) => ((digits[0] - '0') * 10) + digits[1] - '0';
    }

    /// <param name="host">As it stands in the lines.</param>
    /// <param name="name">Up to its first dot; empty for a name that any machine may have.</param>
    private sealed class Seen(string host, string name)
    {
        /// <summary>The kernel's clock and the time of the day at its last line with both; -1: none.</summary>
        private double kernel = -1, day = -1;

        /// <summary>The time of the day at which its kernel started, and of its last line; -1: it did not.</summary>
        private double started = -1, now = -1;

        public string Host => host;

        public string Short => name;

        public bool IsName => name.Length > 0;

        /// <summary>Kernels that had started when it was seen last.</summary>
        public int Boots { get; set; }

        /// <summary>It is certainly not the host of the lines around it.</summary>
        public bool Apart { get; set; }

        public void Clocks(ReadOnlySpan<char> line, double? time, bool starts)
        {
            now = TimeOfDay(line);
            started = starts ? now : started;
            if (time is { } ran && now >= 0)
                (kernel, day) = (ran, now);
        }

        /// <summary>Its kernel's clock goes on from the other's as the calendar does, or the other's kernel has just started: one machine
        /// that has been given another name.</summary>
        public bool Continues(Seen before)
        {
            if (kernel < 0 || before.kernel < 0)
                return before.started >= 0 && (now - before.started + Day) % Day <= Early;
            if (kernel < before.kernel)
                return false;
            double passed = (day - before.day + Day) % Day, ran = (kernel - before.kernel) % Day;
            return Math.Abs(passed - ran) <= Slack || (passed <= Slack && kernel <= Early);
        }
    }
}
