using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Views;

/// <summary>
/// The runnable tasks of each CPU. CFS queues contain tasks and queues of control groups (sched_entity.my_q), real-time queues have one
/// list for each priority, and deadline tasks are in a tree.
/// </summary>
public sealed class RunQueues
{
    private const int MaxTasks = 100_000;
    private const int MaxGroups = 64;
    private const int Priorities = 100;

    private readonly CrashedKernel kernel;
    private readonly List<Damage> damages = [];
    private readonly Dictionary<ulong, TaskStruct> tasks;

    /// <summary>Queues of this CPU that were already read, so that a loop ends.</summary>
    private readonly HashSet<ulong> seen = [];

    public RunQueues(CrashedKernel kernel, IReadOnlyList<TaskStruct> known)
    {
        this.kernel = kernel;
        tasks = known.ToDictionary(t => t.Address.Value);
        PerCpu perCpu = kernel.PerCpu.Need(kernel.Dump.Name, "runqueues");
        List<CpuQueue> all = [];
        foreach (int cpu in perCpu.Ran)
        {
            try
            {
                all.Add(Read(cpu, kernel.At("rq", perCpu.Address("runqueues", cpu))));
            }
            catch (InputException e)
            {
                damages.Add(Damage.From(e));
            }
        }
        ulong latest = all.Count == 0 ? 0 : all.Max(q => q.Clock);
        All = [.. all.Select(q => q with { Behind = latest - q.Clock })];
    }

    public IReadOnlyList<CpuQueue> All { get; }

    public IReadOnlyList<Damage> Damages => damages;

    private CpuQueue Read(int cpu, StructReader rq)
    {
        seen.Clear();
        List<QueuedTask> fair = [], hard = [], deadline = [];
        Fair(rq.Inner("cfs"), fair, group: false, depth: 0);
        RealTime(rq.Inner("rt"), hard);
        Deadline(rq.Inner("dl"), deadline);
        return new CpuQueue(cpu, rq.U32("nr_running"), rq.U64("clock"), Task(rq.Pointer("curr")), Task(rq.Pointer("idle")), fair, hard,
            deadline)
        {
            Uninterruptible = rq.Type.SizeOf("nr_uninterruptible") == 4 ? rq.S32("nr_uninterruptible") : rq.S64("nr_uninterruptible"),
            WaitingForIo = rq.S32("nr_iowait"), Switches = rq.U64("nr_switches"),
            Throttled = rq.First("rt.rt_throttled") is > 0,
        };
    }

    private void Fair(StructReader queue, List<QueuedTask> found, bool group, int depth)
    {
        if (Twice(queue, "cfs_rq"))
            return;
        StructType entity = kernel.Struct("sched_entity");
        int node = entity.Offset("run_node");
        List<VirtualAddress> entities =
            [.. RbTree.Walk(kernel, queue.AddressOf("tasks_timeline"), "cfs_rq.tasks_timeline", damages, MaxTasks).Select(n => n + -node)];
        // The current entity is not in the tree; if it is a group, other tasks of the group wait in its queue.
        if (queue.Pointer("curr") is { Value: not 0 } current && !entities.Contains(current) && entity.Has("my_q") &&
            new StructReader(kernel.Memory, entity, current).Pointer("my_q").Value != 0)
            entities.Insert(0, current);
        foreach (VirtualAddress at in entities)
        {
            StructReader one = new(kernel.Memory, entity, at);
            if (one.Has("my_q") && one.Pointer("my_q") is { Value: not 0 } inner)
            {
                if (depth < MaxGroups)
                    Fair(kernel.At("cfs_rq", inner), found, group: true, depth + 1);
                else
                    damages.Add(new Damage(kernel.Dump.Name, "sched_entity.my_q", -1, $"more than {MaxGroups} groups inside each other"));
                continue;
            }
            if (Task(at + -kernel.Struct("task_struct").Offset("se")) is { } task && found.Count < MaxTasks)
                found.Add(new QueuedTask(task, one.S64("vruntime"), group));
        }
    }

    private bool Twice(StructReader queue, string field)
    {
        if (seen.Add(queue.Address.Value))
            return false;
        damages.Add(new Damage(kernel.Dump.Name, field, -1, $"the queue at {queue.Address} stands in two places"));
        return true;
    }

    private void RealTime(StructReader queue, List<QueuedTask> found)
    {
        if (Twice(queue, "rt_rq"))
            return;
        StructReader active = queue.Inner("active");
        StructType entity = kernel.Struct("sched_rt_entity");
        int link = entity.Offset("run_list"), inTask = kernel.Struct("task_struct").Offset("rt");
        foreach (int index in PerCpu.Bits(kernel.Memory, active.AddressOf("bitmap"), Priorities, "rt_prio_array.bitmap"))
        {
            foreach (VirtualAddress at in KernelList.Walk(kernel.Memory, active.AddressOf("queue") + 16L * index, "rt_prio_array.queue",
                damages, MaxTasks))
            {
                StructReader one = new(kernel.Memory, entity, at + -link);
                if (one.Has("my_q") && one.Pointer("my_q") is { Value: not 0 } inner)
                    RealTime(kernel.At("rt_rq", inner), found);
                else if (Task(at + -link + -inTask) is { } task && found.Count < MaxTasks)
                    found.Add(new QueuedTask(task, index, false));
            }
        }
    }

    private void Deadline(StructReader queue, List<QueuedTask> found)
    {
        StructType entity = kernel.Struct("sched_dl_entity");
        int node = entity.Offset("rb_node"), inTask = kernel.Struct("task_struct").Offset("dl");
        foreach (VirtualAddress at in RbTree.Walk(kernel, queue.AddressOf("root"), "dl_rq.root", damages, MaxTasks))
        {
            StructReader one = new(kernel.Memory, entity, at + -node);
            // A server (6.8 and newer) is an entry for all tasks of the fair class and is not part of a task.
            if (one.First("dl_server") is > 0)
                continue;
            if (Task(at + -node + -inTask) is { } task)
                found.Add(new QueuedTask(task, one.S64("deadline"), false));
        }
    }

    /// <summary>The task at an address; null for NULL, and for an address that is not a task.</summary>
    private TaskStruct? Task(VirtualAddress at)
    {
        if (at.Value == 0)
            return null;
        if (tasks.TryGetValue(at.Value, out TaskStruct? known))
            return known;
        try
        {
            return new TaskStruct(kernel.At("task_struct", at), kernel.TaskStates);
        }
        catch (InputException e)
        {
            damages.Add(Damage.From(e));
            return null;
        }
    }
}
