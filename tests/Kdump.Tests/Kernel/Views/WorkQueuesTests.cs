using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Views;

namespace Kdump.Tests.Kernel.Views;

/// <summary>One pool with one worker that runs a work, one work that waits, and their queue.</summary>
public sealed class WorkQueuesTests
{
    private readonly KernelBuilder kernel = new();
    private VirtualAddress pool, task;

    [Theory]
    [InlineData(31, true)]
    [InlineData(29, false)]
    public void A_pool_that_took_up_nothing_for_longer_than_the_watchdog_allows_is_stuck(int seconds, bool stuck)
    {
        Build(seconds);
        Read(all =>
        {
            WorkerPool only = Assert.Single(all.Pools);
            Assert.Equal((7, 1, stuck), (only.Id, only.Cpu, only.Stuck));
            Assert.Equal(seconds, only.Seconds!.Value, 3);
            BusyWorker worker = Assert.Single(only.Busy);
            Assert.Equal(("kworker/1:0", "busy_fn", "events"), (worker.Task.Comm, worker.Function!.Value.Symbol, worker.Queue));
            PendingWork pending = Assert.Single(only.Pending);
            Assert.Equal(("waiting_fn", "events"), (pending.Function!.Value.Symbol, pending.Queue));
            WorkQueue queue = Assert.Single(all.Queues);
            Assert.Equal(("events", 2, false), (queue.Name, queue.Active, queue.CallsRescuer));
        });
    }

    [Fact]
    public void A_pool_with_nothing_to_do_is_not_stuck()
    {
        Build(1000);
        kernel.Memory.U64(pool + 40, (pool + 40).Value).U64(pool + 48, (pool + 40).Value);
        Read(all => Assert.Equal((null, false), (all.Pools[0].Seconds, all.Pools[0].Stuck)));
    }

    private void Read(Action<WorkQueues> check)
    {
        using Vmcore vmcore = kernel.Open();
        check(new WorkQueues(vmcore, [new TaskStruct(vmcore.At("task_struct", task))]));
    }

    private void Build(int seconds)
    {
        BtfBuilder t = kernel.Types;
        int u32 = t.Int("int", 4), u64 = t.Int("long", 8), pointer = t.Pointer(0), name = t.Array(t.Int("char", 1), 16);
        int list = t.Struct("list_head", 16, ("next", pointer, 0), ("prev", pointer, 8));
        int array = t.Struct("xarray", 16, ("xa_head", pointer, 8));
        t.Struct("xa_node", 64, ("shift", t.Int("byte", 1), 0), ("slots", t.Array(pointer, 4), 8));
        t.Struct("idr", 24, ("idr_rt", array, 0));
        t.Struct("task_struct", 256, ("__state", u32, 0), ("pid", u32, 8), ("tgid", u32, 12), ("flags", u32, 16), ("comm", name, 88));
        t.Struct("work_struct", 32, ("data", u64, 0), ("entry", list, 8), ("func", pointer, 24));
        int queue = t.Struct("workqueue_struct", 128, ("pwqs", list, 0), ("list", list, 16), ("maydays", list, 32),
            ("rescuer", pointer, 48),
            ("name", name, 64));
        int link = t.Struct("pool_workqueue", 128, ("wq", t.Pointer(queue), 8), ("nr_active", u32, 16), ("inactive_works", list, 32),
            ("pwqs_node", list, 48));
        t.Struct("worker", 128, ("current_work", pointer, 16), ("current_func", pointer, 24), ("current_pwq", t.Pointer(link), 32),
            ("task", pointer, 40), ("node", list, 48), ("rescue_wq", pointer, 64));
        t.Struct("worker_pool", 128, ("cpu", u32, 4), ("id", u32, 12), ("watchdog_ts", u64, 24), ("worklist", list, 40),
            ("nr_workers", u32, 56),
            ("nr_idle", u32, 60), ("workers", list, 64), ("attrs", pointer, 80));
        int read = t.Struct("tk_read_base", 32, ("shift", u32, 0), ("xtime_nsec", u64, 8), ("base", u64, 16));
        t.Struct("timekeeper", 128, ("tkr_mono", read, 0), ("xtime_sec", u64, 32), ("offs_boot", u64, 40), ("ntp_tick", u64, 48));
        var m = kernel.Memory;
        VirtualAddress core = kernel.Data("tk_core", 136), tree = kernel.Data("worker_pool_idr", 24),
            queues = kernel.Data("workqueues", 16);
        m.U64(core + 8 + 48, 4_000_000UL << 32).U64(kernel.Data("jiffies_64", 8), 1_000_000);
        pool = m.Allocate(128);
        task = m.Allocate(256);
        VirtualAddress worker = m.Allocate(128), wq = m.Allocate(128), pwq = m.Allocate(128, 256), work = m.Allocate(32);
        m.U64(tree + 8, pool.Value).U32(pool + 4, 1).U32(pool + 12, 7).U64(pool + 24, (ulong)(1_000_000 - 250 * seconds)).U32(pool + 56, 1);
        Ring(pool + 40, work + 8);
        Ring(pool + 64, worker + 48);
        m.U64(work, pwq.Value | 5).U64(work + 24, kernel.Function("waiting_fn", 16).Value);
        m.U64(worker + 16, m.Allocate(32).Value).U64(worker + 24, kernel.Function("busy_fn", 16).Value).U64(worker + 32, pwq.Value)
            .U64(worker + 40, task.Value);
        m.Text(task + 88, "kworker/1:0").U64(pwq + 8, wq.Value).U32(pwq + 16, 2).Text(wq + 64, "events");
        Ring(pwq + 32);
        Ring(wq, pwq + 48);
        Ring(wq + 32);
        Ring(queues, wq + 16);
    }

    private void Ring(VirtualAddress head, params VirtualAddress[] nodes)
    {
        VirtualAddress[] all = [head, .. nodes];
        for (int i = 0; i < all.Length; i++)
            kernel.Memory.U64(all[i], all[(i + 1) % all.Length].Value).U64(all[(i + 1) % all.Length] + 8, all[i].Value);
    }
}
