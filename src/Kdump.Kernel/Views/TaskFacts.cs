using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Views;

/// <summary>Data about a task from its structs, beyond its name: owner, scheduling, memory, control group, arguments.</summary>
public sealed class TaskFacts
{
    private readonly CrashedKernel kernel;
    private readonly TaskCgroups groups;
    private readonly Dictionary<ulong, ProcessMemory?> memories = [];

    public TaskFacts(CrashedKernel kernel)
    {
        this.kernel = kernel;
        groups = new TaskCgroups(kernel);
    }

    /// <summary>Effective user and group id; null if cred cannot be read.</summary>
    public static (uint User, uint Group)? Owner(TaskStruct task) => Try(() =>
        task.Struct.Follow("real_cred") is { } cred ? (cred.U32("euid"), cred.U32("egid")) : ((uint, uint)?)null);

    /// <summary>
    /// Scheduling policy (SCHED_* of include/uapi/linux/sched.h) in the abbreviations of ps(1): TS, FF, RR, B, IDL, DLN, EXT.
    /// </summary>
    public static string Policy(TaskStruct task) => task.Struct.First("policy") switch
    {
        0 => "TS",
        1 => "FF",
        2 => "RR",
        3 => "B",
        5 => "IDL",
        6 => "DLN",
        7 => "EXT",
        null => "?",
        { } other => $"#{other}",
    };

    /// <summary>Real-time priority (1 to 99) for FF and RR, otherwise the nice value.</summary>
    public static int Priority(TaskStruct task) => task.Struct.First("policy") is 1 or 2
        ? task.Struct.S32("rt_priority") : Nice(task);

    public static int Nice(TaskStruct task) => task.Struct.S32("static_prio") - 120;

    /// <summary>The priority that the scheduler uses, including an inherited one: 0 to 99 real time, 100 to 139 nice -20 to 19.</summary>
    public static int Effective(TaskStruct task) => task.Struct.S32("prio");

    /// <summary>Resident memory in bytes; null for a kernel thread, and if its memory map cannot be read.</summary>
    public long? Resident(TaskStruct task) => Pages(task, m => m.ResidentPages, "rss_stat.count");

    public long? Swapped(TaskStruct task) => Pages(task, m => m.SwappedPages, null);

    /// <summary>Size of the address space in bytes; null for a kernel thread, and if its memory map cannot be read.</summary>
    public long? Size(TaskStruct task) => Pages(task, m => (long)m.TotalPages, null);

    /// <summary>The arguments; null for a kernel thread; a mark for missing memory if they cannot be read.</summary>
    public string? Arguments(TaskStruct task) => Words(task, m => m.Arguments());

    public string? Environment(TaskStruct task) => Words(task, m => m.Environment());

    /// <summary>Path of the task's control group; a mark for missing memory if it cannot be read.</summary>
    public string? Cgroup(TaskStruct task)
    {
        try
        {
            return groups.PathOf(task);
        }
        catch (InputException e)
        {
            return (MissingMemory.Of(e) ?? MemoryState.Unmapped).Mark();
        }
    }

    /// <summary>
    /// Process id in the task's own PID namespace, which is the id inside a container; null if that is the first namespace.
    /// </summary>
    public int? InnerPid(TaskStruct task) => Try(() =>
    {
        if (!task.Struct.Has("thread_pid") || task.Struct.Follow("thread_pid") is not { } pid || pid.U32("level") is not (> 0 and < 33) ||
            pid.Type.Of("numbers") is not { } number)
            return (int?)null;
        return new StructReader(kernel.Memory, number, pid.AddressOf("numbers") + pid.U32("level") * number.Size).S32("nr");
    });

    /// <summary>Start time of the task, in nanoseconds after boot.</summary>
    public static ulong? Started(TaskStruct task) => task.Struct.First("start_boottime", "real_start_time", "start_time");

    /// <summary>CPU time in nanoseconds, user and system.</summary>
    public static (ulong User, ulong System) CpuTime(TaskStruct task) => (task.Struct.U64("utime"), task.Struct.U64("stime"));

    /// <summary>The task's memory; null for a kernel thread, and if it cannot be read.</summary>
    public ProcessMemory? Memory(TaskStruct task)
    {
        ulong mm = Try(() => (ulong?)task.Struct.U64("mm")) ?? 0;
        if (mm == 0)
            return null;
        if (!memories.TryGetValue(mm, out ProcessMemory? memory))
            memories[mm] = memory = ProcessMemory.Of(kernel, task);
        return memory;
    }

    private long? Pages(TaskStruct task, Func<ProcessMemory, long> of, string? split)
    {
        if (Memory(task) is not { } memory)
            return null;
        return Try(() =>
        {
            long pages = of(memory);
            // Until 6.1 a thread keeps its last changes of the counters itself.
            if (split is not null && memory.Struct.Has(split) && task.Struct.Has("rss_stat.count"))
                foreach (TaskStruct thread in ThreadsOf(task))
                    for (int i = 0; i < 4; i++)
                        if (i != 2)
                            pages += unchecked((int)kernel.Memory.U32(thread.Struct.AddressOf("rss_stat.count") + 4L * i,
                                "task_struct.rss_stat"));
            return (long?)(Math.Max(0, pages) * kernel.PageSize);
        });
    }

    private List<TaskStruct> ThreadsOf(TaskStruct task)
    {
        StructReader signal = task.Struct.Follow("signal")
            ?? throw new InputException(kernel.Dump.Name, "task_struct.signal", -1, "is NULL");
        return [.. ListOf.Entries(kernel, signal.AddressOf("thread_head"), "task_struct", "thread_node", [], 65536)
            .Select(t => new TaskStruct(t, kernel.TaskStates))];
    }

    private string? Words(TaskStruct task, Func<ProcessMemory, string?> of)
    {
        if (task.KernelThread)
            return null;
        try
        {
            return Memory(task) is { } memory ? of(memory) : null;
        }
        catch (InputException e)
        {
            return (MissingMemory.Of(e) ?? MemoryState.Unmapped).Mark();
        }
    }

    private static T? Try<T>(Func<T?> read)
        where T : struct
    {
        try
        {
            return read();
        }
        catch (InputException)
        {
            return null;
        }
    }
}
