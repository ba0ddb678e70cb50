using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Text;

namespace Kdump.Sources.Cases;

/// <summary>
/// The hosts with lines in one file, as written by a central syslog server: each line has a date and a host before the message (RFC
/// 3164, RFC 5424, ISO dates, journalctl's forms), or is JSON with a field for it. A machine that changes its name is still one:
/// the new name comes soon after a boot, or the kernel's clock continues as the calendar does. Any other two names are two
/// machines, unless one is a name that any machine may have; a name without its domain belongs to the only full name that begins
/// with it.
/// </summary>
internal sealed class HostColumn
{
    /// <summary>The most hosts of one file that are told apart.</summary>
    public const int MaxHosts = 4096;

    /// <summary>How many lines must have a name before it is a host: a single line may hold anything, but one of a kernel.</summary>
    private const int Enough = 2;

    /// <summary>
    /// Seconds by which a kernel's clock and the calendar may differ and still be one machine's: lines wait on their way to the
    /// log.
    /// </summary>
    private const double Slack = 5;

    /// <summary>Seconds after its start within which a kernel's lines may all have the date at which the logger came up.</summary>
    private const double Early = 600;

    private const int Day = 86_400;

    /// <summary>Words before the time: <c>Sat 2026-11-07</c>, <c>2026 Nov  7</c>.</summary>
    private const int MaxDateWords = 4;

    private static readonly HashSet<string> Priorities = new(StringComparer.OrdinalIgnoreCase)
    {
        "emerg", "panic", "alert", "crit", "critical", "err", "error", "warning", "warn", "notice", "info", "debug", "kern", "user",
        "daemon", "auth", "authpriv", "syslog", "cron", "mail", "local0", "local1", "local2", "local3", "local4", "local5", "local6",
        "local7",
    };

    private readonly Dictionary<string, Seen> hosts = new(StringComparer.Ordinal);
    private Seen? last;
    private int boots;

    /// <summary>There are more hosts than can be told apart.</summary>
    public bool Full { get; private set; }

    /// <summary>The only machine that the lines name; null if they name none, or several.</summary>
    public string? Only => Machines is [{ Named: true, Enough: true } one] ? one.Name : null;

    /// <summary>
    /// The machines and the names by which lines are theirs, if there are certainly several; empty if one machine may have written all
    /// lines. The key is empty for names that any machine may have.
    /// </summary>
    public IReadOnlyList<(string Name, string[] Hosts)> Several
    {
        get
        {
            var all = Machines;
            // Names that any machine may have count as a machine of their own if they alternate with another, or if it is unknown
            // whose they are.
            bool several = all.Count(m => m is { Named: true, Enough: true }) > 1 ||
                (all.Exists(m => m is { Named: true, Enough: true }) && all.Exists(m => m is { Named: false, Enough: true, Apart: true }));
            return several ? [.. all.Select(m => (m.Named ? m.Name : "", m.Hosts))] : [];
        }
    }

    private List<(string Name, string[] Hosts, bool Named, bool Enough, bool Apart)> Machines
    {
        get
        {
            // A short name belongs to the full name that begins with it, unless two do.
            foreach (IGrouping<string, Seen> names in hosts.Values.Where(h => h.IsName).GroupBy(h => h.Short, StringComparer.Ordinal))
            {
                Seen[] all = [.. names];
                if (all.Select(h => h.Domain).Where(d => d is not null).Distinct(StringComparer.Ordinal).Count() > 1)
                {
                    foreach (IGrouping<string?, Seen> same in all.GroupBy(h => h.Domain, StringComparer.Ordinal))
                        Array.ForEach([.. same], h => h.Join(same.First()));
                }
                else
                    Array.ForEach(all, h => h.Join(all[0]));
            }
            return [.. hosts.Values.GroupBy(h => h.Top).Select(g => (
                Name: g.OrderByDescending(h => h.IsName).ThenByDescending(h => h.Domain is not null).ThenByDescending(h =>
                    h.Lines).First().Host,
                Hosts: g.Select(h => h.Host).Order(StringComparer.Ordinal).ToArray(), Named: g.Any(h => h.IsName),
                Enough: g.Sum(h => h.Lines) >= Enough, Apart: g.Any(h => h.Apart))).OrderBy(m => m.Name, StringComparer.Ordinal)];
        }
    }

    /// <param name="kernel">The kernel's own time of it, in seconds; null: none.</param>
    public void Look(ReadOnlySpan<char> line, double? kernel = null)
    {
        ReadOnlySpan<char> found = Of(line, out int time, out bool? ofKernel);
        if (found.IsEmpty)
            return;
        ReadOnlySpan<char> day = time < 0 ? [] : line[time..];
        bool starts = line.Contains("Linux version ", StringComparison.Ordinal);
        boots += starts ? 1 : 0;
        Seen? seen = last;
        if (seen is null || !found.SequenceEqual(seen.Host))
        {
            if (!hosts.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(found, out seen))
            {
                if (hosts.Count == MaxHosts)
                {
                    Full = true;
                    return;
                }
                seen = new Seen(found.ToString());
                hosts[seen.Host] = seen;
            }
            bool sameBoot = seen.Lines > 0 && seen.Boots == boots;
            seen.Clocks(day, kernel, starts);
            // A name that returns although no kernel started belongs to another machine, and so does one with another clock.
            if (last is not null && seen.Top != last.Top)
            {
                if (!sameBoot && !seen.IsOther(last) && seen.Continues(last))
                    seen.Join(last);
                else if (sameBoot)
                    seen.Apart = last.Apart = true;
            }
            last = seen;
        }
        else
            seen.Clocks(day, kernel, starts);
        seen.Lines += ofKernel == true ? Enough : 1;
        seen.Boots = boots;
    }

    /// <summary>Adds a host that is not in a line but holds for many lines.</summary>
    public void Add(string host)
    {
        if (!IsHost(host) || hosts.ContainsKey(host))
            return;
        if (hosts.Count == MaxHosts)
            Full = true;
        else
            hosts[host] = new Seen(host) { Lines = Enough };
    }

    /// <summary>The host before the message; empty where the line has no date and host.</summary>
    public static ReadOnlySpan<char> Of(ReadOnlySpan<char> line) => Of(line, out _, out _);

    /// <summary>The same, and whether the kernel wrote the line; null: the line does not name its program.</summary>
    public static ReadOnlySpan<char> Of(ReadOnlySpan<char> line, out bool? ofKernel) => Of(line, out _, out ofKernel);

    /// <param name="time">Where the time of the day begins; -1: it is a field of JSON.</param>
    private static ReadOnlySpan<char> Of(ReadOnlySpan<char> line, out int time, out bool? ofKernel)
    {
        ofKernel = null;
        if (JsonLine.Within(line) is { IsEmpty: false } json)
        {
            time = -1;
            ofKernel = JsonLine.OfKernel(json);
            return JsonLine.Host(json) is { IsEmpty: false } told && IsHost(told) ? told : [];
        }
        int whole = line.Length;
        bool numbered = Numbered(ref line);
        int date = DateEnd(line, out time);
        if (date == 0)
            return [];
        time += whole - line.Length;
        ReadOnlySpan<char> rest = line[date..], host = Word(ref rest), program = Word(ref rest);
        // journalctl -o short-full prints the zone after the time.
        if (IsZone(host) && IsHost(program) && rest.IndexOf(' ') is > 0 and var next && rest[next - 1] == ':')
        {
            host = program;
            program = Word(ref rest);
        }
        if (!IsHost(host) || IsPriority(host))
            return [];
        // After the host comes the program with a colon; busybox writes the priority between them.
        if (IsPriority(program))
            program = Word(ref rest);
        ofKernel = program.TrimEnd(':') is "kernel" or "klogd" or "vmunix";
        return numbered || program.EndsWith(":") ? host : [];
    }

    private static bool IsHost(ReadOnlySpan<char> word)
    {
        if (word.Length is 0 or > 64)
            return false;
        // An IPv6 address, and no time.
        if (word.Contains(':'))
            return word.Count(':') > 1 && !word.EndsWith(":") && !word.ContainsAnyExcept("0123456789abcdefABCDEF:.%") &&
                (word.Contains("::", StringComparison.Ordinal) || word.Count(':') > 3);
        return char.IsAsciiLetterOrDigit(word[0]) && !word.ContainsAny("[]()=,;") && word.ContainsAnyExceptInRange('0', '9');
    }

    private static bool IsZone(ReadOnlySpan<char> word) => word.Length is > 1 and < 6 &&
        (!word.ContainsAnyExceptInRange('A', 'Z') || (word[0] is '+' or '-' && !word[1..].ContainsAnyExcept("0123456789:")));

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

    /// <summary>
    /// The position where the date and the time of a line end: <c>Nov  7 15:39:12</c>, <c>2026-11-07T15:39:12.123456+01:00</c>,
    /// <c>Sat 2026-11-07 15:39:12</c>, <c>2026 Nov  7 15:39:12.5</c>; 0 where it has none.
    /// </summary>
    private static int DateEnd(ReadOnlySpan<char> line, out int time)
    {
        time = 0;
        int at = 0;
        for (int words = 0; words <= MaxDateWords && at < line.Length; words++)
        {
            int length = line[at..].IndexOf(' ');
            if (length < 0)
                return 0;
            ReadOnlySpan<char> word = line.Slice(at, length);
            int colon = word.IndexOf(':');
            if (colon >= 2)
            {
                int from = colon - 2;
                bool clock = word.Length >= from + 8 && word[from + 5] == ':' &&
                    (from == 0 ? words > 0 : word[from - 1] == 'T' && from == 11) &&
                    !word.Slice(from, 8).ContainsAnyExcept("0123456789:");
                time = at + from;
                return clock ? at + length + 1 : 0;
            }
            bool date = length == 0 || (length == 3 && char.IsAsciiLetterUpper(word[0]) && char.IsAsciiLetterLower(word[1]) &&
                char.IsAsciiLetterLower(word[2])) || (length <= 10 && !word.ContainsAnyExcept("0123456789-/"));
            if (!date)
                return 0;
            at += length + 1;
        }
        return 0;
    }

    /// <summary>Seconds of the day of <c>15:39:12</c>.</summary>
    private static double TimeOfDay(ReadOnlySpan<char> time)
    {
        return (Two(time) * 3600) + (Two(time[3..]) * 60) + Two(time[6..]);

        static int Two(ReadOnlySpan<char> digits) => ((digits[0] - '0') * 10) + digits[1] - '0';
    }

    /// <param name="host">As it stands in the lines.</param>
    private sealed class Seen(string host)
    {
        /// <summary>The kernel's clock and the time of the day at its last line with both; -1: none.</summary>
        private double kernel = -1, day = -1;

        /// <summary>The time of the day at which its kernel started, and of its last line; -1: it did not.</summary>
        private double started = -1, now = -1;

        private Seen? of;

        /// <summary>For the first name of a machine: the full name that another of its names is.</summary>
        private string? joined;

        public string Host => host;

        /// <summary>The name up to its first dot, or all of an address; empty for a name that any machine may have.</summary>
        public string Short { get; } = !host.AsSpan().ContainsAnyExcept("0123456789.:abcdefABCDEF%") && host.AsSpan().ContainsAny('.', ':')
            ? host : MachineIdentities.NameOf(host) ?? "";

        /// <summary>The whole name, if its domain identifies something.</summary>
        public string? Domain { get; } = MachineIdentity.FullOf(host);

        public bool IsName => Short.Length > 0;

        public int Lines { get; set; }

        /// <summary>Kernels that had started when it was seen last.</summary>
        public int Boots { get; set; }

        /// <summary>This is certainly not the host of the lines around it.</summary>
        public bool Apart { get; set; }

        /// <summary>The first name of its machine.</summary>
        public Seen Top
        {
            get
            {
                Seen top = this;
                while (top.of is { } next)
                    top = next;
                return top;
            }
        }

        public void Join(Seen other)
        {
            if (Top == other.Top)
                return;
            other.Top.joined ??= Top.Full;
            Top.of = other.Top;
        }

        /// <summary>Two hosts of one name in two domains are two machines, whatever their clocks say.</summary>
        public bool IsOther(Seen one) => Short == one.Short && Top.Full is { } full && one.Top.Full is { } other && full != other;

        /// <summary>For the first name of a machine: the full name among its names.</summary>
        private string? Full => Domain ?? joined;

        public void Clocks(ReadOnlySpan<char> time, double? kernelTime, bool starts)
        {
            // JSON names the host in each line: such names are never joined to one machine by their clocks.
            if (time.IsEmpty)
                return;
            now = TimeOfDay(time);
            started = starts ? now : started;
            if (kernelTime is { } ran)
                (kernel, day) = (ran, now);
        }

        /// <summary>
        /// True if its kernel's clock continues the other's as the calendar does, or the other's kernel has just started: one
        /// machine with a new name.
        /// </summary>
        public bool Continues(Seen before)
        {
            if (started >= 0 && started == now)
                return false;
            if (kernel < 0 || before.kernel < 0)
                return before.started >= 0 && (now - before.started + Day) % Day <= Early;
            if (kernel < before.kernel)
                return false;
            double passed = (day - before.day + Day) % Day, ran = (kernel - before.kernel) % Day;
            return Math.Abs(passed - ran) <= Slack || (passed <= Slack && kernel <= Early);
        }
    }
}
