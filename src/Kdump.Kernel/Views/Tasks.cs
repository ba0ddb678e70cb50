using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Views;

/// <summary>
/// Every thread that existed: the idle task of each CPU, then the processes in the order of init_task.tasks, each with its threads. BTF
/// contains no type for init_task, so its content is checked: its comm must be swapper/0 (swapper without SMP).
/// </summary>
public sealed class Tasks
{
    /// <summary>PID_MAX_LIMIT, which limits the number of tasks.</summary>
    private const int MaxTasks = 1 << 22;
    private const int MaxDamages = 1000;

    private readonly CrashedKernel kernel;
    private readonly StructType type;
    private readonly List<TaskStruct> all = [];
    private readonly List<Damage> damages = [];
    private readonly HashSet<ulong> seen = [];
    private readonly Dictionary<ulong, int> tgids = [];
    private readonly Dictionary<int, RunQueue> queues = [];

    internal Tasks(CrashedKernel kernel)
    {
        this.kernel = kernel;
        type = kernel.Struct("task_struct");
        VirtualAddress init = kernel.Symbol("init_task");
        TaskStruct first = new(new StructReader(kernel.Memory, type, init), kernel.TaskStates);
        if (first.Comm is not ("swapper/0" or "swapper"))
            throw new InputException(kernel.Dump.Name, "init_task.comm", -1,
                $"is \"{first.Comm}\", not swapper/0: the symbol or the BTF is not this kernel's");
        ReadQueues();
        Add(init);
        foreach (RunQueue queue in queues.Values)
        {
            if (queue.Idle.Value != 0)
                Add(queue.Idle);
            // The current task is also in the list of tasks, but the list may end before it because of damage.
            if (queue.Current.Value != 0)
                Add(queue.Current);
        }
        WalkProcesses(init);
    }

    public IReadOnlyList<TaskStruct> All => all;

    public IReadOnlyList<Damage> Damages => damages;

    /// <summary>The run queue of each CPU, with its current task.</summary>
    public IReadOnlyDictionary<int, RunQueue> Queues => queues;

    public TaskStruct? Current(int cpu) =>
        queues.TryGetValue(cpu, out RunQueue? queue) ? all.Find(t => t.Address == queue.Current) : null;

    private void ReadQueues()
    {
        if (kernel.PerCpu.Value is not { } perCpu)
        {
            damages.Add(new Damage(kernel.Dump.Name, "runqueues", -1, kernel.PerCpu.Status));
            return;
        }
        foreach (int cpu in perCpu.Ran)
        {
            try
            {
                queues[cpu] = RunQueue.Read(kernel, cpu);
            }
            catch (InputException e)
            {
                Note(Damage.From(e));
            }
        }
    }

    private void WalkProcesses(VirtualAddress init)
    {
        int tasks = type.Offset("tasks"), node = type.Offset("thread_node");
        StructType signal = kernel.Struct("signal_struct");
        int threads = signal.Offset("thread_head"), signalAt = type.Offset("signal");
        int broken = damages.Count;
        WalkLeaders(forward: true);
        // If a list is damaged, read it from its other end, too.
        if (damages.Count > broken)
            WalkLeaders(forward: false);

        void WalkLeaders(bool forward)
        {
            foreach (VirtualAddress link in KernelList.Walk(kernel.Memory, init + tasks, "task_struct.tasks", damages, MaxTasks, forward))
            {
                VirtualAddress leader = link + -tasks;
                bool known = seen.Contains(leader.Value) && !forward;
                Add(leader);
                if (known || !kernel.Memory.TryU64(leader + signalAt, out ulong signals) || signals == 0)
                    continue;
                foreach (VirtualAddress thread in KernelList.Walk(kernel.Memory, new VirtualAddress(signals) + threads,
                    "signal_struct.thread_head", damages, MaxTasks))
                    Add(thread + -node);
                if (damages.Count > MaxDamages || all.Count > MaxTasks)
                    return;
            }
        }
    }

    private void Add(VirtualAddress address)
    {
        if (!seen.Add(address.Value))
            return;
        try
        {
            TaskStruct task = new(new StructReader(kernel.Memory, type, address), kernel.TaskStates);
            // A wrong pointer to mapped memory: no process has such an id.
            if (task.Pid is < 0 or > MaxTasks)
                throw new InputException(kernel.Dump.Name, "task_struct.pid", -1, $"{task.Pid} at {address} is no process id");
            task.ParentPid = ParentOf(task);
            // If the run queue is missing, use the task's own flag: if a running task were treated as sleeping, an old stack would be
            // shown.
            task.OnCpu = task.Struct.Has("on_cpu") && task.Struct.U32("on_cpu") != 0;
            if (queues.TryGetValue(task.Cpu, out RunQueue? queue))
            {
                task.OnCpu = queue.Current == address;
                if (task.Struct.Has("sched_info.last_arrival") && task.Struct.U64("sched_info.last_arrival") is > 0 and var arrival &&
                    queue.Clock >= arrival)
                    task.NanosecondsSinceRun = queue.Clock - arrival;
            }
            all.Add(task);
        }
        catch (InputException e)
        {
            Note(Damage.From(e));
        }
    }

    private int ParentOf(TaskStruct task)
    {
        ulong parent = task.Struct.First("real_parent", "parent") ?? 0;
        if (parent == 0)
            return 0;
        if (!tgids.TryGetValue(parent, out int tgid))
            tgids[parent] = tgid = kernel.Memory.TryRead(new VirtualAddress(parent) + type.Offset("tgid"), new byte[4])
                ? unchecked((int)kernel.Memory.U32(new VirtualAddress(parent) + type.Offset("tgid"), "task_struct.tgid")) : 0;
        return tgid;
    }

    private void Note(Damage damage)
    {
        if (damages.Count <= MaxDamages)
            damages.Add(damage);
    }
}
