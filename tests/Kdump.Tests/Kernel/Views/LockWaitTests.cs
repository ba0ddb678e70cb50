using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Symbols;
using Kdump.Kernel.Unwind;
using Kdump.Kernel.Views;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Kernel.Views;

/// <summary>A mutex and a reader-writer semaphore with tasks that wait for them, as the kernel lays them out before 7.1.</summary>
public sealed class LockWaitTests
{
    private const int PidAt = 8, StackAt = 32, CommAt = 88, ThreadAt = 104, OwnerAt = 0, WaitListAt = 16, WaiterTaskAt = 16,
        FrameBytes = 0x100, WaiterAt = 0x40;
    private readonly KernelBuilder kernel = new();
    private readonly Dictionary<ulong, VirtualAddress> stacks = [];
    private readonly VirtualAddress mutex, semaphore, holder, first, second;

    public LockWaitTests()
    {
        BtfBuilder t = kernel.Types;
        int u32 = t.Int("int", 4), u64 = t.Int("long", 8), pointer = t.Pointer(0), comm = t.Array(t.Int("char", 1), 16);
        int list = t.Struct("list_head", 16, ("next", pointer, 0), ("prev", pointer, 8));
        int counter = t.Struct("atomic64_t", 8, ("counter", u64, 0));
        int thread = t.Struct("thread_struct", 8, ("sp", u64, 0));
        t.Struct("task_struct", 256, ("__state", u32, 0), ("pid", u32, PidAt), ("tgid", u32, 12), ("flags", u32, 16),
            ("stack", pointer, StackAt), ("comm", comm, CommAt), ("thread", thread, ThreadAt));
        t.Struct("mutex", 32, ("owner", counter, OwnerAt), ("wait_list", list, WaitListAt));
        t.Struct("mutex_waiter", 32, ("list", list, 0), ("task", pointer, WaiterTaskAt));
        t.Struct("rw_semaphore", 40, ("count", counter, 8), ("owner", counter, OwnerAt), ("wait_list", list, WaitListAt));
        t.Struct("rwsem_waiter", 32, ("list", list, 0), ("task", pointer, WaiterTaskAt));
        mutex = kernel.Data("console_mutex", 32);
        semaphore = kernel.Data("mmap_lock", 40);
        (holder, first, second) = (Task(1, "holder"), Task(2, "first"), Task(3, "second"));
    }

    [Fact]
    public void The_owner_of_a_mutex_is_named_to_each_of_its_waiters()
    {
        // Bit 0 is a flag: there are waiters.
        kernel.Memory.U64(mutex + OwnerAt, holder.Value | 1);
        Ring(mutex, first, second);
        foreach (VirtualAddress waiter in (VirtualAddress[])[first, second])
        {
            LockWait wait = Wait(waiter, "__mutex_lock.constprop.0")!;
            Assert.Equal((LockKind.Mutex, mutex, "console_mutex", "holder", false),
                (wait.Kind, wait.Lock, wait.Name?.Symbol, wait.Holder?.Comm, wait.Readers));
        }
    }

    [Fact]
    public void A_semaphore_that_readers_hold_says_so()
    {
        kernel.Memory.U64(semaphore + OwnerAt, holder.Value | 1);
        Ring(semaphore, first);
        LockWait wait = Wait(first, "rwsem_down_write_slowpath")!;
        Assert.Equal((LockKind.RwSemaphore, semaphore, "holder", true), (wait.Kind, wait.Lock, wait.Holder?.Comm, wait.Readers));
    }

    [Fact]
    public void An_owner_that_is_no_task_is_nobody()
    {
        kernel.Memory.U64(mutex + OwnerAt, 0xFFFF_8880_1234_5600);
        Ring(mutex, first);
        Assert.Null(Wait(first, "__mutex_lock")!.Holder);
    }

    [Fact]
    public void A_task_that_sleeps_for_no_lock_waits_for_none()
    {
        Ring(mutex, first);
        Assert.Null(Wait(first, "schedule_timeout"));
    }

    [Fact]
    public void A_waiter_whose_neighbours_do_not_point_back_is_stale()
    {
        Ring(mutex, first, second);
        kernel.Memory.U64(mutex + WaitListAt, 0).U64(mutex + WaitListAt + 8, 0);
        Assert.Null(Wait(first, "__mutex_lock"));
    }

    [Fact]
    public void A_ring_with_two_strangers_proves_no_lock()
    {
        // A second node that lies on nobody's stack: which of the two is the head cannot be told.
        VirtualAddress stranger = kernel.Data("stranger", 32);
        Link([mutex + WaitListAt, stranger, stacks[first.Value] + WaiterAt]);
        Assert.Null(Wait(first, "__mutex_lock"));
    }

    private VirtualAddress Task(int pid, string comm)
    {
        VirtualAddress at = kernel.Memory.Allocate(256), stack = kernel.Memory.Allocate(16384, 16384);
        kernel.Memory.U32(at + PidAt, (uint)pid).Text(at + CommAt, comm).U64(at + StackAt, stack.Value)
            .U64(at + ThreadAt, (stack + 0x1000).Value);
        stacks[at.Value] = stack + 0x1000;
        return at;
    }

    /// <summary>A waiter in the frame of each task, in one ring with the lock's list.</summary>
    private void Ring(VirtualAddress held, params VirtualAddress[] waiters)
    {
        foreach (VirtualAddress waiter in waiters)
            kernel.Memory.U64(stacks[waiter.Value] + (WaiterAt + WaiterTaskAt), waiter.Value);
        Link([held + WaitListAt, .. waiters.Select(w => stacks[w.Value] + WaiterAt)]);
    }

    private void Link(VirtualAddress[] nodes)
    {
        for (int i = 0; i < nodes.Length; i++)
        {
            VirtualAddress next = nodes[(i + 1) % nodes.Length];
            kernel.Memory.U64(nodes[i], next.Value).U64(next + 8, nodes[i].Value);
        }
    }

    private LockWait? Wait(VirtualAddress waiter, string function)
    {
        using Vmcore vmcore = kernel.Open();
        Dictionary<ulong, TaskStruct> tasks = new[] { holder, first, second }.Select(t => new TaskStruct(vmcore.At("task_struct", t)))
            .ToDictionary(t => t.Address.Value);
        VirtualAddress sp = stacks[waiter.Value];
        Frame At(string name, VirtualAddress at) =>
            new(new VirtualAddress(MemoryBuilder.ImageStart), at, new Location(name, 0, 64, null), FrameKind.Call, null);
        Stack stack = new([At("schedule", sp), At(function, sp + 0x20), At("caller", sp + FrameBytes)], null, null);
        return LockWait.Of(vmcore, tasks[waiter.Value], stack, tasks);
    }
}
