using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Unwind;

namespace Kdump.Kernel.Views;

/// <summary>
/// Waiting tasks and lock holders: for what each sleeping task waits and who holds it, deadlocks, and CPUs that spin for a spinlock.
/// </summary>
public sealed class Locks
{
    /// <summary>Maximum number of tasks to examine; each stack takes a fraction of a millisecond.</summary>
    private const int MaxTasks = 4000;

    private readonly CrashedKernel kernel;
    private readonly Stacks stacks;
    private readonly Dictionary<ulong, TaskStruct> byAddress;
    private readonly Dictionary<ulong, TaskWait> waits = [];

    /// <param name="registers">Registers of the CPUs at the crash.</param>
    public Locks(CrashedKernel kernel, IReadOnlyList<TaskStruct> tasks, Stacks stacks, IReadOnlyDictionary<int, Registers> registers)
    {
        this.kernel = kernel;
        this.stacks = stacks;
        byAddress = tasks.ToDictionary(t => t.Address.Value);
        // A sleeping task may hold a lock that others wait for; only uninterruptible waits and locks are examined.
        TaskStruct[] sleeping = [.. tasks.Where(t => !t.OnCpu && t.State is "UN" or "IN" or "ID")
            .OrderBy(t => t.State == "UN" ? 0 : 1)];
        LeftOut = Math.Max(0, sleeping.Length - MaxTasks);
        foreach (TaskStruct task in sleeping.Take(MaxTasks))
            if (Wait(task) is { } wait && (task.State == "UN" || wait.Kind <= WaitKind.PerCpuRwSemaphore))
                waits[task.Address.Value] = wait;
        All = [.. from pair in waits
                  group byAddress[pair.Key] by (pair.Value.Kind, pair.Value.Object) into same
                  let first = waits[same.First().Address.Value]
                  let waiters = same.OrderByDescending(t => t.NanosecondsSinceRun).ThenBy(t => t.Pid).ToArray()
                  select new LockState(first.Kind, first.Object, first.Name, first.Holder, first.Readers, first.Detail, waiters)];
        All = [.. All.OrderByDescending(l => l.Longest ?? 0).ThenBy(l => l.Address.Value)];
        Deadlocks = Circles();
        Spinners = [.. registers.Select(r => SpinnerOf(r.Key, r.Value)).OfType<Spinner>()];
        Unproven = [.. tasks.Where(t => t is { State: "UN", OnCpu: false, Frozen: false } && !waits.ContainsKey(t.Address.Value))
            .OrderByDescending(t => t.NanosecondsSinceRun)];
    }

    /// <summary>The locks and other objects, the longest wait first.</summary>
    public IReadOnlyList<LockState> All { get; }

    /// <summary>
    /// Deadlocks, each as a list of tasks: every task waits for a lock that the next one holds, and the last for a lock of the first.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<TaskStruct>> Deadlocks { get; }

    public IReadOnlyList<Spinner> Spinners { get; }

    /// <summary>Tasks in uninterruptible sleep for which it is not proven what they wait for.</summary>
    public IReadOnlyList<TaskStruct> Unproven { get; }

    /// <summary>Number of sleeping tasks that were not examined.</summary>
    public int LeftOut { get; }

    public TaskWait? WaitOf(TaskStruct task) => waits.GetValueOrDefault(task.Address.Value);

    public Stack StackOf(TaskStruct task) => stacks.Of(task);

    /// <summary>
    /// The chain of waits from the holder of a lock: the holder of the lock for which it waits itself, and so on, up to a task that waits
    /// for no lock or is already in the chain.
    /// </summary>
    public IReadOnlyList<TaskStruct> Chain(LockState from)
    {
        List<TaskStruct> chain = [];
        for (TaskStruct? at = from.Holder; at is not null && !chain.Contains(at) && chain.Count < 100;)
        {
            chain.Add(at);
            at = WaitOf(at) is { Readers: false } wait ? wait.Holder : null;
        }
        return chain;
    }

    private TaskWait? Wait(TaskStruct task)
    {
        try
        {
            return TaskWait.Of(kernel, task, stacks.Of(task), byAddress);
        }
        catch (InputException)
        {
            // A task whose stack cannot be read is not used.
            return null;
        }
    }

    private List<IReadOnlyList<TaskStruct>> Circles()
    {
        List<IReadOnlyList<TaskStruct>> circles = [];
        HashSet<ulong> done = [];
        foreach (ulong start in waits.Keys.Order())
        {
            List<TaskStruct> path = [];
            Dictionary<ulong, int> places = [];
            for (TaskStruct? at = byAddress[start]; at is not null;)
            {
                if (places.TryGetValue(at.Address.Value, out int again))
                {
                    circles.Add([.. path.Skip(again)]);
                    break;
                }
                if (!done.Add(at.Address.Value))
                    break;
                places[at.Address.Value] = path.Count;
                path.Add(at);
                at = WaitOf(at) is { Readers: false } wait ? wait.Holder : null;
            }
        }
        return circles;
    }

    /// <summary>
    /// The spinlock for which a CPU waits. The first argument of the slow path in kernel/locking/qspinlock.c is the lock, which the
    /// compiler keeps in a register: the register is used that points to a word with the value of a held lock.
    /// </summary>
    private Spinner? SpinnerOf(int cpu, Registers saved)
    {
        Registers? registers = saved;
        foreach (Frame frame in stacks.Of(cpu, saved).Frames.Take(24))
        {
            if (frame.Kind == FrameKind.Guess)
                break;
            string? name = frame.Location?.Symbol;
            if (name is not null && IsSlowPath(name))
            {
                TaskStruct? task = byAddress.Values.FirstOrDefault(t => t.OnCpu && t.Cpu == cpu);
                (VirtualAddress? held, uint value) = Lock(registers);
                return new Spinner(cpu, task, name, held, held is { } at ? kernel.Locate(at) : null, value, held is { } l ? Owner(l)
                    : null);
            }
            // A frame that was entered by an exception or interrupt contains the interrupted registers.
            registers = frame.Registers;
        }
        return null;
    }

    private static bool IsSlowPath(string name) => name.Contains("queued_spin_lock_slowpath", StringComparison.Ordinal) ||
        name.StartsWith("queued_read_lock_slowpath", StringComparison.Ordinal) ||
        name.StartsWith("queued_write_lock_slowpath", StringComparison.Ordinal);

    private (VirtualAddress?, uint) Lock(Registers? registers)
    {
        int cpus = kernel.PerCpu.Value?.Possible.LastOrDefault() + 1 ?? 1;
        foreach (string name in (string[])["rdi", "rbx", "rbp", "r12", "r13", "r14", "r15", "x0", "x19", "x20"])
        {
            ulong value = registers?.All.FirstOrDefault(r => r.Name == name).Value ?? 0;
            if (value < 1UL << 63 || (value & 3) != 0 || !kernel.Memory.TryU32(new VirtualAddress(value), out uint word))
                continue;
            // Locked, and the last CPU in the queue exists: (cpu + 1) << 18 above the level of nesting.
            if ((word & 0xff) == 1 && (word & 0xff00) <= 0x100 && word >> 18 <= (uint)cpus)
                return (new VirtualAddress(value), word);
        }
        return (null, 0);
    }

    private TaskStruct? Owner(VirtualAddress held)
    {
        if (kernel.Btf.Value?.Struct("raw_spinlock") is not { } type || !type.Has("owner") ||
            !kernel.Memory.TryU64(held + type.Offset("owner"), out ulong owner))
            return null;
        return byAddress.GetValueOrDefault(owner);
    }
}
