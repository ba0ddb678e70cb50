using Kdump.Diagnosis.Catalogue.Tools;
using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>
/// Why a dump was not saved: not "saving vmcore failed" but the first error since saving began gives the reason. The old kernel's
/// log is saved by the same programs in a separate step; a failure of one is not a failure of the other.
/// </summary>
internal static class Saving
{
    /// <summary>Lines that show that the dump itself failed, in input order.</summary>
    public static List<DumpProgress> Failures(Facts facts)
    {
        var failures = new List<DumpProgress>();
        IReadOnlyList<DumpProgress> all = facts.Of<DumpProgress>();
        ToolSaid[] log = [.. facts.Of<ToolSaid>().Where(s => s.Message.Stage == ToolStage.LogBuffer)];
        DumpProgress? phase = null;
        for (int i = 0; i < all.Count; i++)
        {
            DumpProgress p = all[i];
            if (phase is not null && phase.Boot != p.Boot)
                phase = null;
            if (p.Step is DumpStep.Saving or DumpStep.Saved or DumpStep.LogSaving or DumpStep.LogSaved or DumpStep.LogFailed)
                phase = p;
            if (p.Step != DumpStep.SaveFailed || !p.MayBeCapture)
                continue;
            bool programs = p.Source.Text.Contains("makedumpfile Failed.", StringComparison.Ordinal);
            bool ofLog = programs && (phase?.Step == DumpStep.LogSaving ||
                (i + 1 < all.Count && all[i + 1] is { Step: DumpStep.LogFailed } next && next.Source.Order <= p.Source.Order + 2) ||
                Array.Exists(log, l => l.Source.Input == p.Source.Input && p.Source.Order - l.Source.Order is >= 0 and < 3));
            if (!ofLog)
                failures.Add(p);
        }
        return failures;
    }

    /// <summary>The first failure in a boot that did not write a dump afterwards.</summary>
    public static DumpProgress? Failure(Facts facts) => Failures(facts).FirstOrDefault(f => !SavedLater(f, facts));

    /// <summary>
    /// For a log that ends while the dump is written: what makedumpfile said since then about a kernel that it does not know.
    /// </summary>
    public static List<ToolSaid> Unfinished(Facts facts)
    {
        foreach (DumpProgress begun in facts.Of<DumpProgress>().Where(p => p.Step == DumpStep.Saving && p.MayBeCapture).Reverse())
        {
            bool ended = facts.Of<DumpProgress>().Any(p => p.Boot == begun.Boot && p.Source.Input == begun.Source.Input &&
                p.Source.Order > begun.Source.Order && p.Step is DumpStep.Saved or DumpStep.SaveFailed);
            List<ToolSaid> said = ended ? [] : [.. facts.Of<ToolSaid>().Where(s => s.Message.Stage == ToolStage.Structures &&
                s.Message.Mark.Length == 0 && s.Boot == begun.Boot && s.Source.Input == begun.Source.Input &&
                s.Source.Order >= begun.Source.Order)];
            if (said.Count > 1)
                return said;
        }
        return [];
    }

    /// <summary>
    /// What makedumpfile said about a kernel that it does not know when somebody ran it in the machine's own kernel, as to write a
    /// vmcoreinfo file (-g), to filter a dump again, or to estimate one.
    /// </summary>
    public static List<ToolSaid> ByHand(Facts facts)
    {
        const int Lines = 4;
        DumpProgress[] ends = [.. facts.Of<DumpProgress>().Where(p => p.Step == DumpStep.SaveFailed && !p.MayBeCapture &&
            p.Source.Text.Contains("makedumpfile Failed.", StringComparison.Ordinal))];
        return [.. facts.Of<ToolSaid>().Where(s => s.Message.Stage == ToolStage.Structures && s.Message.Mark.Length == 0 &&
            Array.Exists(ends, e => e.Source.Input == s.Source.Input && e.Source.Order - s.Source.Order is > 0 and <= Lines))];
    }

    /// <summary>A fallback succeeded after that failure.</summary>
    private static bool SavedLater(DumpProgress failure, Facts facts) =>
        facts.Of<DumpProgress>().Any(p => p.Step == DumpStep.Saved && p.Boot == failure.Boot && p.Source.Input == failure.Source.Input &&
            p.Source.Order > failure.Source.Order);

    /// <summary>
    /// Error messages of programs before that failure in the same boot, from the start of the dump on; if there are none, all of that boot.
    /// </summary>
    public static List<Fact> Before(DumpProgress failure, Facts facts)
    {
        List<Fact> all = [.. facts.Of<ToolSaid>().Where(s => IsTrouble(s.Message)).Cast<Fact>().Concat(facts.Of<ToolCrash>())
            .Where(f => f.Boot == failure.Boot && f.Source.Input == failure.Source.Input && f.Source.Order <= failure.Source.Order)
            .OrderBy(f => f.Source.Order)];
        long begun = facts.Of<DumpProgress>().Where(p => p.Step == DumpStep.Saving && p.Boot == failure.Boot &&
            p.Source.Input == failure.Source.Input && p.Source.Order <= failure.Source.Order).Select(p => p.Source.Order).LastOrDefault();
        List<Fact> since = [.. all.Where(f => f.Source.Order >= begun)];
        return since.Count > 0 ? since : all;
    }

    /// <summary>The stage at which the dump failed; null if no line shows it.</summary>
    public static ToolStage? Stage(DumpProgress failure, Facts facts) =>
        Before(failure, facts).FirstOrDefault() is ToolSaid said ? said.Message.Stage : null;

    private static bool IsTrouble(ToolMessage message) =>
        message.Stage is ToolStage.Mounting or ToolStage.Opening or ToolStage.Writing or ToolStage.Structures or
            ToolStage.Using or ToolStage.Absent ||
            (message.Stage == ToolStage.Reading && message.Mark is not (MemoryMessages.Address or MemoryMessages.Mapping));
}
