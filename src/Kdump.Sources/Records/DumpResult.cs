using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Evidence.Dumps;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Rules;
using Kdump.Diagnosis.Times;

namespace Kdump.Sources.Records;

/// <summary>What became of the dump of a crash, and what the dump says of its time.</summary>
internal static class DumpResult
{
    /// <summary>The dump of a life; of an only life any that there is.</summary>
    public static DumpFile? FileOf(Facts facts, Boot? life) => facts.Of<DumpFile>().FirstOrDefault(d =>
        d.CrashTime is >= 0 and <= CrashRecord.LastTime && (life is null || d.Boot == life ||
        facts.Of<Crash>().All(c => c.Boot == life || c.Boot?.Capture == true)));

    /// <summary>The record with its time: the dump's, else the log's, else the dump folder's, else the file's.</summary>
    /// <param name="line">Where it stands: parts of one unit may be files with names of their own.</param>
    public static CrashRecord Dated(CrashRecord record, CrashTime? log, DumpFile? dump, InputRecord from, Source? line)
    {
        if (dump is not null)
            return record with { Time = dump.CrashTime, TimeFrom = "dump" };
        if (log is { Seconds: >= 0 and <= CrashRecord.LastTime } told)
            return record with { Time = (long)told.Seconds, TimeFrom = told.Utc ? "log" : "log (local time)" };
        if ((WrittenWhen.In(line?.Input ?? from.Path) ?? WrittenWhen.In(from.Path)) is long path)
            return record with { Time = path, TimeFrom = "path" };
        return from.Modified > 0 ? record with { Time = from.Modified, TimeFrom = CrashRecord.Seen } : record;
    }

    /// <summary>The record with the outcome of the dump of a life.</summary>
    public static CrashRecord AddTo(CrashRecord record, Facts facts, IReadOnlyList<DumpStory> stories, Boot? life, Verdict verdict)
    {
        if (facts.Of<DumpFile>().FirstOrDefault(d => d.Boot == life || life is null) is { } dump)
        {
            bool whole = !dump.Incomplete && dump.Lost == 0 && dump.Unreadable == 0;
            if (whole)
                return record with { Outcome = DumpOutcome.Saved, OutcomeReason = null };
            return record with { Outcome = DumpOutcome.Incomplete,
                OutcomeReason = dump.Incomplete ? "its writer did not finish it" : "pages that it should contain cannot be read" };
        }
        DumpStory? story = stories.FirstOrDefault(s => s.Capture is not null && s.Capture.Previous == life) ??
            (stories.Count == 1 ? stories[0] : null);
        return AddTo(record, story, WhyOf(verdict, facts, stories.Count > 1 ? story?.Capture : null));
    }

    public static CrashRecord AddTo(CrashRecord record, DumpStory? story, Finding? why)
    {
        DumpOutcome outcome = story?.Saved switch { true => DumpOutcome.Saved, false => DumpOutcome.Lost, null => DumpOutcome.NotTold };
        if (outcome == DumpOutcome.Saved)
            return record with { Outcome = outcome };
        if (why is { Severity: >= Severity.Error } && outcome == DumpOutcome.NotTold)
            outcome = DumpOutcome.Lost;
        return outcome == DumpOutcome.NotTold ? record with { OutcomeReason = story?.Reason }
            : record with { Outcome = outcome, OutcomeReason = story?.Reason ?? why?.Title, OutcomeId = why?.Id,
                OutcomeFix = why?.Fixes is [var fix, ..] ? fix.Text : null };
    }

    /// <summary>The finding that explains why a dump was lost.</summary>
    /// <param name="capture">The crash kernel that lost it, where there are several; null: any.</param>
    public static Finding? WhyOf(Verdict verdict, Facts facts, Boot? capture)
    {
        HashSet<Source>? own = capture is null ? null : [.. facts.All.Where(f => f.Boot == capture).Select(f => f.Source)];
        bool Fits(Finding f) => IsOfDump(f) && (own is null || f.Evidence.Any(own.Contains));
        return verdict.RootCauses.FirstOrDefault(Fits) ?? verdict.Findings.FirstOrDefault(f => Fits(f) && f.Severity >= Severity.Error);
    }

    private static bool IsOfDump(Finding finding) => Entries.Find(finding.Id)?.Area is Area.Preparing or Area.Starting or Area.Reaching or
        Area.Writing or Area.Image;
}
