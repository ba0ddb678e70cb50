using System.Globalization;
using System.Text.Json;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Kernel;
using Kdump.Kernel.Symbols;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary><c>kdt vmcore workqueues</c>: stuck pools first, then what workers run and what waits for them.</summary>
internal static class WorkQueuesView
{
    private const int Shown = 16;

    public static WorkQueues Of(Vmcore vmcore) => new(vmcore, vmcore.Tasks.Need(vmcore.Dump.Name, "tasks").All);

    public static void Text(Context context, Vmcore vmcore)
    {
        WorkQueues all = Of(vmcore);
        TextWriter output = context.Output;
        foreach (WorkerPool pool in all.Pools.OrderByDescending(p => p.Stuck).ThenBy(p => p.Id))
        {
            string since = pool.Seconds is { } s ? $", started none for {s.ToString("0.000", CultureInfo.InvariantCulture)} s" : "";
            output.WriteLine(
                $"{(pool.Stuck ? "STUCK " : "")}pool {pool.Id} {(pool.Cpu >= 0 ? $"of CPU {pool.Cpu}" : "unbound")} nice {pool.Nice}: " +
                $"{Counted.Of(pool.Workers, "worker")}, {pool.Idle} idle, {pool.Pending.Count} pending{since}" +
                (pool.Manager is { } manager ? $", managed by {LocksView.Who(manager)}" : ""));
            foreach (BusyWorker worker in pool.Busy.Take(Shown))
                output.WriteLine(
                    $"  {LocksView.Who(worker.Task)} {worker.Task.State} runs {Name(worker.Function)} of {Escape(worker.Queue)}" +
                    (worker.Rescuer ? " (rescuer)" : ""));
            foreach (PendingWork work in pool.Pending.Take(Shown))
                output.WriteLine($"  pending: {Name(work.Function)} of {Escape(work.Queue)}");
            if (pool.Pending.Count > Shown)
                output.WriteLine($"  and {pool.Pending.Count - Shown} more");
        }
        foreach (WorkQueue queue in all.Queues.Where(q => q.Active > 0 || q.Waiting.Count > 0 || q.CallsRescuer))
        {
            output.WriteLine($"workqueue {Escape(queue.Name)}: {queue.Active} active, {queue.Waiting.Count} over its limit" +
                (queue.CallsRescuer ? $", waits for its rescuer {(queue.Rescuer is { } task ? LocksView.Who(task) : "")}" : ""));
            foreach (PendingWork work in queue.Waiting.Take(Shown))
                output.WriteLine($"  waits: {Name(work.Function)}");
        }
        if (all.Now.Value is null)
            output.WriteLine($"cannot determine whether a pool is stuck: {Printable.Escape(all.Now.Status)}");
        UnreadText.Lost(vmcore, all.Damages);
    }

    public static void Json(TextWriter output, Vmcore vmcore)
    {
        WorkQueues all = Of(vmcore);
        UnreadText.Json(output, vmcore, "kdt.vmcore.workqueues/1", json =>
        {
            json.WriteNumber("watchdogSeconds", all.Limit);
            json.WriteStartArray("pools");
            foreach (WorkerPool pool in all.Pools)
            {
                json.WriteStartObject();
                json.WriteNumber("id", pool.Id);
                json.WriteNumber("cpu", pool.Cpu);
                json.WriteNumber("nice", pool.Nice);
                json.WriteNumber("workers", pool.Workers);
                json.WriteNumber("idle", pool.Idle);
                json.WriteBoolean("stuck", pool.Stuck);
                if (pool.Seconds is { } s)
                    json.WriteNumber("seconds", Math.Round(s, 3));
                json.WriteStartArray("busy");
                foreach (BusyWorker worker in pool.Busy)
                {
                    json.WriteStartObject();
                    json.WriteNumber("pid", worker.Task.Pid);
                    json.WriteString("function", worker.Function?.Symbol);
                    json.WriteString("work", worker.Work.ToString());
                    json.WriteString("queue", worker.Queue);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
                Works(json, "pending", pool.Pending);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("queues");
            foreach (WorkQueue queue in all.Queues)
            {
                json.WriteStartObject();
                json.WriteString("name", queue.Name);
                json.WriteNumber("active", queue.Active);
                json.WriteNumber("rescuer", queue.Rescuer?.Pid ?? -1);
                json.WriteBoolean("callsRescuer", queue.CallsRescuer);
                Works(json, "waiting", queue.Waiting);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            UnreadText.Lost(json, vmcore, all.Damages);
        });
    }

    private static void Works(Utf8JsonWriter json, string name, IReadOnlyList<PendingWork> works)
    {
        json.WriteStartArray(name);
        foreach (PendingWork work in works)
        {
            json.WriteStartObject();
            json.WriteString("work", work.Work.ToString());
            json.WriteString("function", work.Function?.Symbol);
            json.WriteString("queue", work.Queue);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static string Name(Location? at) => at is { } l ? Printable.Escape(l.Symbol) + (l.Module is null ? "" : $" [{l.Module}]") : "?";

    private static string Escape(string? name) => name is null ? "?" : Printable.Escape(name);
}
