using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Views;

/// <summary>
/// Workqueues and their pools, kernel/workqueue.c: worker_pool_idr contains all pools, the list workqueues all queues. inactive_works was
/// delayed_works before Linux commit f97a4a1a3f87 ("workqueue: Rename "delayed" (delayed by active management) to "inactive"") (v5.15).
/// </summary>
public sealed class WorkQueues
{
    private const int Most = 100_000;

    /// <summary>
    /// Number of entries that may still be read, for all lists together: damaged lists that share entries would cost the product of their
    /// lengths.
    /// </summary>
    private int left = 2_000_000;

    /// <summary>Default of wq_watchdog_thresh, in seconds.</summary>
    private const ulong DefaultLimit = 30;

    private readonly CrashedKernel kernel;
    private readonly List<Damage> damages = [];
    private readonly Dictionary<ulong, TaskStruct> tasks;
    private readonly ulong flag, mask;

    public WorkQueues(CrashedKernel kernel, IReadOnlyList<TaskStruct> known)
    {
        this.kernel = kernel;
        tasks = known.ToDictionary(t => t.Address.Value);
        Btf types = kernel.Btf.Need(kernel.Dump.Name, "workqueues");
        flag = 1UL << (int)(types.FindEnumerator("WORK_STRUCT_PWQ_BIT")?.Value ?? 2);
        mask = ~((1UL << (int)(types.FindEnumerator("WORK_STRUCT_PWQ_SHIFT")?.Value
            ?? types.FindEnumerator("WORK_STRUCT_FLAG_BITS")?.Value ?? 8)) - 1);
        Now = Layer<Timekeeper>.Of(() => Timekeeper.Read(kernel));
        Limit = kernel.FindSymbol("wq_watchdog_thresh") is { } at && kernel.Memory.TryU64(at, out ulong seconds) && seconds is > 0 and
            < 100_000
            ? seconds : DefaultLimit;
        List<WorkerPool> pools = [];
        StructType pool = kernel.Struct("worker_pool");
        foreach ((_, VirtualAddress address) in XArray.Walk(kernel,
            kernel.Symbol("worker_pool_idr") + kernel.Struct("idr").Offset("idr_rt"), damages))
            Try(() => pools.Add(Pool(new StructReader(kernel.Memory, pool, address))));
        Pools = [.. pools.OrderBy(p => p.Id)];
        List<WorkQueue> queues = [];
        foreach (StructReader queue in ListOf.Entries(kernel, kernel.Symbol("workqueues"), "workqueue_struct", "list", damages, Limited()))
            Try(() => queues.Add(Queue(queue)));
        Queues = [.. queues.OrderBy(q => q.Name, StringComparer.Ordinal).ThenBy(q => q.Address.Value)];
    }

    public IReadOnlyList<WorkerPool> Pools { get; }

    /// <summary>All workqueues, sorted by name.</summary>
    public IReadOnlyList<WorkQueue> Queues { get; }

    public Layer<Timekeeper> Now { get; }

    /// <summary>Seconds after which the kernel itself reports a pool as stuck.</summary>
    public ulong Limit { get; }

    public IReadOnlyList<Damage> Damages => damages;

    private WorkerPool Pool(StructReader pool)
    {
        List<BusyWorker> busy = [];
        foreach (StructReader worker in ListOf.Entries(kernel, pool.AddressOf("workers"), "worker", "node", damages, Limited()))
            Try(() =>
            {
                if (worker.Pointer("current_work") is { Value: not 0 } work && Task(worker.Pointer("task")) is { } task)
                    busy.Add(new BusyWorker(task, kernel.Locate(worker.Pointer("current_func")), work,
                        worker.Follow("current_pwq") is { } link ? NameOf(link) : null, worker.Pointer("rescue_wq").Value != 0));
            });
        List<PendingWork> pending = Works(pool.AddressOf("worklist"));
        double? since = pending.Count > 0 && Now.Value is { } now && pool.Has("watchdog_ts")
            ? unchecked((long)(now.Jiffies - pool.U64("watchdog_ts"))) / (double)now.TicksPerSecond : null;
        return new WorkerPool(pool.S32("id"), pool.S32("cpu"), pool.Follow("attrs") is { } attrs ? attrs.S32("nice") : 0,
            pool.S32("nr_workers"), pool.S32("nr_idle"), [.. busy.OrderBy(b => b.Task.Pid)], pending,
            pool.Has("manager") && pool.Follow("manager") is { } manager ? Task(manager.Pointer("task")) : null, since, since > Limit);
    }

    private WorkQueue Queue(StructReader queue)
    {
        int active = 0;
        bool calls = false;
        List<PendingWork> waiting = [];
        foreach (StructReader link in ListOf.Entries(kernel, queue.AddressOf("pwqs"), "pool_workqueue", "pwqs_node", damages, Limited()))
            Try(() =>
            {
                active += link.S32("nr_active");
                waiting.AddRange(Works(link.AddressOf(link.Has("inactive_works") ? "inactive_works" : "delayed_works")));
            });
        VirtualAddress maydays = queue.AddressOf("maydays");
        if (kernel.Memory.TryU64(maydays, out ulong first))
            calls = first != maydays.Value;
        return new WorkQueue(queue.Text("name"), queue.Address, active, waiting,
            queue.Follow("rescuer") is { } rescuer ? Task(rescuer.Pointer("task")) : null, calls);
    }

    private List<PendingWork> Works(VirtualAddress list)
    {
        List<PendingWork> found = [];
        foreach (StructReader work in ListOf.Entries(kernel, list, "work_struct", "entry", damages, Limited()))
            Try(() =>
            {
                ulong data = work.U64("data");
                VirtualAddress function = work.Pointer("func");
                found.Add(new PendingWork(work.Address, kernel.Locate(function),
                    (data & flag) != 0 ? NameOf(kernel.At("pool_workqueue", new VirtualAddress(data & mask))) : null));
            });
        return found;
    }

    private int Limited() => Math.Min(Most, left);

    private static string? NameOf(StructReader link)
    {
        try
        {
            return link.Follow("wq")?.Text("name");
        }
        catch (InputException)
        {
            // Only the name is missing.
            return null;
        }
    }

    private TaskStruct? Task(VirtualAddress at) => tasks.GetValueOrDefault(at.Value);

    private void Try(Action read)
    {
        left = Math.Max(0, left - 1);
        try
        {
            read();
        }
        catch (InputException e)
        {
            damages.Add(Damage.From(e));
        }
    }
}
