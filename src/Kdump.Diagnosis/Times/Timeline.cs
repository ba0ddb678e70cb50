using System.Globalization;
using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Times;

/// <summary>A line of a finding's evidence, with its time.</summary>
/// <param name="Seconds">Since 1970 on the clock of the <see cref="Timeline"/>.</param>
public sealed record TimelineEvent(double Seconds, Source Source, string Finding);

/// <summary>
/// What happened when, across inputs whose clocks can be joined: a kernel counts seconds since its start, loggers write local time,
/// some lines tell both. If no line joins two inputs, their order is not known, and a note says so.
/// </summary>
/// <param name="Utc">The times are UTC; else the local time of a place that the inputs do not name.</param>
/// <param name="HasYear">False: no input says which year it was.</param>
/// <param name="Events">Earliest first; of two inputs at least, or none.</param>
/// <param name="Joints">For each kernel whose seconds were turned into a time of day: the line that tells how.</param>
/// <param name="Notes">What the order does not tell, and which input would tell it.</param>
public sealed record Timeline(bool Utc, bool HasYear,
    IReadOnlyList<TimelineEvent> Events, IReadOnlyList<Source> Joints, IReadOnlyList<string> Notes)
{
    public static Timeline None { get; } = new(Utc: true, HasYear: true, [], [], []);

    /// <summary>The time as people write it; the year only where it is known.</summary>
    public string Time(TimelineEvent e) => DateTime.UnixEpoch.AddSeconds(Math.Round(e.Seconds, 3))
        .ToString($"{(HasYear ? "yyyy-" : "")}MM-ddTHH:mm:ss.fff{(HasYear && Utc ? "Z" : "")}", CultureInfo.InvariantCulture);

    /// <summary>The time of a line by its own stamp; null where it has none.</summary>
    public static string? Clock(Source source)
    {
        if ((WallTime.Of(source.Plain) ?? WallTime.Of(source.Text)) is { } wall)
            return DateTime.UnixEpoch.AddSeconds(Math.Floor(wall.Seconds))
                .ToString(wall.HasYear ? "yyyy-MM-dd HH:mm:ss" : "MM-dd HH:mm:ss", CultureInfo.InvariantCulture) +
                (wall.Utc, wall.HasYear) switch
                {
                    (true, _) => " UTC",
                    (_, true) => " (the machine's time)",
                    _ => " (the machine's time, year not told)",
                };
        return KernelLine.Parse(source.Plain).Time is double seconds
            ? seconds.ToString("0.000", CultureInfo.InvariantCulture) + " s after its kernel started" : null;
    }

    private sealed record Moment(Source Source, string Finding, Boot? Boot, double? Kernel, WallTime? Wall);

    public static Timeline Of(Facts facts, Verdict verdict)
    {
        var boots = new BootsByLine(facts);
        var moments = new List<Moment>();
        foreach (Finding finding in verdict.Findings)
        {
            // Only the first line of each input: the others repeat it.
            foreach (Source source in finding.Evidence.Where(s => s.Line > 0))
            {
                double? kernel = KernelLine.Parse(source.Plain).Time;
                WallTime? wall = WallTime.Of(source.Plain);
                if ((kernel is not null || wall is not null) &&
                    !moments.Exists(m => m.Source == source || (m.Finding == finding.Key && m.Source.Input == source.Input)))
                    moments.Add(new(source, finding.Key, boots.At(source), kernel, wall));
            }
        }
        string[] inputs = [.. moments.Select(m => m.Source.Input).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return inputs.Length < 2 ? None : Placed(moments, inputs, Clocks(facts, boots, moments));
    }

    private static Dictionary<Boot, BootClock> Clocks(Facts facts, BootsByLine boots, List<Moment> moments)
    {
        var clocks = new Dictionary<Boot, BootClock>();
        BootClock Of(Boot boot) => clocks.TryGetValue(boot, out BootClock? known) ? known : clocks[boot] = new BootClock();
        foreach (ClockAnchor anchor in facts.Of<ClockAnchor>().Where(a => a.Boot is not null))
            Of(anchor.Boot!).Learn(anchor.Source, anchor.UnixSeconds);
        foreach (Fact fact in facts.All.Where(f => f.Boot is not null && f.Source.Line > 0 && f is not ClockAnchor))
            Of(fact.Boot!).Learn(fact.Source, utc: null);
        foreach (Moment moment in moments.Where(m => m.Boot is not null))
            Of(moment.Boot!).Learn(moment.Source, utc: null);
        // The same report of the same kernel may be in one input with seconds since the start, in another with the time of day.
        IReadOnlyList<Crash> crashes = facts.Of<Crash>();
        foreach (Crash a in crashes.Where(c => c.Boot is not null && c.Time is not null))
        {
            Crash? b = crashes.FirstOrDefault(
                c => c.Source.Input != a.Source.Input && IsSame(a, c) && WallTime.Of(c.Source.Plain) is not null);
            if (b is not null)
                Of(a.Boot!).Learn(a.Time!.Value, WallTime.Of(b.Source.Plain)!.Value, b.Source);
        }
        foreach (BootClock clock in clocks.Values)
            clock.Settle();
        return clocks;
    }

    /// <summary>Registers hold addresses of one moment of one machine: no two crashes share them.</summary>
    private static bool IsSame(Crash a, Crash b) =>
        a.Title == b.Title && a.Registers.Count > 3 && a.Registers.Count == b.Registers.Count &&
            a.Registers.All(r => b.Registers.Any(o => o.Key == r.Key && o.Value == r.Value));

    private static Timeline Placed(List<Moment> moments, string[] inputs, Dictionary<Boot, BootClock> clocks)
    {
        (double Seconds, bool Utc, bool HasYear)?[] times = moments.Select(m => TimeOf(m, clocks)).ToArray();
        int Inputs(Func<(double Seconds, bool Utc, bool HasYear), bool> on) =>
            moments.Where((_, i) => times[i] is { } t && on(t)).Select(m => m.Source.Input).Distinct().Count();
        int utc = Inputs(t => t.Utc), year = Inputs(t => !t.Utc && t.HasYear), none = Inputs(t => !t.Utc && !t.HasYear);
        // One clock for all events: the one that most inputs share; UTC if several are shared equally.
        bool useUtc = utc >= year && utc >= none, useYear = useUtc || year >= none;
        bool On((double Seconds, bool Utc, bool HasYear)? t) => t is { } known && known.Utc == useUtc && known.HasYear == useYear;
        List<TimelineEvent> events = moments.Select((m, i) => (m, times[i])).Where(e => On(e.Item2))
            .Select(e => new TimelineEvent(e.Item2!.Value.Seconds, e.m.Source, e.m.Finding))
            .OrderBy(e => e.Seconds).ThenBy(e => e.Source.Input, StringComparer.Ordinal).ThenBy(e => e.Source.Line).ToList();
        string[] placed = [.. events.Select(e => e.Source.Input).Distinct(StringComparer.Ordinal)];
        var notes = new List<string>();
        foreach (string input in inputs.Where(i => placed.Length < 2 || !placed.Contains(i, StringComparer.Ordinal)))
        {
            bool counts = moments.Exists(m => m.Source.Input == input && m.Wall is null);
            notes.Add(
                $"{input}: " +
                    (counts ? "counts seconds since its kernel's start, and no line in it tells the time of day"
                        : "its clock is another, and nothing joins them"));
        }
        if (placed.Length < 2)
            return new(useUtc, useYear, [], [],
                [.. notes,
                "the order between these inputs is not known; lines of one kernel with both clocks would tell " +
                "(journalctl -k -o short-iso-precise, or the line «setting system clock to»)"]);
        BootClock[] used = [.. moments.Where(m => m.Boot is not null && m.Kernel is not null && placed.Contains(m.Source.Input))
            .Select(m => clocks.GetValueOrDefault(m.Boot!)).OfType<BootClock>().Distinct()];
        foreach (BootClock clock in used.Where(c => c.Jump > 0))
            notes.Add(
                $"the clock was set by {clock.Jump:f0} s while the kernel of {clock.Joint!.Input} ran: " +
                "between its inputs the order is no surer than that");
        return new(useUtc, useYear, events, [.. used.Where(c => c.Joint is not null).Select(c => c.Joint!).DistinctBy(s => s.Place)],
            notes);
    }

    private static (double Seconds, bool Utc, bool HasYear)? TimeOf(Moment m, Dictionary<Boot, BootClock> clocks)
    {
        if (m.Wall is { Utc: true } utc)
            return (utc.Seconds, true, true);
        BootClock? clock = m.Boot is null ? null : clocks.GetValueOrDefault(m.Boot);
        if (m.Kernel is double kernel && clock?.UtcOf(kernel) is double told)
            return (told, true, true);
        if (m.Wall is { } wall)
            return clock?.UtcOf(wall) is double from ? (from, true, true) : (wall.Seconds, false, wall.HasYear);
        return m.Kernel is double since && clock?.LocalOf(since) is { } local ? (local.Seconds, false, local.HasYear) : null;
    }
}
