using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Views;

namespace Kdump.Tests.Kernel.Views;

/// <summary>Two namespaces, the first known by its symbol and the other by the one task in it.</summary>
public sealed class IpcTests
{
    private const int TreeAt = 8, IdsBytes = 32;
    private readonly KernelBuilder kernel = new();
    private VirtualAddress task;

    [Fact]
    public void Each_namespace_s_objects_are_read_with_who_waits()
    {
        VirtualAddress set = Build();
        using Vmcore vmcore = kernel.Open();
        Ipc ipc = new(vmcore, [new TaskStruct(vmcore.At("task_struct", task))]);
        Assert.Empty(ipc.Damages);
        IpcMemory memory = Assert.Single(ipc.All.OfType<IpcMemory>());
        Assert.Equal((1u, 7, 0x1234, 8192ul, 3ul, true), (memory.Namespace, memory.Id, memory.Key, memory.Bytes, memory.Attached,
            memory.Removed));
        IpcSemaphores semaphores = Assert.Single(ipc.All.OfType<IpcSemaphores>());
        Assert.Equal(2u, semaphores.Namespace);
        Assert.Equal(set, semaphores.Address);
        Assert.Equal([5, 6], semaphores.Values);
        Assert.Equal([42], semaphores.Waiting);
    }

    [Fact]
    public void A_count_of_semaphores_that_lies_is_bounded()
    {
        kernel.Memory.U32(Build() + 64, 0x7fff_ffff);
        using Vmcore vmcore = kernel.Open();
        Ipc ipc = new(vmcore, [new TaskStruct(vmcore.At("task_struct", task))]);
        Assert.Empty(ipc.All.OfType<IpcSemaphores>());
        Assert.NotEmpty(ipc.Damages);
    }

    private VirtualAddress Build()
    {
        BtfBuilder t = kernel.Types;
        int u32 = t.Int("int", 4), u64 = t.Int("long", 8), pointer = t.Pointer(0);
        int list = t.Struct("list_head", 16, ("next", pointer, 0), ("prev", pointer, 8));
        int array = t.Struct("xarray", 16, ("xa_head", pointer, 8));
        t.Struct("xa_node", 64, ("shift", t.Int("byte", 1), 0), ("slots", t.Array(pointer, 4), 8));
        int idr = t.Struct("idr", 16, ("idr_rt", array, 0));
        int ids = t.Struct("ipc_ids", IdsBytes, ("ipcs_idr", idr, TreeAt));
        int common = t.Struct("ns_common", 8, ("inum", u32, 0));
        int space = t.Struct("ipc_namespace", 128, ("ids", t.Array(ids, 3), 0), ("ns", common, 96));
        int proxy = t.Struct("nsproxy", 16, ("ipc_ns", t.Pointer(space), 8));
        int owner = t.Struct("kern_ipc_perm", 32, ("id", u32, 0), ("key", u32, 4), ("uid", u32, 8), ("mode", u32, 12));
        t.Struct("task_struct", 256, ("__state", u32, 0), ("pid", u32, 8), ("tgid", u32, 12), ("flags", u32, 16),
            ("comm", t.Array(t.Int("char", 1), 16), 88), ("nsproxy", t.Pointer(proxy), 128));
        int sleeper = t.Struct("sleeper", 16, ("pid", u32, 8));
        t.Struct("sem_queue", 32, ("list", list, 0), ("sleeper", t.Pointer(sleeper), 16));
        int one = t.Struct("sem", 40, ("semval", u32, 0), ("pending_alter", list, 8), ("pending_const", list, 24));
        t.Struct("sem_array", 256, ("sem_perm", owner, 0), ("pending_alter", list, 32), ("pending_const", list, 48), ("sem_nsems", u32, 64),
            ("sems", t.Array(one, 0), 128));
        t.Struct("msg_queue", 64, ("q_perm", owner, 0));
        t.Struct("shmid_kernel", 128, ("shm_perm", owner, 0), ("shm_segsz", u64, 32), ("shm_nattch", u64, 40), ("shm_cprid", u32, 48));
        var m = kernel.Memory;
        VirtualAddress first = kernel.Data("init_ipc_ns", 128), second = m.Allocate(128), link = m.Allocate(16);
        VirtualAddress shared = m.Allocate(128), set = m.Allocate(256), queued = m.Allocate(32);
        task = m.Allocate(256);
        m.U64(task + 128, link.Value).U64(link + 8, second.Value).U32(task + 8, 42).U32(first + 96, 1).U32(second + 96, 2);
        m.U64(first + 2 * IdsBytes + TreeAt + 8, shared.Value).U32(shared, 7).U32(shared + 4, 0x1234).U32(shared + 12, 0x200 | 0x1a0)
            .U64(shared + 32, 8192).U64(shared + 40, 3);
        m.U64(second + TreeAt + 8, set.Value).U32(set + 64, 2).U32(set + 128, 5).U32(set + 168, 6);
        foreach (int at in (int[])[32, 48, 136, 152, 176, 192])
            m.U64(set + at, (set + at).Value).U64(set + at + 8, (set + at).Value);
        // One process waits for the second semaphore alone.
        m.U64(set + 176, queued.Value).U64(queued, (set + 176).Value).U64(queued + 16, task.Value);
        return set;
    }
}
