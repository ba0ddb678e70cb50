using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Evidence.Dumps;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Rules;
using Kdump.Diagnosis.Times;
using Kdump.Formats.Bytes;
using Kdump.Sources.Cases;
using Kdump.Sources.Hosts;

namespace Kdump.Sources.Records;

/// <summary>Turns what one unit of a scan holds into records: its inputs, its machines, and one record for each life that ended
/// badly.</summary>
public static class RecordMaker
{
    /// <summary>Maximum number of boots to keep per input; a machine in a boot loop repeats itself.</summary>
    private const int MaxLives = 256;

    /// <summary>The most further reports of one boot that are kept, by which an earlier state of its log is recognised.</summary>
    private const int MaxOthers = 64;

    /// <summary>
    /// In seconds. A date without a year is in the twelve months before the file was written, not in those around it, because a log
    /// does not report the future. One day less, for clocks that are ahead of UTC.
    /// </summary>
    private const long HalfYear = 86_400 * 181;

    /// <summary>Never throws because of what is in the files: an unreadable input gets a state that says so.</summary>
    /// <param name="names">As <see cref="RawNames"/> shows them.</param>
    public static Judged Of(IReadOnlyList<string> names)
    {
        using var raw = new RawPaths();
        string[] paths = [.. names.Select(raw.Openable)];
        var files = new Dictionary<string, InputRecord>(StringComparer.Ordinal);
        for (int i = 0; i < paths.Length; i++)
            files[paths[i]] = FileOf(paths[i], names[i]);
        Case evidence = Case.Read(paths, () => Stream.Null, () =>
            [new TraitLines(), new IdentityTraits(), new DiskSerials(), new CrashPrints()],
            hashed: true);
        // A log without times of the kernel counts as a log if it reports a crash.
        HashSet<string> told = [.. evidence.Machines.SelectMany(m => m.Facts.Of<Crash>()).Select(c => c.Source.Input)];
        foreach (CaseInput input in evidence.Inputs)
        {
            string path = paths.FirstOrDefault(p => IsOf(input, p)) ?? paths[0];
            files[path] = With(files[path], input, told.Contains(input.Path));
        }
        var machines = new List<MachineRecord>();
        var crashes = new List<CrashRecord>();
        foreach (CaseMachine machine in evidence.Machines.Where(m => m.Inputs.Any(i => i.Judged || told.Contains(i.Path))))
        {
            InputRecord from = files[paths.FirstOrDefault(p => machine.Inputs.Any(i => IsOf(i, p))) ?? paths[0]];
            var content = new ContentOf(machine, from);
            CrashRecord[] found = [.. CrashesOf(machine, from, content).Select(c => Shown(c, raw))];
            crashes.AddRange(found);
            machines.Add(MachineOf(machine, from, content, found));
        }
        return new([.. files.Values.Select(f => f with { Reason = f.Reason is null ? null : raw.Shown(f.Reason) })], machines, crashes);
    }

    /// <summary>The record with file names as they were given, not as they were opened.</summary>
    private static CrashRecord Shown(CrashRecord c, RawPaths raw) => !raw.Any ? c : c with
    {
        Evidence = raw.Shown(c.Evidence), Headline = raw.Shown(c.Headline), Fix = c.Fix is null ? null : raw.Shown(c.Fix),
        Fixes = [.. c.Fixes.Select(f => raw.Shown(f))],
        OutcomeReason = c.OutcomeReason is null ? null : raw.Shown(c.OutcomeReason),
        OutcomeFix = c.OutcomeFix is null ? null : raw.Shown(c.OutcomeFix),
    };

    /// <summary>True for the file itself, a member of an archive or folder of that name, or the log in a dump.</summary>
    private static bool IsOf(CaseInput input, string path) => input.Path.StartsWith(path, StringComparison.Ordinal) &&
        (input.Path.Length == path.Length || input.Path[path.Length] is '/' or ':' ||
            input.Path.AsSpan(path.Length).StartsWith(" (", StringComparison.Ordinal));

    private static InputRecord FileOf(string path, string name)
    {
        try
        {
            string file = UnitFile.Of(path);
            if (UnitFile.Refusal(file) is { } refusal)
                return Refused(name, refusal);
            (long bytes, long modified) = UnitFile.Stamp(file);
            return new(name, ContentHash.Of(file), bytes, modified, "", InputState.Nothing, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Refused(name, RawPaths.IsOdd(name) && path == name ? RawPaths.NotOpened : FileKind.ReasonOf(e, path));
        }
    }

    /// <summary>The record of an input that was not read, with the reason.</summary>
    internal static InputRecord Refused(string path, string reason) =>
        new(path, "p" + ContentHash.OfText(path), 0, 0, "", InputState.Refused, Printable.Escape(reason));

    /// <summary>An archive or a folder is several inputs: the best state counts, and any of them may give the reason.</summary>
    /// <param name="told">It reports a crash.</param>
    private static InputRecord With(InputRecord file, CaseInput input, bool told)
    {
        InputState state;
        if (input.Unreadable)
            state = InputState.Refused;
        else if (input.Partial)
            state = InputState.Partly;
        else
            state = input.Judged || told ? InputState.Judged : InputState.Nothing;
        InputState now = (file.State, state) switch
        {
            (InputState.Refused, _) => InputState.Refused,
            (InputState.Nothing, _) => state,
            (InputState.Judged, InputState.Refused or InputState.Partly) => InputState.Partly,
            (InputState.Partly, _) or (_, InputState.Nothing) => file.State,
            _ => state,
        };
        string? reason = input.Note is not null && state != InputState.Judged ? Printable.Escape(input.Note) : null;
        return file with { State = now, Kind = file.Kind.Length == 0 || input.Judged ? input.Kind : file.Kind, Reason = file.Reason ??
            reason };
    }

    private static MachineRecord MachineOf(CaseMachine machine, InputRecord from, ContentOf content, CrashRecord[] crashes)
    {
        var traits = new HashSet<KeyValuePair<string, string>>();
        foreach (Trait trait in machine.Facts.Of<Trait>().Where(t => t.Boot?.Capture != true))
            traits.Add(new(trait.Name, trait.Value));
        foreach (MemoryDevice dimm in machine.Facts.Of<MemoryDevice>().Where(d => d.Part.Length > 0))
            traits.Add(new("dimm", dimm.Part));
        string[] releases = [.. machine.Facts.Boots.Where(b => b.Capture != true).Select(b => b.Release).OfType<string>()
            .Append(machine.Release ?? "").Where(r => r.Length is > 0 and < 100).Distinct(StringComparer.Ordinal)];
        foreach (Boot boot in machine.Facts.Boots.Where(b => b.Capture != true && b.CommandLine is not null))
        {
            foreach (string word in boot.CommandLine!.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(Tells))
                traits.Add(new("parameter", word));
        }
        if (machine.Tree is not null)
        {
            var told = new Facts();
            HostSetup.Distribution(machine.Tree, told);
            traits.UnionWith(told.Of<Distribution>().Where(d => d.Name.Length is > 0 and < 100)
                .Select(d => new KeyValuePair<string, string>("distribution", d.Name)));
        }
        string? model = traits.FirstOrDefault(t => t.Key == "model").Value;
        return new(content.Machine, machine.Host is not null, model, releases, [.. traits.OrderBy(t => t.Key, StringComparer.Ordinal)
            .ThenBy(t => t.Value, StringComparer.Ordinal)], crashes.Max(c => c.Time) ?? (from.Modified > 0 ? from.Modified : null))
        {
            Source = machine.Host is null ? from.Hash : null,
        };
    }

    /// <summary>Properties that differ on every machine (its disks, its image) are useless for a fleet.</summary>
    private static bool Tells(string word) => word.Length < 100 && !word.Contains("UUID", StringComparison.OrdinalIgnoreCase) &&
        !word.StartsWith("BOOT_IMAGE=", StringComparison.Ordinal) && !word.StartsWith("root=", StringComparison.Ordinal) &&
        !word.StartsWith("initrd=", StringComparison.Ordinal) && !word.StartsWith("resume=", StringComparison.Ordinal) &&
        !word.StartsWith("rd.l", StringComparison.Ordinal);

    /// <summary>
    /// The key of a machine and its crashes: the host, with its domain where known; without a host, the mark of the first crash and
    /// the machine's model, which are the same in a log that has grown, in a shortened copy and in the machine's own log; otherwise
    /// the hash of the content, so that a log in three kinds of archive is one.
    /// </summary>
    private sealed class ContentOf(CaseMachine machine, InputRecord from)
    {
        public string Machine { get; } = machine.FullHost ?? machine.Host ?? "?" + NumberOf(machine, from);

        private static string NumberOf(CaseMachine machine, InputRecord from) =>
            CrashIdentity.FirstOf(machine.Facts, LivesOf(machine)) is { } mark
            // Another model is another machine, whatever the clock says.
            ? ContentHash.OfText(string.Join('|', machine.Facts.Of<Trait>().Where(t => t.Name is "model" or "firmware" or
                IdentityTraits.Serial or
                IdentityTraits.Machine).Select(t =>
                    t.Value).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Prepend(mark)))[..12]
            : Of(machine, from, LivesOf(machine).FirstOrDefault()?.First().Source.Input)[..12];

        /// <summary>The hash for the input of a given line.</summary>
        public string Of(Source? place) => Of(machine, from, place?.Input);

        private static string Of(CaseMachine machine, InputRecord from, string? input) =>
            (machine.Inputs.FirstOrDefault(i => i.Path == input && i.Content is not null)?.Content ??
            machine.Inputs.Where(i => i.Judged && i.Content is not null).Select(i => i.Content).Order(StringComparer.Ordinal)
                .FirstOrDefault() ?? from.Hash).PadRight(12, '0');
    }

    /// <summary>The crashes of each boot. A capture kernel's own crash is why a dump was lost: it belongs to the crash before it.</summary>
    private static IEnumerable<IGrouping<Boot?, Crash>> LivesOf(CaseMachine machine) =>
        machine.Facts.Of<Crash>().Where(c => c.Boot?.Capture != true).GroupBy(c => c.Boot).Take(MaxLives);

    private static string[] OthersOf(IEnumerable<Crash> life, Crash main) => [.. life.Where(c => c != main).Take(MaxOthers)
        .Select(c => CrashIdentity.MomentOf(c) is { } moment ? CrashIdentity.EventOf(c, moment)
            : null).OfType<string>().Distinct(StringComparer.Ordinal)];

    private static IEnumerable<CrashRecord> CrashesOf(CaseMachine machine, InputRecord from, ContentOf content)
    {
        Verdict verdict = machine.Judge();
        Facts facts = machine.Facts;
        var parts = new InvolvedParts(machine);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        IReadOnlyList<DumpStory> stories = DumpStory.Of(facts, [.. facts.Boots.Distinct()]);
        bool any = false;
        foreach (IGrouping<Boot?, Crash> life in LivesOf(machine))
        {
            Crash main = MainOf(life);
            CrashRecord record = Dated(Base(content, verdict, parts, CrashShape.Of(main)) with
            {
                Release = life.Key?.Release ?? main.Context.Release ?? machine.Release,
                Fatal = main.Panicked || life.Any(c => c.Panicked || c.Kind == "reboot"),
                Requested = main.Requested,
                Evidence = $"{main.Source.Place}: {main.Source.Text.Trim()}",
            }, CrashTime.Of(main, facts, from.Modified - HalfYear), facts, from);
            record = WithOutcome(record, facts, stories, life.Key, verdict);
            // The same crash may be in a dump, in the text extracted from it, and in a copy that lacks the stack: the kernel's own
            // time of it is the same in all. Without such a time, the event and the time of logging are used, and for a machine
            // without a name the content.
            string? moment = CrashIdentity.MomentOf(main);
            IReadOnlyList<CrashMark> marks = CrashIdentity.MarksOf(facts, life, main,
                record.TimeFrom is "path" or CrashRecord.Seen ? null : record.Time);
            bool known = machine.Host is not null || marks.Any(m => m.Name[0] != CrashMark.Within);
            string happened = moment is not null && known ? CrashIdentity.EventOf(main, moment)
                : ContentHash.OfText($"{record.Shape.Signature}|" + (
                moment ?? CrashIdentity.DateOf(main.Source) ??
                    (marks is [var mark, ..] ? mark.Name : $"{content.Of(main.Source)}:{life.Key?.Index}")));
            string id = CrashRecord.IdOf(known ? record.Machine : content.Of(main.Source), happened);
            any = true;
            if (seen.Add(id))
                yield return record with { Id = id, Event = known ? happened : null, Marks = known ? marks : [], Others = known
                    ? OthersOf(life, main) : [] };
        }
        if (any || verdict.RootCauses.FirstOrDefault(f => f.Severity >= Severity.Error) is not { } root)
            yield break;
        // No crash, but something that a person must know: a machine check, a dump that failed, a disk.
        string title = (Entries.Find(root.Id)?.Title ?? root.Id).Replace("{", "", StringComparison.Ordinal).Replace("}", "",
            StringComparison.Ordinal);
        var shape = new CrashShape($"finding:{root.Id}", root.Id, "finding", title, [], null, null, []);
        Source? line = root.Evidence is [var first, ..] ? first : null;
        CrashRecord told = Dated(Base(content, verdict, parts, shape) with
        {
            Release = machine.Release,
            Evidence = line is null ? "" : $"{line.Place}: {line.Text.Trim()}",
        }, line is null ? null : CrashTime.Of(line, BootOf(facts, line), facts, from.Modified - HalfYear), facts, from);
        told = WithOutcome(told, facts, stories, null, verdict);
        string what = ContentHash.OfText($"{shape.Signature}|{CrashIdentity.DateOf(line) ?? content.Of(line)}");
        yield return told with { Id = CrashRecord.IdOf(told.Machine, what), Event = machine.Host is null ? null : what };
    }

    private static Boot? BootOf(Facts facts, Source line) => facts.All.FirstOrDefault(f => f.Source == line)?.Boot;

    private static CrashRecord Base(ContentOf content, Verdict verdict, InvolvedParts parts, CrashShape shape)
    {
        Finding? mended = verdict.RootCauses.FirstOrDefault(f => f.Fixes.Count > 0);
        return new("", content.Machine, shape)
        {
            Headline = verdict.Headline,
            Causes = [.. verdict.RootCauses.Select(f => f.Id).Distinct(StringComparer.Ordinal).Take(8)],
            Fix = mended?.Fixes[0].Text,
            Fixes = [.. verdict.RootCauses.SelectMany(f => f.Fixes).Select(f => f.Text).Distinct(StringComparer.Ordinal).Take(8)],
            Hardware = [.. verdict.RootCauses.SelectMany(parts.Of).Distinct(StringComparer.Ordinal).Take(8)],
        };
    }

    /// <summary>The cause of the crash, or otherwise the worst report: the first one that is not a consequence of another.</summary>
    private static Crash MainOf(IEnumerable<Crash> life)
    {
        Crash[] all = [.. life];
        Crash main = Array.Find(all, c => c.Panic is not null && c.Kind is not ("warning" or "lockdep")) ??
            Array.Find(all, c => c.Panicked && c.Kind is not ("warning" or "lockdep")) ??
            Array.Find(all, c => c.Kind is not ("warning" or "lockdep")) ?? all[0];
        for (int steps = 0; main.ConsequenceOf is { } cause && cause.Boot == main.Boot && steps < all.Length; steps++)
            main = cause;
        return main;
    }

    private static CrashRecord Dated(CrashRecord record, CrashTime? log, Facts facts, InputRecord from)
    {
        if (facts.Of<DumpFile>().FirstOrDefault(d => d.CrashTime is >= 0 and <= CrashRecord.LastTime) is { } dump)
            return record with { Time = dump.CrashTime, TimeFrom = "dump" };
        if (log is { Seconds: >= 0 and <= CrashRecord.LastTime } told)
            return record with { Time = (long)told.Seconds, TimeFrom = told.Utc ? "log" : "log (local time)" };
        if (WrittenWhen.In(from.Path) is long path)
            return record with { Time = path, TimeFrom = "path" };
        return from.Modified > 0 ? record with { Time = from.Modified, TimeFrom = CrashRecord.Seen } : record;
    }

    private static CrashRecord WithOutcome(CrashRecord record, Facts facts, IReadOnlyList<DumpStory> stories, Boot? life, Verdict verdict)
    {
        if (facts.Of<DumpFile>().FirstOrDefault(d => d.Boot == life || life is null) is { } dump)
        {
            bool whole = !dump.Incomplete && dump.Lost == 0 && dump.Unreadable == 0;
            return record with { Outcome = whole ? DumpOutcome.Saved : DumpOutcome.Incomplete,
                OutcomeReason = (whole, dump.Incomplete) switch
                {
                    (true, _) => null,
                    (_, true) => "its writer did not finish it",
                    _ => "pages that it should contain cannot be read",
                } };
        }
        DumpStory? story = stories.FirstOrDefault(s => s.Capture is not null && s.Capture.Previous == life) ??
            (stories.Count == 1 ? stories[0] : null);
        DumpOutcome outcome = story?.Saved switch { true => DumpOutcome.Saved, false => DumpOutcome.Lost, null => DumpOutcome.NotTold };
        if (outcome == DumpOutcome.Saved)
            return record with { Outcome = outcome };
        Finding? why = verdict.RootCauses.FirstOrDefault(OfDump) ??
            verdict.Findings.FirstOrDefault(f => OfDump(f) && f.Severity >= Severity.Error);
        if (why is { Severity: >= Severity.Error } && outcome == DumpOutcome.NotTold)
            outcome = DumpOutcome.Lost;
        return outcome == DumpOutcome.NotTold ? record with { OutcomeReason = story?.Reason }
            : record with { Outcome = outcome, OutcomeReason = story?.Reason ?? why?.Title, OutcomeId = why?.Id,
                OutcomeFix = why?.Fixes is [var fix, ..] ? fix.Text : null };
    }

    private static bool OfDump(Finding finding) => Entries.Find(finding.Id)?.Area is Area.Preparing or Area.Starting or Area.Reaching or
        Area.Writing
        or Area.Image;
}
