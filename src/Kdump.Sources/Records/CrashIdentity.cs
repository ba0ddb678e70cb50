using System.Globalization;
using System.Text.RegularExpressions;
using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Times;

namespace Kdump.Sources.Records;

/// <summary>
/// What identifies a crash in every input that reports it: content of the log, never the name, time or wrapper of the file.
/// </summary>
internal static partial class CrashIdentity
{
    /// <summary>
    /// How many lines of registers are taken from each end of a life, and of its main report: what a copy lacks, it lacks at its ends.
    /// </summary>
    private const int FromEach = 2, OfMain = 4;

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
            CrashPrint[] own = PrintsOf(facts, life.Key, quoted: false);
            string? registers = Array.Find(own, p => p.Strong)?.Mark;
            if (MomentMarkOf(life, own) is { } mark)
                return mark + registers;
            print ??= registers;
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

    private static CrashPrint[] PrintsOf(Facts facts, Boot? life, bool quoted) =>
        [.. facts.Of<CrashPrint>().Where(p => p.Boot == life && p.Quoted == quoted)];

    /// <summary>The lines of registers by which a crash is known: those of its main report, and the first and the last of its
    /// life.</summary>
    public static IReadOnlyList<CrashPrint> RegistersOf(Facts facts, Boot? life, bool quoted, Crash main)
    {
        CrashPrint[] all = [.. PrintsOf(facts, life, quoted).Where(p => p.Strong)];
        return [.. all.Where(p => p.Source.Input == main.Source.Input && p.Source.Line >= main.FirstLine &&
            p.Source.Line <= main.LastLine).Take(OfMain).Concat(all.Take(FromEach)).Concat(all.TakeLast(FromEach))
            .DistinctBy(p => (p.Mark, p.Source.Line))];
    }

    /// <summary>All marks of one life: of its reports, of its registers, the last words.</summary>
    /// <param name="quoted">Of what another program printed.</param>
    /// <param name="date">Seconds since 1970 that the log tells of it; null: none.</param>
    public static IReadOnlyList<CrashMark> MarksOf(Facts facts, IGrouping<Boot?, Crash> life, bool quoted, Crash main, long? date)
    {
        CrashPrint[] own = PrintsOf(facts, life.Key, quoted);
        CrashPrint[] strong = Array.FindAll(own, p => p.Strong), weak = Array.FindAll(own, p => !p.Strong);
        var marks = new List<CrashMark>();
        if (MarkOf(main) is { } mark)
            marks.Add(new(mark, null));
        if (MomentMarkOf(life, own) is { } moment)
            marks.Add(new(moment, null));
        marks.AddRange(RegistersOf(facts, life.Key, quoted, main).Select(p => new CrashMark(p.Mark, MicrosecondsOf(p.Source))));
        if (weak.Length > 0)
            marks.Add(new(CrashMark.WithinOf(ContentHash.OfText($"{weak[^1].Mark}|{MicrosecondsOf(weak[^1].Source)}")), null));
        if (MomentOf(main) is { } at)
            marks.Add(new(WithinOf(main, at), null));
        marks.AddRange(TaskMarksOf(main));
        // Without registers: the same task on the same CPU in the same function, within half a minute by the calendar.
        if (strong.Length == 0 && date is long when &&
            main is { Context: { Pid: { } pid, Comm: { } task, Cpu: { } cpu }, Function: { } place })
        {
            foreach (long span in (long[])[when / Together, -((when + (Together / 2)) / Together)])
                marks.Add(new(CrashMark.WithinOf(ContentHash.OfText($"{main.Kind}|{cpu}|{pid}|{task}|{place}|{span}")),
                    MicrosecondsOf(main.Source)));
        }
        return [.. marks.Distinct()];
    }

    /// <summary>The mark of a report by its moment, on one machine.</summary>
    public static string WithinOf(Crash crash, string moment) => CrashMark.WithinOf(EventOf(crash, moment));

    /// <summary>
    /// The task on its CPU: what is left of a copy without times and registers. Init and the idle tasks have the same numbers at each
    /// boot.
    /// </summary>
    private static IEnumerable<CrashMark> TaskMarksOf(Crash main)
    {
        if (main.Context is { Pid: > 1 and { } pid, Comm: { } task, Cpu: { } cpu })
            yield return new(CrashMark.WithinOf(ContentHash.OfText($"{main.Kind}|{cpu}|{pid}|{task}"), task: true),
                MicrosecondsOf(main.Source));
        // A hung task and a CPU that is stuck are named in the first line, and a hung task has no CPU.
        else if (TaskInHeading().Match(main.Source.Plain) is { Success: true } heading)
            yield return new(CrashMark.WithinOf(ContentHash.OfText($"{main.Kind}|{heading.Value}"), task: true),
                MicrosecondsOf(main.Source));
    }

    /// <summary><c>INFO: task nginx:24667 blocked …</c></summary>
    [GeneratedRegex(@"\b(?:task |\[)\S[^\]:]{0,30}(?::\S{1,8})?:(?:[2-9]|[1-9]\d+)\b")]
    private static partial Regex TaskInHeading();

    /// <summary>For a line without the kernel's clock: its own date, as it is written.</summary>
    public static string? DateOf(Source? line) => line is null ? null : CrashTime.Stated(line);

    private static long? MicrosecondsOf(Source line) => line.Time is > 0 and < 1e12 and double time ? (long)Math.Round(time * 1e6) : null;
}
