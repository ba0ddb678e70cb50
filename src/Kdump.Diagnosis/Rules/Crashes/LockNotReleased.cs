using System.Globalization;
using Kdump.Diagnosis.Evidence.Dumps;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>Tasks waited too long for a lock, and the lock's owner field names the holder; only a dump shows that.</summary>
public sealed class LockNotReleased : Rule
{
    private const string Name = "lock-not-released";

    public override string Id => Name;

    public override Entry Entry => new(Name, "tasks waited too long for a lock that another task holds")
    {
        Area = Area.Crashing,
        Signature = ["a vmcore with tasks in uninterruptible sleep below mutex_lock, down_read or down_write"],
        Cause = "The lock's owner field names the holder: " +
            "that task sleeps itself, waits for another lock (a deadlock if the chain is circular), or never released it.",
        Fixes = [new("See what the holder was doing", "kdt vmcore bt --pid PID vmcore")],
        Kernels = "with BTF in the dump",
        Origin = "kernel/locking/mutex.c, kernel/locking/rwsem.c, kernel/hung_task.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        DumpDeadlock[] deadlocks = [.. facts.Of<DumpDeadlock>()];
        foreach (DumpDeadlock deadlock in deadlocks)
            yield return new Finding(Id, $"deadlock: {string.Join(", ", deadlock.Links)}", Severity.Error, 0.97,
                "The owner field of each lock names the next task, and each task is in the list of waiters of the next one's lock: " +
                    (deadlock.Wakeable is { } task ? $"they continue only if a signal ends {task}." : "none of them can ever continue."))
            {
                Subject = SubjectOf(deadlock),
                Evidence = [deadlock.Source],
                Fixes = [new Fix("See every lock with its holder and waiters",
                    $"kdt vmcore locks {ShellWord.Path(deadlock.Source.Input)}")],
            };
        bool InCircle(BlockedTask task) => Array.Exists(deadlocks, d => d.Source.Input == task.Source.Input && d.Pids.Contains(task.Pid));
        BlockedTask[] waiting = [.. facts.Of<BlockedTask>().Where(t => t.Lock is not null && t.Seconds >= t.Limit)];
        foreach (BlockedTask task in waiting.Where(t => t.Holder is null || t.Readers))
            yield return new Unknown(
                $"which task holds the {task.Lock} that {task.Command} ({task.Pid}) waits for: {WhyUnknown(task)}",
                "the stacks of all tasks: kdt vmcore bt --all");
        foreach (IGrouping<string, BlockedTask> group in waiting.Where(t => t.Holder is not null && !t.Readers && !InCircle(t))
            .GroupBy(t => $"{t.Source.Input} {t.Lock} {t.Holder}", StringComparer.Ordinal))
        {
            BlockedTask longest = group.OrderByDescending(t => t.Seconds).First();
            string seconds = longest.Seconds.ToString("0", CultureInfo.InvariantCulture);
            string[] circle = Circle(longest, waiting);
            yield return new Finding(Id, circle.Length > 0 ? $"deadlock: {string.Join(", ", circle)}"
                : $"{longest.Holder} holds the {longest.Lock} for which {longest.Command} ({longest.Pid}) has waited {seconds} s",
                Severity.Error, 0.95,
                    "The lock's own owner " +
                    $"field names the holder{(longest.HolderAt is null ? "" : $", which was in {longest.HolderAt}")}; " +
                    "its list of waiters contains the waiting task.")
            {
                Subject = longest.Lock,
                CausedBy = [.. AwaitedBy([longest.Holder!.Pid], longest.Boot, facts)],
                Evidence = [.. group.Take(4).Select(t => t.Source)],
                Fixes = [new Fix("See what the holder was doing",
                    $"kdt vmcore bt --pid {longest.Holder!.Pid} {ShellWord.Path(longest.Source.Input)}")],
            };
        }
    }

    /// <summary>The findings about the very locks that these tasks are proven to wait for.</summary>
    internal static IEnumerable<FindingRef> AwaitedBy(IReadOnlyCollection<int> pids, Boot? boot, Facts facts)
    {
        DumpDeadlock[] circles = [.. facts.Of<DumpDeadlock>().Where(d => d.Boot == boot && d.Pids.Any(pids.Contains))];
        return circles.Select(d => new FindingRef(Name, SubjectOf(d)))
            .Concat(facts.Of<BlockedTask>().Where(t => t is { Lock: not null, Holder: not null, Readers: false } && t.Boot == boot &&
                pids.Contains(t.Pid) && !Array.Exists(circles, d => d.Pids.Contains(t.Pid)))
                .Select(t => new FindingRef(Name, t.Lock)))
            .Distinct();
    }

    private static string SubjectOf(DumpDeadlock deadlock) => string.Join(' ', deadlock.Pids);

    /// <summary>The cycle from a waiter, over holders that wait themselves, back to that waiter; empty if there is none.</summary>
    private static string WhyUnknown(BlockedTask task)
    {
        if (task.Readers)
            return "readers hold it, and the kernel records only the last of them";
        return task.OwnerKept ? "its owner field names no task" : "locks of this kind do not record their owner";
    }

    private static string[] Circle(BlockedTask first, BlockedTask[] waiting)
    {
        List<string> links = [];
        BlockedTask? at = first;
        for (int i = 0; i < 16 && at?.Holder is { } holder; i++)
        {
            links.Add($"{at.Command} ({at.Pid}) waits for {holder}");
            if (holder.Pid == first.Pid)
                return [.. links];
            at = Array.Find(waiting, t => t.Pid == holder.Pid && !t.Readers);
        }
        return [];
    }
}
