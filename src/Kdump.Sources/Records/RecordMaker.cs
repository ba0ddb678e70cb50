using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
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
    internal const long HalfYear = 86_400 * 181;

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
            [new TraitLines(), new IdentityTraits(), new DiskSerials(), new CrashPrints(), new QuotedLines()],
            hashed: true);
        // A log without times of the kernel counts as a log if it reports a crash.
        HashSet<string> told = [.. evidence.Machines.SelectMany(m => m.Facts.Of<Crash>()).Where(c => !c.Mentioned)
            .Select(c => c.Source.Input)];
        foreach (CaseInput input in evidence.Inputs)
        {
            string path = paths.FirstOrDefault(p => IsOf(input, p)) ?? paths[0];
            files[path] = With(files[path], input, told.Contains(input.Path));
        }
        var machines = new List<MachineRecord>();
        var crashes = new List<CrashRecord>();
        foreach (CaseMachine machine in evidence.Machines.Where(m => m.Inputs.Any(i => i.Judged || told.Contains(i.Path))))
        {
            SetApart(machine);
            InputRecord from = files[paths.FirstOrDefault(p => machine.Inputs.Any(i => IsOf(i, p))) ?? paths[0]];
            var content = new ContentOf(machine, from);
            CrashRecord[] found = [.. CrashesOf(machine, from, content).Select(c => Shown(c, raw))];
            crashes.AddRange(found);
            machines.Add(MachineOf(machine, from, content, [.. found.Where(c => c.Machine == content.Machine)]));
            machines.AddRange(found.Where(c => c.Machine != content.Machine).DistinctBy(c => c.Machine).Select(c =>
                new MachineRecord(c.Machine, Named: false, null, [], [], c.Time) { Source = from.Hash }));
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
        foreach (Trait trait in machine.Facts.Of<Trait>().Where(t => t.Boot?.Capture != true && !CrashProfile.MayBeTorn(machine.Facts, t)))
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
            .ThenBy(t => t.Value, StringComparer.Ordinal)], crashes.Max(c => c.Time) ?? LastOf(machine, from))
        {
            Source = machine.Host is null ? from.Hash : null,
        };
    }

    /// <summary>When a machine without a crash was seen: by its own log, never by the file, which may be a copy.</summary>
    private static long? LastOf(CaseMachine machine, InputRecord from) =>
        CrashTime.Last(machine.Facts, from.Modified - HalfYear) is { Seconds: >= 0 and <= CrashRecord.LastTime } told
            ? (long)told.Seconds : WrittenWhen.In(from.Path);

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
        public string Machine { get; } = machine.FullHost ?? machine.Host ?? CrashRecord.NamelessOf(NumberOf(machine, from));

        private static string NumberOf(CaseMachine machine, InputRecord from) =>
            CrashIdentity.FirstOf(machine.Facts, LivesOf(machine)) is { } mark
            // Another model is another machine, whatever the clock says.
            ? ContentHash.OfText(string.Join('|', machine.Facts.Of<Trait>().Where(t => t.Name is "model" or "firmware" or
                IdentityTraits.Serial or
                IdentityTraits.Machine).Select(t =>
                    t.Value).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Prepend(mark)))
            : Of(machine, from, LivesOf(machine).FirstOrDefault()?.First().Source.Input);

        /// <summary>The hash for the input of a given line.</summary>
        public string Of(Source? place) => Of(machine, from, place?.Input);

        private static string Of(CaseMachine machine, InputRecord from, string? input) =>
            (machine.Inputs.FirstOrDefault(i => i.Path == input && i.Content is not null)?.Content ??
            machine.Inputs.Where(i => i.Judged && i.Content is not null).Select(i => i.Content).Order(StringComparer.Ordinal)
                .FirstOrDefault() ?? from.Hash).PadRight(12, '0');
    }

    /// <summary>The crashes of each boot. A capture kernel's own crash is why a dump was lost: it belongs to the crash before it.</summary>
    private static IEnumerable<IGrouping<Boot?, Crash>> LivesOf(CaseMachine machine) =>
        machine.Facts.Of<Crash>().Where(c => c.Boot?.Capture != true && !c.Mentioned && !IsQuoted(machine, c)).GroupBy(c => c.Boot)
            .Take(MaxLives);

    /// <summary>It stands in this machine's log, but its kernel did not write it.</summary>
    private static bool IsQuoted(CaseMachine machine, Crash crash) => machine.Host is { } host &&
        QuotedLines.Has(machine.Facts, crash.Source, host);

    /// <summary>Lines that prove a quoted crash prove none of this machine's.</summary>
    private static void SetApart(CaseMachine machine)
    {
        if (machine.Host is not { } host || !machine.Facts.Of<QuotedRun>().Any())
            return;
        CrashPrint[] quoted = [.. machine.Facts.Of<CrashPrint>().Where(p => QuotedLines.Has(machine.Facts, p.Source, host))];
        machine.Facts.Remove<CrashPrint>(quoted.Contains);
        foreach (CrashPrint print in quoted)
            machine.Facts.Add(print with { Quoted = true });
    }

    private static string[] OthersOf(IEnumerable<Crash> life, Crash main) => [.. life.Where(c => c != main).Take(MaxOthers)
        .Select(c => CrashIdentity.MomentOf(c) is { } moment ? CrashIdentity.WithinOf(c, moment) : null).OfType<string>()
        .Distinct(StringComparer.Ordinal)];

    private static IEnumerable<CrashRecord> CrashesOf(CaseMachine machine, InputRecord from, ContentOf content)
    {
        Verdict verdict = machine.Judge();
        var parts = new InvolvedParts(machine);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        IReadOnlyList<DumpStory> stories = DumpStory.Of(machine.Facts, [.. machine.Facts.Boots.Distinct()]);
        bool any = false;
        foreach (IGrouping<Boot?, Crash> life in LivesOf(machine))
        {
            any = true;
            CrashRecord record = RecordOf(machine, from, content, life, quoted: false,
                shape => Base(content, verdict, parts, shape));
            if (seen.Add(record.Id))
                yield return DumpResult.AddTo(record, machine.Facts, stories, life.Key, verdict);
        }
        // What a program quoted is a telling of a crash where it has a mark of it; whose it is, the crash itself may tell.
        foreach (IGrouping<Boot?, Crash> life in machine.Facts.Of<Crash>().Where(c => !c.Mentioned && IsQuoted(machine, c))
            .GroupBy(c => c.Boot).Take(MaxLives))
        {
            any = true;
            CrashRecord record = RecordOf(machine, from, content, life, quoted: true,
                shape => Base(content, verdict, parts, shape));
            if (record.Marks.FirstOrDefault(m => m.Name[0] != CrashMark.Within) is { Name: { } mark } &&
                CrashRecord.NamelessOf(mark) is var nameless && seen.Add(CrashRecord.IdOf(nameless, record.Event!)))
                yield return record with { Machine = nameless, Id = CrashRecord.IdOf(nameless, record.Event!) };
        }
        foreach (CrashRecord other in new OtherTrouble(machine, verdict, stories, from).Records(any,
            shape => Base(content, verdict, parts, shape), content.Of))
        {
            if (seen.Add(other.Id))
                yield return other;
        }
    }

    private static CrashRecord RecordOf(CaseMachine machine, InputRecord from, ContentOf content, IGrouping<Boot?, Crash> life,
        bool quoted, Func<CrashShape, CrashRecord> shaped)
    {
        Facts facts = machine.Facts;
        Crash main = MainOf(life);
        CrashTime? log = CrashTime.Of(main, facts, from.Modified - HalfYear);
        CrashRecord record = DumpResult.Dated(shaped(CrashShape.Of(main)) with
        {
            Release = quoted ? main.Context.Release : life.Key?.Release ?? main.Context.Release ?? machine.Release,
            Fatal = main.Panicked || life.Any(c => c.Panicked || c.Kind == "reboot"),
            Requested = main.Requested,
            Evidence = $"{main.Source.Place}: {main.Source.Text.Trim()}",
        }, log, DumpResult.FileOf(facts, life.Key), from, main.Source);
        // It was printed later than it happened.
        if (quoted && record.Time is not null)
            record = record with { TimeFrom = CrashRecord.Seen };
        // The same crash may be in a dump, in the text extracted from it, and in a copy that lacks the stack: the kernel's own time
        // of it is the same in all. Without such a time, the event and the time of logging are used, and for a machine without a
        // name the content. What a telling cannot share with another crash (its profile) is part of the event.
        string? moment = CrashIdentity.MomentOf(main);
        IReadOnlyList<CrashMark> marks = CrashIdentity.MarksOf(facts, life, quoted, main,
            record.TimeFrom is "path" or CrashRecord.Seen ? null : record.Time);
        bool known = machine.Host is not null || marks.Any(m => m.Name[0] != CrashMark.Within);
        string happened = moment is not null && known ? CrashIdentity.EventOf(main, moment)
            : ContentHash.OfText($"{record.Shape.Signature}|" + (
            moment ?? CrashIdentity.DateOf(main.Source) ??
                (marks is [var mark, ..] ? mark.Name : $"{content.Of(main.Source)}:{life.Key?.Index}")));
        if (!known)
            return record with { Id = CrashRecord.IdOf(content.Of(main.Source), happened) };
        // The machine on which a program quotes it is another one.
        string profile = CrashProfile.Of(facts, quoted ? null : life.Key, main, record.TimeFrom == "dump" ? record.Time : null,
            quoted ? null : log, CrashIdentity.RegistersOf(facts, life.Key, quoted, main));
        if (profile.Length > 0)
            happened = ContentHash.OfText($"{happened}|{profile}");
        return record with { Id = CrashRecord.IdOf(record.Machine, happened), Event = happened, Profile = profile, Marks = marks,
            Others = OthersOf(life, main) };
    }

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
}
