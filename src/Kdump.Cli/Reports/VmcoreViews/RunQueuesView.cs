using System.Globalization;
using System.Text.Json;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Kernel;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary><c>kdt vmcore runq</c>: what each CPU ran and what waited for it.</summary>
internal static class RunQueuesView
{
    private const int Shown = 24;

    public static RunQueues Of(Vmcore vmcore) => new(vmcore, vmcore.Tasks.Need(vmcore.Dump.Name, "tasks").All);

    public static void Text(Context context, Vmcore vmcore)
    {
        RunQueues queues = Of(vmcore);
        TextWriter output = context.Output;
        foreach (CpuQueue queue in queues.All)
        {
            output.WriteLine($"CPU {queue.Cpu}: {queue.Running} to run, clock {Seconds(queue.Clock)} s" +
                (queue.Behind > 1_000_000_000 ? $", {Seconds(queue.Behind)} s behind the latest" : "") +
                (queue.WaitingForIo > 0 ? $", {queue.WaitingForIo} in I/O wait" : "") +
                (queue.Throttled ? ", REAL-TIME TASKS THROTTLED" : ""));
            output.WriteLine($"  current: {(queue.Current is { } current ? Line(current, queue) : "unreadable")}");
            Queue("deadline", queue.Deadline, q => $"deadline {Seconds((ulong)q.Order)}");
            Queue("real time", queue.RealTime, q => $"priority {99 - q.Order}");
            Queue("fair", queue.Fair, q => q.Group ? "in a group" : "");

            void Queue(string name, IReadOnlyList<QueuedTask> tasks, Func<QueuedTask, string> order)
            {
                foreach (QueuedTask task in tasks.Take(Shown))
                    output.WriteLine($"  {name}: {Line(task.Task, queue)}  {order(task)}".TrimEnd());
                if (tasks.Count > Shown)
                    output.WriteLine($"  {name}: and {tasks.Count - Shown} more");
            }
        }
        UnreadText.Lost(vmcore, queues.Damages);
    }

    public static void Json(TextWriter output, Vmcore vmcore)
    {
        RunQueues queues = Of(vmcore);
        UnreadText.Json(output, vmcore, "kdt.vmcore.runq/1", json =>
        {
            json.WriteStartArray("cpus");
            foreach (CpuQueue queue in queues.All)
            {
                json.WriteStartObject();
                json.WriteNumber("cpu", queue.Cpu);
                json.WriteNumber("running", queue.Running);
                json.WriteNumber("clock", queue.Clock);
                json.WriteNumber("behind", queue.Behind);
                json.WriteNumber("uninterruptible", queue.Uninterruptible);
                json.WriteNumber("ioWait", queue.WaitingForIo);
                json.WriteNumber("switches", queue.Switches);
                json.WriteBoolean("throttled", queue.Throttled);
                json.WriteNumber("current", queue.Current?.Pid ?? -1);
                Write(json, "deadline", queue.Deadline);
                Write(json, "realTime", queue.RealTime);
                Write(json, "fair", queue.Fair);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            UnreadText.Lost(json, vmcore, queues.Damages);
        });
    }

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<QueuedTask> tasks)
    {
        json.WriteStartArray(name);
        foreach (QueuedTask task in tasks)
        {
            json.WriteStartObject();
            json.WriteNumber("pid", task.Task.Pid);
            json.WriteString("comm", task.Task.Comm);
            json.WriteNumber("order", task.Order);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static string Line(TaskStruct task, CpuQueue queue)
    {
        string waits = task.NanosecondsSinceRun switch
        {
            { } ns when task != queue.Current => $" last ran {(ns / 1e9).ToString("0.000", CultureInfo.InvariantCulture)} s ago",
            { } since when task.Pid != 0 => $" for {(since / 1e9).ToString("0.000", CultureInfo.InvariantCulture)} s",
            _ => "",
        };
        return $"{Printable.Escape(task.Comm)} ({task.Pid}) {TaskFacts.Policy(task)}{waits}";
    }

    private static string Seconds(ulong ns) => (ns / 1e9).ToString("0.000", CultureInfo.InvariantCulture);
}
