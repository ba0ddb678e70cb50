using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Views;

/// <summary>System V IPC (ipc/util.h) of every namespace that a task is in: semaphores, message queues, shared memory.</summary>
public sealed class Ipc
{
    private const int MaxNamespaces = 10_000;
    private const int MaxSemaphores = 32_000;
    private const int MaxWaiters = 10_000;

    /// <summary>Number of waiters that may still be read, for all objects together.</summary>
    private int left = 1_000_000;

    private readonly CrashedKernel kernel;
    private readonly List<IpcObject> all = [];
    private readonly List<Damage> damages = [];

    public Ipc(CrashedKernel kernel, IReadOnlyList<TaskStruct> tasks)
    {
        this.kernel = kernel;
        // The first namespace is found by its symbol, all others only through the tasks in them.
        List<VirtualAddress> spaces = [kernel.Symbol("init_ipc_ns")];
        foreach (TaskStruct task in tasks)
            Try(() =>
            {
                if (task.Struct.Follow("nsproxy") is { } proxy && proxy.Pointer("ipc_ns") is { Value: not 0 } space &&
                    !spaces.Contains(space) && spaces.Count < MaxNamespaces)
                    spaces.Add(space);
            });
        foreach (VirtualAddress space in spaces)
            Try(() => Read(kernel.At("ipc_namespace", space)));
    }

    public IReadOnlyList<IpcObject> All => all;

    public IReadOnlyList<Damage> Damages => damages;

    private void Read(StructReader space)
    {
        uint number = space.Has("ns.inum") ? space.U32("ns.inum") : 0;
        StructType ids = space.Type.Of("ids") ?? kernel.Struct("ipc_ids");
        int tree = ids.Offset("ipcs_idr") + kernel.Struct("idr").Offset("idr_rt");
        // IPC_SEM_IDS, IPC_MSG_IDS, IPC_SHM_IDS.
        for (int kind = 0; kind < 3; kind++)
        {
            (string type, string member) = kind switch { 0 => ("sem_array", "sem_perm"), 1 => ("msg_queue", "q_perm"),
                _ => ("shmid_kernel", "shm_perm") };
            StructType layout = kernel.Struct(type);
            int at = layout.Offset(member);
            VirtualAddress root = space.AddressOf("ids") + ((long)kind * ids.Size + tree);
            foreach ((_, VirtualAddress permission) in XArray.Walk(kernel, root, damages))
                Try(() =>
                {
                    StructReader one = new(kernel.Memory, layout, permission + -at);
                    StructReader owner = one.Inner(member);
                    (int id, int key, uint user, uint mode) = (owner.S32("id"), owner.S32("key"), owner.U32("uid"), owner.U32("mode"));
                    all.Add(type switch
                    {
                        "sem_array" => new IpcSemaphores(number, id, key, user, mode, one.Address, Values(one), Waiting(one)),
                        "msg_queue" => new IpcQueue(number, id, key, user, mode, one.Address, one.U64("q_qnum"), one.U64("q_cbytes"),
                            one.U64("q_qbytes"), Sleepers(one.AddressOf("q_receivers"), "msg_receiver", "r_list", "r_tsk")),
                        _ => new IpcMemory(number, id, key, user, mode, one.Address, one.U64("shm_segsz"), one.U64("shm_nattch"),
                            PidOf(one, "shm_cprid"), (mode & 0x200) != 0),
                    });
                });
        }
    }

    private List<int> Values(StructReader set)
    {
        StructType one = set.Type.Of("sems") ?? kernel.Struct("sem");
        List<int> values = [];
        int count = Count(set);
        for (int i = 0; i < count; i++)
            values.Add(new StructReader(kernel.Memory, one, set.AddressOf("sems") + (long)i * one.Size).S32("semval"));
        return values;
    }

    private int Count(StructReader set) => set.S32("sem_nsems") is >= 0 and <= MaxSemaphores and var count ? count
        : throw new InputException(kernel.Dump.Name, "sem_array.sem_nsems", -1, $"{set.S32("sem_nsems")} is no number of semaphores");

    /// <summary>Those that wait stand with the set, or with the one semaphore that they need.</summary>
    private List<int> Waiting(StructReader set)
    {
        List<int> pids = [];
        StructType one = set.Type.Of("sems") ?? kernel.Struct("sem");
        int count = Count(set);
        foreach (string list in (string[])["pending_alter", "pending_const"])
        {
            pids.AddRange(Sleepers(set.AddressOf(list), "sem_queue", "list", "sleeper"));
            for (int i = 0; i < count; i++)
                pids.AddRange(Sleepers(set.AddressOf("sems") + ((long)i * one.Size + one.Offset(list)), "sem_queue", "list", "sleeper"));
        }
        return pids;
    }

    private List<int> Sleepers(VirtualAddress list, string type, string member, string task)
    {
        List<int> pids = [];
        foreach (StructReader waiter in ListOf.Entries(kernel, list, type, member, damages, Math.Min(MaxWaiters, left)))
            Try(() =>
            {
                if (waiter.Follow(task) is { } sleeper)
                    pids.Add(sleeper.S32("pid"));
            });
        return pids;
    }

    /// <summary>Number of a struct pid in the first namespace; 0 for none. Before 4.17 the member is a plain number.</summary>
    private int PidOf(StructReader holder, string member)
    {
        if (holder.Type.Of(member)?.Name != "pid")
            return holder.S32(member);
        return holder.Follow(member) is { } pid && pid.Type.Of("numbers") is { } number
            ? new StructReader(kernel.Memory, number, pid.AddressOf("numbers")).S32("nr") : 0;
    }

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
