using System.Globalization;
using Kdump.Diagnosis.Catalogue.Devices;
using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Crashes.Clues;
using Kdump.Diagnosis.Evidence.Dumps;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>
/// A task waited too long: kernel/hung_task.c. The task is a victim; the cause is whatever holds the resource that it waits for.
/// </summary>
public sealed class HungTask : Rule
{
    public override string Id => "hung-task";

    public override Entry Entry => new("hung-task", "a task was blocked for too long")
    {
        Area = Area.Crashing,
        Signature =
        [
            "INFO: task …:… blocked for more than … seconds.",
            "BUG: workqueue lockup - pool …",
        ],
        Cause = "The blocked task is a victim: look for the holder of the lock, or for the disk that does not answer.",
        Origin = "kernel/hung_task.c, kernel/workqueue.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts) => Reported(facts).Concat(Silent(facts));

    private IEnumerable<Opinion> Reported(Facts facts) => CrashFindings.Of(Id, facts, (crash, group) =>
        new Finding(Id, TitleOf(crash, group), crash.Panicked ? Severity.Critical : Severity.Error, crash.Confidence * 0.9,
            crash.Kind switch
            {
                "workqueue-lockup" => "The work items of that pool were not run: " +
                    "something on its CPU does not let go, or the CPU itself did not run. ",
                _ when crash.Clues.Any(c => c.Meaning == "own-lock") => "",
                _ when crash.Awaited is { } awaited =>
                    $"The trace shows the waiting task, not the holder: look at {awaited.Look}. {ForFileSystem(crash)}",
                _ => $"It waits for {SleepKind.Of(crash.Frames)?.Words ?? "a lock or for I/O that does not complete"}; " +
                    "the trace shows the waiting task, not the holder. ",
            } +
                    CrashFindings.Where(crash) + Longest(group))
        {
            CausedBy = ["aer-uncorrectable", "iommu-fault", .. LockNotReleased.AwaitedBy(
                [.. group.Select(c => c.Context.Pid).OfType<int>()], crash.Boot, facts), .. StorageBefore(group, facts)],
            Fixes = [crash.Kind == "workqueue-lockup" ? new Fix("Get the stacks of all CPUs when it happens again",
                    "echo l > /proc/sysrq-trigger; dmesg")
                : new Fix("Get all blocked tasks and held locks when it happens again",
                    "echo w > /proc/sysrq-trigger; echo d > /proc/sysrq-trigger")],
        });

    private static readonly DeviceFamily[] Storage = [StorageControllers.Reset, StorageControllers.Failed, StorageControllers.Event,
        Disks.LinkFrozen, Disks.LinkDropped, Disks.Offline, Disks.NvmeFailed, Disks.IoError];

    private static readonly string[] OnDisks = ["disk", "request-slot", "queue-frozen", "jbd2", "xfs-log", "btrfs", "md",
        "device-mapper", "zfs", "mmc"];

    /// <summary>
    /// Disks or their controllers that did not answer while the first of the tasks waited. Only for tasks that wait for a disk, or of
    /// which no stack says for what they wait.
    /// </summary>
    private static IEnumerable<FindingRef> StorageBefore(IReadOnlyList<Crash> group, Facts facts)
    {
        const double Reported = 150, Waits = 30;
        Crash first = group.MinBy(c => c.Order)!;
        bool disk = first.Awaited is { } awaited ? OnDisks.Contains(awaited.Name) : first.Frames.Count == 0;
        if (!disk || first.Time is not { } time)
            return [];
        return facts.Of<DeviceSaid>().Where(d => Array.IndexOf(Storage, d.Family) >= 0 && d.Boot == first.Boot && !d.Overcome &&
                !d.Word.Aftermath && d.Source.Input == first.Source.Input &&
                d.Time is { } then && time - then is >= 0 and < Reported + Waits)
            .Select(d => new FindingRef(d.Family.Id, d.Device.Length > 0 ? d.Device : null)).Distinct();
    }

    private static readonly string[] FileSystems = ["f2fs", "ext4", "xfs", "btrfs", "gfs2", "ocfs2", "ntfs3", "ntfs", "exfat",
        "fat", "erofs", "squashfs", "ubifs", "jfs", "reiserfs", "nilfs", "udf", "hfsplus", "bcachefs", "nfs", "cifs", "ceph",
        "fuse", "zfs", "jffs2", "orangefs"];

    /// <summary>The file system through which the task came to wait for its disk.</summary>
    private static string ForFileSystem(Crash crash) => crash.Awaited is { Name: "disk" or "request-slot" } &&
        crash.Frames.Where(f => f.Reliable).Select(f => Array.Find(FileSystems, s => f.Function.StartsWith(s + "_",
            StringComparison.Ordinal))).FirstOrDefault(s => s is not null) is { } name
            ? $"It came there through the file system {name}, which may wait for itself as well (no free blocks, a lock of its own). " : "";

    /// <summary>Tasks that wait for the same thing are reported together.</summary>
    private static string TitleOf(Crash crash, IReadOnlyList<Crash> group)
    {
        const int Named = 3;
        if (crash.Kind == "workqueue-lockup")
            return $"the workers of a workqueue pool were stuck{StuckFor(crash.Source.Text)}";
        string[] tasks = [.. group.Select(c => c.Context.Comm is { } name ? name : null).OfType<string>().Distinct(StringComparer.Ordinal)];
        int count = group.Select(c => (c.Context.Comm, c.Context.Pid)).Distinct().Count();
        string[] kinds = [.. group.Select(c => SleepKind.Of(c.Frames)?.Name ?? "").Distinct(StringComparer.Ordinal)];
        string? what = crash.Awaited?.Words ?? (kinds is [{ Length: > 0 } one] ? one : null);
        string waits = what is null ? "" : $" waiting for {what}";
        string where;
        if (crash.Function is { } function)
            where = $" in {function}";
        else if (crash.Context.Workqueue?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, { } work, ..] words)
            where = $" in the work item {work}{(WorkItems.ModuleOf(words) is { } module ? $" of {module}" : "")}";
        else
            where = "";
        if (count < 2 || tasks.Length == 0)
            return $"{(crash.Context.Comm is { } comm ? $"the task {comm}" : "a task")} hung{where}{(waits.Length > 0 ? "," : "")}{waits}";
        string more = tasks.Length > Named ? $" and {tasks.Length - Named} more" : "";
        return $"{Counted.Of(count, "task")} hung{(waits.Length > 0 ? waits : where)}: {string.Join(", ", tasks.Take(Named))}{more}";
    }

    /// <summary>The kernel reports a task again every two minutes: how long it waited is in the last report.</summary>
    private static string Longest(IReadOnlyList<Crash> group)
    {
        const string Mark = "blocked for more than ";
        long longest = 0, first = 0;
        foreach (Crash crash in group)
        {
            int at = crash.Source.Text.IndexOf(Mark, StringComparison.Ordinal);
            var c = new Text.TextCursor(at < 0 ? default : crash.Source.Text.AsSpan(at + Mark.Length));
            if (at < 0 || !c.Number(out long seconds))
                continue;
            first = first == 0 ? seconds : first;
            longest = Math.Max(longest, seconds);
        }
        return longest > first ? $" It is reported again and again: the last time after more than {longest} s." : "";
    }

    /// <summary><c>BUG: workqueue lockup - pool cpus=3 node=0 flags=0x0 nice=0 stuck for 49s!</c></summary>
    private static string StuckFor(string heading)
    {
        const string Pool = "pool cpus=", Stuck = "stuck for ";
        int cpus = heading.IndexOf(Pool, StringComparison.Ordinal), stuck = heading.IndexOf(Stuck, StringComparison.Ordinal);
        string where = cpus < 0 ? "" : $" on CPU {heading[(cpus + Pool.Length)..].Split(' ')[0]}";
        string time = stuck < 0 ? "" : heading[(stuck + Stuck.Length)..].Split('!')[0].TrimEnd('s', ' ');
        return time.Length is > 0 and < 8 && time.All(char.IsAsciiDigit) ? $"{where} for {time} s" : where;
    }

    /// <summary>Tasks of a dump that waited too long without a message in the log: the detector is off, or had not run yet.</summary>
    private IEnumerable<Opinion> Silent(Facts facts)
    {
        foreach (IGrouping<string, BlockedTask> group in facts.Of<BlockedTask>()
            .Where(t => t.Seconds >= t.Limit && !t.Killable && !Told(t, facts))
            .GroupBy(t => t.Function ?? t.Command, StringComparer.Ordinal))
        {
            BlockedTask longest = group.OrderByDescending(t => t.Seconds).First();
            int others = group.Count() - 1;
            yield return new Finding(Id,
                $"{longest.Command} ({longest.Pid}) {(others > 0 ? $"and {others} more " : "")}hung in {group.Key}", Severity.Error, 0.85,
                $"It had not run for {longest.Seconds.ToString("0", CultureInfo.InvariantCulture)} s at the time of the crash, " +
                    "in uninterruptible sleep. The log does not mention it.")
            {
                Subject = group.Key,
                CausedBy = ["aer-uncorrectable", "iommu-fault", .. LockNotReleased.AwaitedBy([.. group.Select(t => t.Pid)], longest.Boot,
                    facts)],
                Evidence = [.. group.Take(4).Select(t => t.Source)],
            };
        }
    }

    private static bool Told(BlockedTask task, Facts facts) =>
        facts.Of<Crash>().Any(c => CrashFindings.IdOf(c) == "hung-task" && (c.Context.Pid == task.Pid || c.Function == task.Function));
}
