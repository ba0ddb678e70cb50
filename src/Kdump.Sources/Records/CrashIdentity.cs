using System.Globalization;
using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Times;

namespace Kdump.Sources.Records;

/// <summary>
/// What identifies a crash in every input that reports it: content of the log, never the name, time or wrapper of the file.
/// </summary>
internal static class CrashIdentity
{
    /// <summary>
    /// How many lines of registers, and of last words, are taken from each end of a life: what a copy lacks, it lacks at its ends.
    /// </summary>
    private const int FromEach = 1;

    /// <summary>In seconds. Each moment is in two such spans, so that two moments half a span apart have one in common.</summary>
    private const long Together = 64;

    /// <summary>The time of a crash by the kernel's own clock; null where the log has no such times.</summary>
    public static string? MomentOf(Crash crash) => crash.Time is > 0 and double since
        ? since.ToString("f6", CultureInfo.InvariantCulture) : null;

    public static string EventOf(Crash crash, string moment) => ContentHash.OfText($"{moment}|{crash.Kind}");

    /// <summary>The moment to the microsecond, with the task and CPU: no two machines have that in common.</summary>
    public static string? MarkOf(Crash crash) => MomentOf(crash) is { } moment &&
        crash.Context is { Pid: { } pid, Comm: { } task, Cpu: { } cpu }
        ? ContentHash.OfText($"{moment}|{crash.Kind}|{cpu}|{pid}|{task}|{crash.Context.Release}") : null;

    /// <summary>The first mark of a machine's crashes that can identify a machine without a name.</summary>
    public static string? FirstOf(Facts facts, IEnumerable<IGrouping<Boot?, Crash>> lives)
    {
        string? print = null;
        foreach (IGrouping<Boot?, Crash> life in lives)
        {
            CrashPrint[] own = PrintsOf(facts, life.Key);
            if (MomentMarkOf(life, own) is { } mark)
                return mark;
            print ??= Array.Find(own, p => p.Strong)?.Mark;
        }
        return print;
    }

    /// <summary>
    /// The mark of a life's first report that names task and CPU; if none does (hung tasks), of its first report and its last
    /// words, each with its microsecond.
    /// </summary>
    private static string? MomentMarkOf(IEnumerable<Crash> life, CrashPrint[] own)
    {
        Crash? first = null;
        foreach (Crash crash in life)
        {
            if (MarkOf(crash) is { } mark)
                return mark;
            first ??= crash;
        }
        return first is not null && MomentOf(first) is { } moment && Array.FindLast(own, p => !p.Strong) is { } last
            ? ContentHash.OfText($"{moment}|{first.Kind}|{first.Source.Plain[^Math.Min(first.Source.Plain.Length, 40)..]}|" +
                $"{MicrosecondsOf(last.Source)}|{last.Mark}") : null;
    }

    private static CrashPrint[] PrintsOf(Facts facts, Boot? life) => [.. facts.Of<CrashPrint>().Where(p => p.Boot == life)];

    /// <summary>All marks of one life: of its reports, the first and the last registers, the last words.</summary>
    /// <param name="date">Seconds since 1970 that the log tells of it; null: none.</param>
    public static IReadOnlyList<CrashMark> MarksOf(Facts facts, IGrouping<Boot?, Crash> life, Crash main, long? date)
    {
        CrashPrint[] own = PrintsOf(facts, life.Key);
        CrashPrint[] strong = Array.FindAll(own, p => p.Strong), weak = Array.FindAll(own, p => !p.Strong);
        var marks = new List<CrashMark>();
        if (MarkOf(main) is { } mark)
            marks.Add(new(mark, null));
        if (MomentMarkOf(life, own) is { } moment)
            marks.Add(new(moment, null));
        marks.AddRange(strong.Take(FromEach).Concat(strong.TakeLast(FromEach)).Select(p =>
            new CrashMark(p.Mark, MicrosecondsOf(p.Source))));
        marks.AddRange(weak.TakeLast(FromEach).Select(p =>
            new CrashMark(CrashMark.Within + ContentHash.OfText($"{p.Mark}|{MicrosecondsOf(p.Source)}")[1..], null)));
        // Without registers: the same task on the same CPU in the same function, within half a minute by the calendar.
        if (strong.Length == 0 && date is long when &&
            main is { Context: { Pid: { } pid, Comm: { } task, Cpu: { } cpu }, Function: { } place })
        {
            foreach (long span in (long[])[when / Together, -((when + (Together / 2)) / Together)])
                marks.Add(new(CrashMark.Within + ContentHash.OfText($"{main.Kind}|{cpu}|{pid}|{task}|{place}|{span}")[1..],
                    MicrosecondsOf(main.Source)));
        }
        return [.. marks.Distinct()];
    }

    /// <summary>For a line without the kernel's clock: its own date, as it is written.</summary>
    public static string? DateOf(Source? line) => line is null ? null : CrashTime.Stated(line);

    private static long? MicrosecondsOf(Source line) => line.Time is > 0 and < 1e12 and double time ? (long)Math.Round(time * 1e6) : null;
}
