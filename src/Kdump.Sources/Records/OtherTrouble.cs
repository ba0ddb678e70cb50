using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Rules;
using Kdump.Diagnosis.Times;
using Kdump.Sources.Cases;

namespace Kdump.Sources.Records;

/// <summary>
/// What a unit tells besides the crashes in it: dumps that were lost, of crashes of which nothing but the crash kernel tells; and without
/// any crash the worst that a person must know (a machine check, a disk).
/// </summary>
internal sealed class OtherTrouble(CaseMachine machine, Verdict verdict, IReadOnlyList<DumpStory> stories, InputRecord from)
{
    /// <summary>The class of a lost dump that no finding explains.</summary>
    private const string Unexplained = "dump-lost";

    private readonly Facts facts = machine.Facts;

    /// <param name="crashed">The unit has crashes of its own.</param>
    /// <param name="record">A record of that shape.</param>
    /// <param name="content">The hash of the content in which a line stands.</param>
    public IEnumerable<CrashRecord> Records(bool crashed, Func<CrashShape, CrashRecord> record, Func<Source?, string> content)
    {
        bool any = false;
        // One that a program quoted says nothing of this machine's dumps.
        HashSet<Boot?> lives = [.. facts.Of<Crash>().Where(c => c.Boot?.Capture != true).Select(c => c.Boot)];
        bool claimed = stories.Count == 1 && (crashed || facts.Of<Diagnosis.Evidence.Dumps.DumpFile>().Any());
        foreach (DumpStory story in stories.Where(s => !claimed && s is { Saved: false, Capture: not null } &&
            !lives.Contains(s.Capture.Previous)))
        {
            any = true;
            Finding? why = DumpResult.WhyOf(verdict, facts, stories.Count > 1 ? story.Capture : null);
            Source? line = why?.Evidence.FirstOrDefault() ?? story.Evidence.FirstOrDefault();
            CrashRecord lost = Made(record, ShapeOf(why?.Id ?? Unexplained), line, story.Capture, content, stories.Count > 1);
            yield return DumpResult.AddTo(stories.Count > 1 && why is not null ? OfItsOwn(lost, why) : lost, story, why);
        }
        if (any || crashed || verdict.RootCauses.FirstOrDefault(f => f.Severity >= Severity.Error && IsOfMachine(f)) is not { } root)
            yield break;
        Source? place = root.Evidence is [var evidence, ..] ? evidence : null;
        CrashRecord told = Made(record, ShapeOf(root.Id), place, place is null ? null : BootOf(place), content, several: false);
        yield return DumpResult.AddTo(told, facts, stories, null, verdict);
    }

    /// <summary>Not all that proves it is a text that speaks of such things.</summary>
    private bool IsOfMachine(Finding finding)
    {
        HashSet<(string, long)> mentions = [.. facts.Of<Crash>().Where(c => c.Mentioned).Select(c => (c.Source.Input, c.Source.Line))];
        return finding.Evidence.Count == 0 || finding.Evidence.Any(e => !mentions.Contains((e.Input, e.Line)) && !Mention.Quotes(e));
    }

    /// <summary>Of several the verdict tells the worst: each is told with its own cause.</summary>
    private static CrashRecord OfItsOwn(CrashRecord record, Finding why) => record with
    {
        Headline = why.Title, Causes = [why.Id], Fix = why.Fixes is [var fix, ..] ? fix.Text : null,
        Fixes = [.. why.Fixes.Select(f => f.Text).Distinct(StringComparer.Ordinal).Take(8)],
    };

    private static CrashShape ShapeOf(string finding)
    {
        string title = (Entries.Find(finding)?.Title ?? (finding == Unexplained ? "the dump was lost" : finding))
            .Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal);
        return new CrashShape($"finding:{finding}", finding, "finding", title, [], null, null, []);
    }

    /// <param name="several">The input has several of its kind: a place in it tells them apart where nothing else does.</param>
    private CrashRecord Made(Func<CrashShape, CrashRecord> record, CrashShape shape, Source? line, Boot? boot,
        Func<Source?, string> content, bool several)
    {
        CrashTime? log = line is null ? null : CrashTime.Of(line, boot, facts, from.Modified - RecordMaker.HalfYear);
        CrashRecord told = DumpResult.Dated(record(shape) with
        {
            Release = boot?.Release ?? machine.Release,
            Evidence = line is null ? "" : $"{line.Place}: {line.Text.Trim()}",
        }, log, DumpResult.FileOf(facts, null), from, line);
        string? stated = CrashIdentity.DateOf(line);
        string what = ContentHash.OfText($"{shape.Signature}|{stated ?? content(line)}");
        if (several && (stated is null || machine.Host is null))
            what = ContentHash.OfText($"{what}|{content(line)}|{boot?.Index}");
        if (machine.Host is null)
            return told with { Id = CrashRecord.IdOf(told.Machine, what) };
        // The kernel's clock says the same at each boot: the calendar tells two of them apart.
        string profile = CrashProfile.OfDate(line, log);
        string happened = profile.Length > 0 ? ContentHash.OfText($"{what}|{profile}") : what;
        return told with { Id = CrashRecord.IdOf(told.Machine, happened), Event = happened, Profile = profile,
            Marks = stated is null ? [] : [new(CrashMark.WithinOf(what), null)] };
    }

    private Boot? BootOf(Source line) => facts.All.FirstOrDefault(f => f.Source == line)?.Boot;
}
