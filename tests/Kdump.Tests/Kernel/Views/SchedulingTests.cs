using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Views;

namespace Kdump.Tests.Kernel.Views;

/// <summary>
/// One CPU with something in each of its queues: fair tasks, one of them in a group, a real-time and a deadline task; timers.
/// </summary>
public sealed class SchedulingTests
{
    private const int PidAt = 8, CommAt = 88, SeAt = 128, RtAt = 192, DlAt = 256;
    private readonly KernelBuilder kernel = new();
    private readonly BtfBuilder t;
    private readonly int u32, u64, pointer, list, node, root;
    private readonly Dictionary<string, VirtualAddress> tasks = [];

    public SchedulingTests()
    {
        t = kernel.Types;
        (u32, u64, pointer) = (t.Int("int", 4), t.Int("long", 8), t.Pointer(0));
        list = t.Struct("list_head", 16, ("next", pointer, 0), ("prev", pointer, 8));
        node = t.Struct("rb_node", 24, ("parent", u64, 0), ("rb_right", pointer, 8), ("rb_left", pointer, 16));
        root = t.Struct("rb_root_cached", 16, ("rb_root", u64, 0));
        kernel.Memory.U64(kernel.Data("__per_cpu_offset", 8), 0).U64(kernel.Data("__cpu_possible_mask", 8), 1);
        kernel.Memory.U64(kernel.Data("__cpu_online_mask", 8), 1);
    }

    [Fact]
    public void Each_queue_gives_its_tasks_in_its_own_order()
    {
        VirtualAddress rq = Queue();
        Fair(rq + 64, ["early", "late"]);
        // A group's queue stands in the tree as an entity of its own.
        VirtualAddress group = kernel.Memory.Allocate(64), entity = kernel.Memory.Allocate(64);
        Fair(group, ["inside"]);
        kernel.Memory.U64(entity + 32, group.Value);
        Below(new VirtualAddress(Word(rq + 64 + 8)), entity);
        RealTime(rq, "hard", 49);
        Deadline(rq, "dated");
        using Vmcore vmcore = kernel.Open();
        CpuQueue queue = Assert.Single(new RunQueues(vmcore, []).All);
        Assert.Equal(["early", "late", "inside"], queue.Fair.Select(q => q.Task.Comm));
        Assert.Equal([false, false, true], queue.Fair.Select(q => q.Group));
        Assert.Equal(("hard", 49L), (queue.RealTime[0].Task.Comm, queue.RealTime[0].Order));
        Assert.Equal(("dated", 777L), (queue.Deadline[0].Task.Comm, queue.Deadline[0].Order));
        Assert.Equal((5u, 1234ul), (queue.Running, queue.Clock));
    }

    [Fact]
    public void A_group_that_holds_itself_ends()
    {
        VirtualAddress rq = Queue(), entity = kernel.Memory.Allocate(64);
        VirtualAddress second = kernel.Memory.Allocate(64);
        kernel.Memory.U64(rq + 64 + 8, entity.Value).U64(entity + 32, (rq + 64).Value);
        // Two ways into itself at each level would be 2^64 steps.
        kernel.Memory.U64(entity + 8, second.Value).U64(second + 32, (rq + 64).Value);
        using Vmcore vmcore = kernel.Open();
        Assert.Empty(Assert.Single(new RunQueues(vmcore, []).All).Fair);
    }

    [Fact]
    public void Timers_of_wheel_and_tree_come_by_when_they_fire()
    {
        Timers();
        using Vmcore vmcore = kernel.Open();
        Timers timers = new(vmcore);
        Assert.Equal(250, timers.Now.Value!.TicksPerSecond);
        Assert.Equal([("monotonic", -5_000_000_000L, "late_fn"), ("jiffies", 2_000_000_000L, "wheel_fn"),
            ("realtime", 7_000_000_000L, "real_fn")],
            timers.All.Select(x => (x.Clock, x.Nanoseconds!.Value, x.Name!.Value.Symbol)));
    }

    [Theory]
    [InlineData(0x0008_0003u, true)]
    [InlineData(0x0010_0003u, false)]
    public void A_timer_that_may_wait_is_marked(uint flags, bool deferrable)
    {
        kernel.Memory.U32(Timers() + 32, flags);
        using Vmcore vmcore = kernel.Open();
        Assert.Equal(deferrable, new Timers(vmcore).All.Single(x => x.Clock == "jiffies").Deferrable);
    }

    [Fact]
    public void A_bucket_that_runs_in_a_circle_is_damage_and_ends()
    {
        VirtualAddress timer = Timers();
        kernel.Memory.U64(timer, timer.Value);
        using Vmcore vmcore = kernel.Open();
        Assert.NotEmpty(new Timers(vmcore).Damages);
    }

    [Fact]
    public void Without_the_kernel_s_time_no_timer_is_called_late()
    {
        Timers(withTime: false);
        using Vmcore vmcore = kernel.Open();
        Timers timers = new(vmcore);
        Assert.Null(timers.Now.Value);
        Assert.All(timers.All, x => Assert.Null(x.Nanoseconds));
        Assert.Equal(3, timers.All.Count);
    }

    private VirtualAddress Queue()
    {
        int entity = t.Struct("sched_entity", 64, ("run_node", node, 0), ("vruntime", u64, 24), ("my_q", pointer, 32));
        int hardEntity = t.Struct("sched_rt_entity", 16, ("run_list", list, 0));
        int datedEntity = t.Struct("sched_dl_entity", 48, ("rb_node", node, 0), ("deadline", u64, 24));
        t.Struct("task_struct", 384, ("__state", u32, 0), ("pid", u32, PidAt), ("tgid", u32, 12), ("flags", u32, 16),
            ("comm", t.Array(t.Int("char", 1), 16), CommAt), ("se", entity, SeAt), ("rt", hardEntity, RtAt), ("dl", datedEntity, DlAt));
        int cfs = t.Struct("cfs_rq", 64, ("tasks_timeline", root, 8), ("curr", pointer, 24));
        int array = t.Struct("rt_prio_array", 1616, ("bitmap", t.Array(u64, 2), 0), ("queue", t.Array(list, 100), 16));
        int rt = t.Struct("rt_rq", 1632, ("active", array, 0), ("rt_throttled", u32, 1620));
        int dl = t.Struct("dl_rq", 32, ("root", root, 0));
        t.Struct("rq", 2048, ("nr_running", u32, 0), ("clock", u64, 8), ("curr", pointer, 16), ("idle", pointer, 24),
            ("nr_uninterruptible", u64, 32), ("nr_iowait", u32, 40), ("nr_switches", u64, 48), ("cfs", cfs, 64), ("rt", rt, 128),
            ("dl", dl, 1792));
        VirtualAddress rq = kernel.Data("runqueues", 2048);
        kernel.Memory.U32(rq, 5).U64(rq + 8, 1234);
        return rq;
    }

    private VirtualAddress Task(string name)
    {
        VirtualAddress at = kernel.Memory.Allocate(384);
        kernel.Memory.U32(at + PidAt, (uint)tasks.Count + 1).Text(at + CommAt, name);
        return tasks[name] = at;
    }

    /// <summary>A tree that leans to the right.</summary>
    private void Fair(VirtualAddress queue, string[] names)
    {
        VirtualAddress last = default;
        foreach (string name in names)
        {
            VirtualAddress at = Task(name) + SeAt;
            if (last.Value == 0)
                kernel.Memory.U64(queue + 8, at.Value);
            else
                kernel.Memory.U64(last + 8, at.Value);
            last = at;
        }
    }

    private void Below(VirtualAddress top, VirtualAddress added)
    {
        while (Word(top + 8) is > 0 and var right)
            top = new VirtualAddress(right);
        kernel.Memory.U64(top + 8, added.Value);
    }

    private void RealTime(VirtualAddress rq, string name, int index)
    {
        VirtualAddress head = rq + 128 + 16 + 16 * index, at = Task(name) + RtAt;
        kernel.Memory.U64(rq + 128, 1UL << index).U64(head, at.Value).U64(head + 8, at.Value).U64(at, head.Value).U64(at + 8, head.Value);
    }

    private void Deadline(VirtualAddress rq, string name)
    {
        VirtualAddress at = Task(name) + DlAt;
        kernel.Memory.U64(rq + 1792, at.Value).U64(at + 24, 777);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(16)]
    public void The_clock_lies_behind_its_sequence_counter(int counter)
    {
        Timers(counter: counter);
        Assert.Equal(100_000_000_000UL, Timekeeper.Read(kernel.Open()).Monotonic);
    }

    /// <summary>100 s after boot at 250 ticks a second: one timer two seconds ahead, one five late, one by the real clock.</summary>
    private VirtualAddress Timers(bool withTime = true, int counter = 8)
    {
        t.Struct("hlist_node", 16, ("next", pointer, 0), ("pprev", pointer, 8));
        int hlist = t.Struct("hlist_node_in", 16, ("next", pointer, 0));
        t.Struct("timer_list", 40, ("entry", hlist, 0), ("expires", u64, 16), ("function", pointer, 24),
            ("flags", u32, 32));
        t.Struct("timer_base", 64, ("vectors", t.Array(u64, 4), 16));
        int queued = t.Struct("timerqueue_node", 32, ("node", node, 0), ("expires", u64, 24));
        t.Struct("hrtimer", 64, ("node", queued, 0), ("function", pointer, 40));
        int clock = t.Struct("hrtimer_clock_base", 32, ("active", root, 0), ("offset", u64, 16));
        t.Struct("hrtimer_cpu_base", 128, ("clock_base", t.Array(clock, 4), 0));
        int read = t.Struct("tk_read_base", 32, ("shift", u32, 0), ("xtime_nsec", u64, 8), ("base", u64, 16));
        if (withTime)
            t.Struct("timekeeper", 128, ("tkr_mono", read, 0), ("xtime_sec", u64, 32), ("offs_boot", u64, 40), ("ntp_tick", u64, 48));
        // PREEMPT_RT: the sequence counter knows its lock.
        if (counter > 8)
            t.Struct("seqcount_raw_spinlock", counter, ("seqcount", u32, 0), ("lock", pointer, 8));
        VirtualAddress core = kernel.Data("tk_core", 152), wheel = kernel.Data("timer_bases", 64), high = kernel.Data("hrtimer_bases", 128);
        kernel.Memory.U64(core + counter + 16, 100_000_000_000).U64(core + counter + 48,
            4_000_000UL << 32).U64(kernel.Data("jiffies_64", 8), 1000);
        VirtualAddress one = kernel.Memory.Allocate(40), late = kernel.Memory.Allocate(64), real = kernel.Memory.Allocate(64);
        kernel.Memory.U64(wheel + 16 + 8, one.Value).U64(one + 16, 1500).U64(one + 24, kernel.Function("wheel_fn", 16).Value);
        kernel.Memory.U64(high, late.Value).U64(late + 24, 95_000_000_000).U64(late + 40, kernel.Function("late_fn", 16).Value);
        kernel.Memory.U64(high + 32, real.Value).U64(high + 32 + 16, 1_000_000_000_000).U64(real + 24, 1_107_000_000_000)
            .U64(real + 40, kernel.Function("real_fn", 16).Value);
        return one;
    }

    private ulong Word(VirtualAddress at)
    {
        Assert.True(kernel.Memory.TryU64(at, out ulong value));
        return value;
    }
}
