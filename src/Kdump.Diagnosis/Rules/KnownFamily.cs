using System.Globalization;
using Kdump.Diagnosis.Catalogue;
using Kdump.Diagnosis.Catalogue.Devices;
using Kdump.Diagnosis.Catalogue.Families;
using Kdump.Diagnosis.Rules.Hardware;
using Kdump.Diagnosis.Speakers;

namespace Kdump.Diagnosis.Rules;

/// <summary>A failure of a family: all lines of one boot about one object are one finding.</summary>
public sealed class KnownFamily(Family family) : Rule
{
    /// <summary>Maximum number of lines quoted per object.</summary>
    private const int MaxQuoted = 6;

    public override string Id => family.Id;

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (IGrouping<(Boot?, string), FamilySeen> group in Seen(family, facts).GroupBy(s => (s.Boot, Together(s))))
        {
            FamilySeen[] all = [.. group.OrderBy(s => s.Index).ThenBy(s => s.Source.Order)];
            FamilySeen told = all[0];
            bool? capture = told.Boot?.Capture;
            if ((family.In == Life.First && capture == true) || (family.In == Life.Capture && capture != true))
                continue;
            FamilyOvercome? over = facts.Of<FamilyOvercome>().LastOrDefault(o => ReferenceEquals(o.Family, family) &&
                o.Boot == told.Boot && o.Source.Input == told.Source.Input &&
                (told.Telling.OvercomeByAny || ((o.Object.Length == 0 || o.Object == told.Object) &&
                    o.Source.Line >= all.Max(s => s.Last))));
            Finding finding = Of(all, facts);
            bool anyway = told.Telling.OvercomeByAny;
            yield return over is null ? finding : finding with
            {
                Title = anyway ? $"{finding.Title}; a volume group came up all the same"
                    : $"{finding.Title}; {family.Overcome ?? "later it was back"}",
                Severity = anyway ? Severity.Info : (Severity)Math.Min((int)finding.Severity, (int)Severity.Warning),
                Evidence = [.. finding.Evidence.Take(MaxQuoted - 1), over.Source],
            };
        }
    }

    /// <summary>The object, or what is said of several that break together.</summary>
    private static string Together(FamilySeen seen) => seen.Telling.Many ?? seen.Object;

    private Finding Of(FamilySeen[] all, Facts facts)
    {
        FamilySeen told = all[0];
        Telling telling = told.Telling;
        long lines = all.Sum(s => s.Count);
        var why = new List<string> { telling.Why is { } special ? Fill(special, told) : family.Cause };
        why.AddRange(all.Select(s => s.Telling.Reads?.Invoke(s.Taken)).OfType<string>().Distinct(StringComparer.Ordinal));
        if (family.OnBlockDevice && BlockName.Below(told.Object) is { } below)
            why.Add(below);
        DeviceSaid? under = Under(all, facts);
        if (under?.Family == Disks.UsbLeft)
            why.Add($"Before that the USB device {under.Device} left the bus and did not come back; no line says that it is this disk, " +
                "but no other one left.");
        else if (under is not null)
            why.Add($"Before that {(under.Driver.Length > 0 && under.Driver != under.Device ? $"{under.Driver} " : "")}{under.Device} " +
                $"was in trouble; no line says that it is behind {told.Object}, but look there first.");
        DeviceSaid? unread = Unread(all, facts);
        if (unread is not null && ReferenceEquals(family, FilesystemFamilies.Damaged))
            why.Add($"Just before, reads or writes of {unread.Device} failed: " +
                "what it missed may be whole on the disk and only was not read. Mend that first, check the file system after it.");
        // A shell that opens tells nothing; what was said before it does.
        IReadOnlyList<Source> before = ReferenceEquals(family, StartupFamilies.Emergency)
            ? WordsBefore.Of(facts, all.Select(s => s.Source)) : [];
        if (before.Count > 0)
            why = [StartupFamilies.ShellOpens, WordsBefore.Tell(before).TrimStart()];
        if (lines > all.Length)
            why.Add(string.Create(CultureInfo.InvariantCulture, $"{Counted.Of(lines, "line")} of this kind are in the log."));
        FindingRef[] causes = [.. family.CausedBy.SelectMany(id => CausesOf(id, all, facts)),
            .. under is null ? [] : new[] { new FindingRef(under.Family.Id, under.Device) }];
        string[] objects = [.. all.Select(s => s.Object).Distinct(StringComparer.Ordinal)];
        string title = telling.Many is { } many && objects.Length > 1
            ? $"{objects.Length} {many}: {string.Join(", ", objects.Take(MaxQuoted))}{(objects.Length > MaxQuoted ? " …" : "")} " +
                $"(first: {Fill(telling.Title, told)})"
            : Fill(telling.Title, told);
        bool named = family.OfReport && telling.Subject == 0 && told.Object.Length > 0;
        return new Finding(family.Id, named ? $"{told.Object}: {title}" : title, telling.Severity ?? family.Severity,
            telling.Confidence ?? family.Confidence, string.Join(' ', why))
        {
            Subject = told.Object.Length == 0 ? null : told.Object,
            Fixes = [.. (before.Count > 0 ? StartupFamilies.StepByHand : telling.Fixes ?? family.Fixes).Select(f => f with
            {
                Text = Fill(f.Text, told),
                Command = f.Command is null ? null : Command(named ? ForDevice(f.Command, told.Object) : f.Command, told),
            })],
            Evidence = [.. before.Take(1), .. all.OrderBy(s => s.Source.Line).Take(MaxQuoted).Select(s => s.Source)],
            // Where the file system names what it lacked itself, that names the disk's error in turn.
            CausedBy = [.. causes, .. unread is null || Array.Exists(causes, c => c.Id == FilesystemFamilies.IoError.Id) ? []
                : new[] { new FindingRef(unread.Family.Id, unread.Device) }],
            Explains = [.. family.Explains],
        };
    }

    /// <summary>The command for the device that the report is of.</summary>
    private static string ForDevice(string command, string device) => command.Replace("INTERFACE", device, StringComparison.Ordinal)
        .Replace("/dev/DISK", $"/dev/{device}", StringComparison.Ordinal).Replace("/dev/nvme0", $"/dev/{device}", StringComparison.Ordinal);

    private static readonly DeviceFamily[] Controllers = [StorageControllers.Event, StorageControllers.Failed, StorageControllers.Reset],
        OwnDisks = [Disks.MediumError, Disks.LinkFrozen, Disks.Offline, Disks.IoError, Disks.NvmeFailed];

    /// <summary>
    /// Of a volume that no line connects with a disk: the controller or disk that failed just before it, if it was the only one.
    /// </summary>
    private DeviceSaid? Under(FamilySeen[] effect, Facts facts)
    {
        const double Seconds = 60;
        const int Lines = 200;
        Source first = effect.MinBy(s => s.Source.Order)!.Source;
        if (!family.OnBlockDevice)
            return null;
        if (UsbDisk.Is(effect[0].Object))
            return UsbDisk.LeftBefore(effect.MinBy(s => s.Source.Order)!, facts);
        // Of a plain disk only what stands in front of all disks counts; its own trouble is joined by its name.
        bool volume = BlockName.Below(effect[0].Object) is not null, scsi = effect[0].Object.StartsWith("sd", StringComparison.Ordinal);
        if (!volume && !scsi)
            return null;
        DeviceSaid[] before = [.. facts.Of<DeviceSaid>().Where(d => d.Boot == effect[0].Boot && !d.Overcome && !d.Word.Aftermath &&
            d.Source.Input == first.Input && d.Source.Order < first.Order && (Array.IndexOf(Controllers, d.Family) >= 0 ||
                (volume && Array.IndexOf(OwnDisks, d.Family) >= 0)) && (first.Time is { } now && (d.LastTime ?? d.Source.Time) is { } then
                    ? now - then < Seconds : first.Order - d.Source.Order <= Lines))];
        DeviceSaid[] controllers = [.. before.Where(d => Array.IndexOf(Controllers, d.Family) >= 0)];
        DeviceSaid[] likely = controllers.Length > 0 ? controllers : before;
        return likely.Select(d => d.Device).Distinct(StringComparer.Ordinal).Count() == 1 ? likely[0] : null;
    }

    private const double Soon = 60;

    private const int Close = 40;

    private static readonly Family[] OfFilesystems =
        [FilesystemFamilies.Damaged, FilesystemFamilies.IoError, FilesystemFamilies.ShutDown];

    /// <summary>A read or write of the file system's own disk that failed just before it complained.</summary>
    private DeviceSaid? Unread(FamilySeen[] effect, Facts facts)
    {
        if (!Array.Exists(OfFilesystems, f => ReferenceEquals(f, family)) || effect[0].Object.Length == 0)
            return null;
        Source first = effect.MinBy(s => s.Source.Order)!.Source;
        string device = BlockName.WithoutJournal(effect[0].Object), disk = BlockName.DiskOf(effect[0].Object);
        return facts.Of<DeviceSaid>().FirstOrDefault(d => d.Family == Disks.IoError && d.Boot == effect[0].Boot && !d.Overcome &&
            !d.Word.Aftermath && d.Source.Input == first.Input && d.Source.Order < first.Order &&
            (d.Device == device || d.Device == disk || BlockName.DiskOf(d.Device) == device) &&
            (first.Time is { } now && (d.LastTime ?? d.Source.Time) is { } then ? now - then < Soon
                : first.Order - d.Source.Order <= Close));
    }

    /// <summary>Earlier findings of other families about the same object or its disk.</summary>
    private static IEnumerable<FindingRef> CausesOf(string id, FamilySeen[] effect, Facts facts)
    {
        Family? cause = Array.Find(FamilyBook.All, f => f.Id == id);
        if (cause is null)
            return [id];
        long first = effect.Min(s => s.Source.Line);
        string about = effect[0].Object;
        return Seen(cause, facts).Where(s => s.Boot == effect[0].Boot && s.Source.Input == effect[0].Source.Input && s.Source.Line <= first)
            .Where(s => s.Object.Length == 0 || about.Length == 0 || s.Object == about || BlockName.DiskOf(about) == s.Object ||
                !cause.OnBlockDevice || s.Taken.Contains(about))
            .Select(s => new FindingRef(id, s.Object.Length == 0 ? null : s.Object)).Distinct();
    }

    private static IEnumerable<FamilySeen> Seen(Family family, Facts facts) =>
        facts.Of<FamilySeen>().Where(s => ReferenceEquals(s.Family, family) && s.Count >= s.Telling.Times);

    /// <summary>A command is printed only if every name in it is a plain word.</summary>
    private static string? Command(string text, FamilySeen seen) =>
        (text.Contains("{0}", StringComparison.Ordinal) && !PlainWord.Is(seen.Object)) ||
            seen.Taken.Where((t, i) => text.Contains($"{{{i + 1}}}", StringComparison.Ordinal) && !PlainWord.Is(t)).Any()
            ? null : Fill(text, seen);

    private static string Fill(string text, FamilySeen seen)
    {
        text = text.Replace("{0}", seen.Object, StringComparison.Ordinal);
        for (int i = 0; i < seen.Taken.Count; i++)
            text = text.Replace($"{{{i + 1}}}", seen.Taken[i], StringComparison.Ordinal);
        return text;
    }
}
