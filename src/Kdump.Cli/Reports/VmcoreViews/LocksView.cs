using System.Globalization;
using System.Text.Json;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Kernel;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Symbols;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary><c>kdt vmcore locks</c>: deadlocks first, then every lock with its holder and waiters, then CPUs that spin.</summary>
internal static class LocksView
{
    private const int Shown = 12;

    public static Locks Of(Vmcore vmcore) =>
        new(vmcore, vmcore.Tasks.Need(vmcore.Dump.Name, "tasks").All, vmcore.Stacks(), vmcore.Registers);

    public static void Text(Context context, Vmcore vmcore)
    {
        Locks locks = Of(vmcore);
        TextWriter output = context.Output;
        foreach (IReadOnlyList<TaskStruct> circle in locks.Deadlocks)
        {
            output.WriteLine("DEADLOCK:");
            foreach (TaskStruct task in circle)
                if (locks.WaitOf(task) is { Holder: { } holder } wait)
                    output.WriteLine($"  {Who(task)} waits for the {Words(wait.Kind)} {Printable.Escape(Named(wait.Name, wait.Object))}, " +
                        $"held by {Who(holder)}");
            output.WriteLine();
        }
        foreach (LockState held in locks.All)
        {
            output.WriteLine(
                $"{Words(held.Kind)} {Printable.Escape(Named(held.Name, held.Address))}{(held.Detail is null ? "" : $" ({held.Detail})")}");
            if (held.Holder is { } holder)
                output.WriteLine($"  {(held.Readers ? "held by readers, the last of them" : "held by")} " +
                    $"{Who(holder)} {holder.State}{Place(locks, holder)}");
            else if (held.Kind <= WaitKind.RtMutex)
                output.WriteLine(held.Readers ? "  held by readers; the kernel does not record which" : "  its holder is not recorded");
            IReadOnlyList<TaskStruct> chain = locks.Chain(held);
            if (chain.Count > 1)
                output.WriteLine($"  chain: {string.Join(" → ", chain.Select(Who))}");
            foreach (TaskStruct task in held.Waiters.Take(Shown))
                output.WriteLine($"  {Seconds(task),10} s {Who(task)} {task.State}{Note(task)}{Place(locks, task)}");
            if (held.Waiters.Count > Shown)
                output.WriteLine($"  and {held.Waiters.Count - Shown} more");
        }
        foreach (Spinner spinner in locks.Spinners)
            output.WriteLine($"CPU {spinner.Cpu} spins in {spinner.Function}" + (spinner.Task is { } task ? $" for {Who(task)}" : "") +
                (spinner.Lock is { } at
                    ? $": spinlock {Printable.Escape(Named(spinner.Name, at))} = 0x{spinner.Value:x8}{Queue(spinner.Value)}"
                    : ": the lock could not be determined") + (spinner.Owner is { } owner ? $", held by {Who(owner)}" : ""));
        if (locks.Unproven.Count > 0)
        {
            output.WriteLine($"{locks.Unproven.Count} more in uninterruptible sleep; what they wait for could not be determined:");
            foreach (TaskStruct task in locks.Unproven.Take(Shown))
                output.WriteLine($"  {Seconds(task),10} s {Who(task)}{Note(task)}{Place(locks, task)}");
            if (locks.Unproven.Count > Shown)
                output.WriteLine($"  and {locks.Unproven.Count - Shown} more (kdt vmcore bt --group --state UN)");
        }
        else if (locks.All.Count == 0 && locks.Spinners.Count == 0)
            output.WriteLine(UnreadText.None(vmcore, "no task waits for a lock and no CPU spins on one"));
        if (locks.LeftOut > 0)
            output.WriteLine($"{Counted.Of(locks.LeftOut, "sleeping task", "was", "were")} not examined");
    }

    public static void Json(TextWriter output, Vmcore vmcore)
    {
        Locks locks = Of(vmcore);
        UnreadText.Json(output, vmcore, "kdt.vmcore.locks/1", json =>
        {
            json.WriteStartArray("deadlocks");
            foreach (IReadOnlyList<TaskStruct> circle in locks.Deadlocks)
            {
                json.WriteStartArray();
                foreach (TaskStruct task in circle)
                    Write(json, task);
                json.WriteEndArray();
            }
            json.WriteEndArray();
            json.WriteStartArray("locks");
            foreach (LockState held in locks.All)
            {
                json.WriteStartObject();
                json.WriteString("kind", Words(held.Kind));
                json.WriteString("address", held.Address.ToString());
                json.WriteString("name", held.Name?.Symbol);
                json.WriteString("detail", held.Detail);
                json.WriteBoolean("readers", held.Readers);
                json.WritePropertyName("holder");
                if (held.Holder is { } holder)
                    Write(json, holder);
                else
                    json.WriteNullValue();
                json.WriteStartArray("waiters");
                foreach (TaskStruct task in held.Waiters)
                    Write(json, task);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("spinners");
            foreach (Spinner spinner in locks.Spinners)
            {
                json.WriteStartObject();
                json.WriteNumber("cpu", spinner.Cpu);
                json.WriteNumber("pid", spinner.Task?.Pid ?? -1);
                json.WriteString("function", spinner.Function);
                json.WriteString("lock", spinner.Lock?.ToString());
                json.WriteString("name", spinner.Name?.Symbol);
                json.WriteNumber("value", spinner.Value);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("unproven");
            foreach (TaskStruct task in locks.Unproven)
                Write(json, task);
            json.WriteEndArray();
            json.WriteNumber("leftOut", locks.LeftOut);
        });
    }

    public static string Words(WaitKind kind) => kind switch
    {
        WaitKind.Mutex => "mutex",
        WaitKind.RwSemaphore => "rw_semaphore",
        WaitKind.Semaphore => "semaphore",
        WaitKind.RtMutex => "rt_mutex",
        WaitKind.PerCpuRwSemaphore => "percpu_rw_semaphore",
        WaitKind.Completion => "completion",
        WaitKind.Bit => "bit",
        WaitKind.PageBit => "page",
        _ => "wait queue",
    };

    public static string Named(Location? name, Formats.Bytes.VirtualAddress address) =>
        name is { } at
            ? $"{at.Symbol}{(at.Offset == 0 ? "" : $"+0x{at.Offset:x}")}{(at.Module is null ? "" : $" [{at.Module}]")} ({address})"
            : $"{address}";

    public static string Who(TaskStruct task) => $"{Printable.Escape(task.Comm)} ({task.Pid})";

    /// <summary> (killable) or (frozen), with a blank before it; empty for any other task.</summary>
    public static string Note(TaskStruct task) => task.SleepNote.Length > 0 ? $" ({task.SleepNote})" : "";

    /// <summary>The state, and whether a fatal signal or a thaw would end the sleep.</summary>
    public static void State(Utf8JsonWriter json, TaskStruct task)
    {
        json.WriteString("state", task.State);
        if (task.SleepNote is { Length: > 0 } note)
            json.WriteBoolean(note, true);
    }

    private static void Write(Utf8JsonWriter json, TaskStruct task)
    {
        json.WriteStartObject();
        json.WriteNumber("pid", task.Pid);
        json.WriteString("comm", task.Comm);
        State(json, task);
        json.WriteString("task", task.Address.ToString());
        if (task.NanosecondsSinceRun is { } ns && !task.OnCpu)
            json.WriteNumber("nanosecondsSinceRun", ns);
        json.WriteEndObject();
    }

    private static string Seconds(TaskStruct task) =>
        task.NanosecondsSinceRun is { } ns ? (ns / 1e9).ToString("0.000", CultureInfo.InvariantCulture) : "?";

    private static string Place(Locks locks, TaskStruct task)
    {
        if (task.OnCpu)
            return $" (on CPU {task.Cpu})";
        if (BlockedTasks.Within(locks.StackOf(task)) is { } at)
            return $" in {Printable.Escape(at.Symbol)}{(at.Module is null ? "" : $" [{at.Module}]")}";
        return "";
    }

    private static string Queue(uint value) => value >> 18 is > 0 and var tail ? $", its queue ends with CPU {tail - 1}" : "";
}
