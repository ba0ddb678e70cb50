using System.Globalization;
using Kdump.Diagnosis.Evidence.Dumps;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Symbols;
using Kdump.Kernel.Views;
using MemoryState = Kdump.Kernel.Memory.MemoryState;

namespace Kdump.Sources.Cases;

/// <summary>
/// Evidence in a dump's memory beyond its log: where the kernel stopped, which tasks wait for which, and which parts are missing.
/// </summary>
public static class DumpEvidence
{
    /// <summary>The most stacks that are read: enough to show that stacks are missing.</summary>
    private const int MaxStacks = 200;

    /// <summary>The parts of the evidence, each independent: if one fails, the others are still read.</summary>
    public static IEnumerable<(string Part, Func<IEnumerable<Fact>> Facts)> Of(Vmcore vmcore, string path)
    {
        var blocked = new Lazy<BlockedTasks?>(() => vmcore.Tasks.Value is { } tasks ? new(vmcore, tasks.All, vmcore.Stacks()) : null);
        return
        [
            ("the place where a dump's kernel stopped", () => DumpStop.Of(vmcore, path) is { } crash ? [crash] : []),
            ("freed objects of a dump", () => DumpStop.FreedObjects(vmcore, path)),
            ("the layers of a dump", () => Unread(vmcore, path)),
            ("blocked tasks of a dump", () => blocked.Value is { } found ? Blocked(path, found) : []),
            ("deadlocks of a dump", () => vmcore.Tasks.Value is { } tasks ? Deadlocks(vmcore, path, tasks) : []),
            ("what a dump left out", () => Gaps(vmcore, path, blocked.Value)),
        ];
    }

    /// <summary>If memory cannot be read at all, every layer is missing for that one reason.</summary>
    private static IEnumerable<DumpUnread> Unread(Vmcore vmcore, string path)
    {
        foreach ((string name, string status, MemoryState? missing) in vmcore.Base.Value is null ? vmcore.Layers.Take(1) : vmcore.Layers)
            if (status != "ok" && missing != MemoryState.Excluded)
                yield return new DumpUnread(new Source(path, $"{name}: {status}"), name, status);
    }

    private static IEnumerable<Fact> Blocked(string path, BlockedTasks blocked)
    {
        foreach (Kernel.Views.BlockedTask task in blocked.All)
            if (task.Seconds is { } seconds)
                yield return Blocked(path, task, seconds, blocked);
    }

    private static Diagnosis.Evidence.Dumps.BlockedTask Blocked(string path, Kernel.Views.BlockedTask task, double seconds,
        BlockedTasks blocked)
    {
        // The kernel records no owner for completions and bit waits, so the task that should complete them is not known.
        TaskWait? wait = task.Wait is { Kind: <= WaitKind.PerCpuRwSemaphore } held ? held : null;
        string? name = wait is null ? null : $"{KindOf(wait.Kind)} {(wait.Name is { } at ? NameOf(at) : $"at {wait.Object}")}";
        TaskStruct? holder = wait?.Holder;
        string? holderAt;
        if (holder is null)
            holderAt = null;
        else if (BlockedTasks.Within(blocked.StackOf(holder)) is { } place)
            holderAt = $"{NameOf(place)} ({holder.State})";
        else
            holderAt = holder.State;
        string state = task.Task.State + (task.Task.Killable ? " (killable)" : "");
        string text = $"{task.Task.Comm} ({task.Task.Pid}): {state} for {seconds.ToString("0.0", CultureInfo.InvariantCulture)} s"
            + (task.Within is { } within ? $" in {within}" : "") + (name is null ? "" : $", waits for {name}") +
                (holder is null ? "" : $", held by {holder.Comm} ({holder.Pid}) in {holderAt}");
        return new(new Source(path, text), task.Task.Pid, task.Task.Comm, seconds, blocked.Limit, task.Within?.Symbol, name,
            holder is null ? null : new DumpTask(holder.Pid, holder.Comm), holderAt, wait?.Readers ?? false)
        {
            Killable = task.Task.Killable,
            OwnerKept = wait?.Kind is not (WaitKind.Semaphore or WaitKind.PerCpuRwSemaphore),
        };
    }

    private static string KindOf(WaitKind kind) => kind switch
    {
        WaitKind.Mutex => "mutex",
        WaitKind.RwSemaphore => "rw_semaphore",
        WaitKind.Semaphore => "semaphore",
        WaitKind.RtMutex => "rt_mutex",
        _ => "percpu_rw_semaphore",
    };

    /// <summary>Cycles of tasks that wait for each other's locks, even if they waited only for a short time.</summary>
    private static IEnumerable<DumpDeadlock> Deadlocks(Vmcore vmcore, string path, Tasks tasks)
    {
        Locks locks = new(vmcore, tasks.All, vmcore.Stacks(), vmcore.Registers);
        foreach (IReadOnlyList<TaskStruct> circle in locks.Deadlocks)
        {
            string[] links = [.. circle.Select(t => locks.WaitOf(t) is { Holder: { } holder } wait
                ? $"{t.Comm} ({t.Pid}) " +
                    $"waits for the {KindOf(wait.Kind)} {(wait.Name is { } at ? NameOf(at) : $"at {wait.Object}")} of {holder.Comm} " +
                    $"({holder.Pid})" : $"{t.Comm} ({t.Pid})")];
            yield return new DumpDeadlock(new Source(path, string.Join(", ", links)), links, [.. circle.Select(t => t.Pid)])
            {
                Wakeable = circle.FirstOrDefault(t => t.Killable || t.State == "IN") is { } task ? new DumpTask(task.Pid, task.Comm) : null,
            };
        }
    }

    private static string NameOf(Location at) => at.Symbol + (at.Module is null ? "" : $" [{at.Module}]");

    private static IEnumerable<DumpGap> Gaps(Vmcore vmcore, string path, BlockedTasks? blocked)
    {
        int? level = vmcore.Dump.Info.DumpLevel;
        foreach ((string name, string status, MemoryState? missing) in vmcore.Layers
            .Append(("tasks", vmcore.Tasks.Status, vmcore.Tasks.Missing))
            .Append(("modules", vmcore.Modules.Status, vmcore.Modules.Missing)))
            if (missing == MemoryState.Excluded)
                yield return new DumpGap(new Source(path, $"{name}: {status}"), name, level);
        foreach ((string name, IReadOnlyList<Damage> damages) in new[] { ("tasks", vmcore.Tasks.Value?.Damages ?? []),
            ("modules", vmcore.Modules.Value?.Damages ?? []), ("interrupts", vmcore.Irqs.Value?.Damages ?? []),
            ("devices", vmcore.Devices.Value?.Damages ?? []) })
            foreach (Damage damage in damages.Where(d => MissingMemory.Of(d) == MemoryState.Excluded).Take(1))
                yield return new DumpGap(new Source(path, $"{damage.Field}: {damage.Reason}"), name, level);
        if (blocked is null || vmcore.Tasks.Value is not { } tasks)
            yield break;
        foreach (TaskStruct task in tasks.All.Take(MaxStacks))
        {
            if (blocked.StackOf(task) is { Missing: MemoryState.Excluded, Stopped: { } why })
            {
                yield return new DumpGap(new Source(path, $"stack of {task.Comm} ({task.Pid}): {why}"), "stacks", level);
                yield break;
            }
        }
    }
}
