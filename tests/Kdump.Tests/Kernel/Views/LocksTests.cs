using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Views;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Kernel.Views;

/// <summary>Tasks that wait for rt_mutexes, as pi_blocked_on has it: chains, circles, and what proves nothing.</summary>
public sealed class LocksTests
{
    private const int PidAt = 8, CommAt = 88, BlockedAt = 200, LastAt = 208, OnCpuAt = 216, StackAt = 32, ThreadAt = 104;
    private const int WaiterTask = 0, WaiterLock = 8, Owner = 8;
    private readonly KernelBuilder kernel = new();
    private readonly Dictionary<string, VirtualAddress> tasks = [];

    public LocksTests()
    {
        BtfBuilder t = kernel.Types;
        int u32 = t.Int("int", 4), u64 = t.Int("long", 8), pointer = t.Pointer(0), comm = t.Array(t.Int("char", 1), 16);
        int mutex = t.Struct("rt_mutex_base", 32, ("owner", pointer, Owner));
        int waiter = t.Struct("rt_mutex_waiter", 32, ("task", pointer, WaiterTask), ("lock", t.Pointer(mutex), WaiterLock));
        int thread = t.Struct("thread_struct", 8, ("sp", u64, 0));
        t.Struct("task_struct", 256, ("__state", u32, 0), ("pid", u32, PidAt), ("tgid", u32, 12), ("flags", u32, 16),
            ("comm", comm, CommAt),
            ("stack", pointer, StackAt), ("thread", thread, ThreadAt), ("pi_blocked_on", t.Pointer(waiter), BlockedAt));
        t.Struct("completion", 32, ("wait", t.Struct("swait_queue_head", 24, ("task_list", u64, 8)), 8));
        foreach (string name in (string[])["a", "b", "c", "d"])
        {
            VirtualAddress at = kernel.Memory.Allocate(256);
            // Uninterruptible.
            kernel.Memory.U32(at, 2).U32(at + PidAt, (uint)(tasks.Count + 1)).Text(at + CommAt, name)
                .U64(at + StackAt, kernel.Memory.Allocate(16384, 16384).Value).U64(at + ThreadAt, kernel.Memory.Allocate(256).Value);
            tasks[name] = at;
        }
    }

    [Fact]
    public void A_circle_is_told_once_and_in_order()
    {
        Wait("a", "b");
        Wait("b", "c");
        Wait("c", "a");
        Read(locks =>
        {
            IReadOnlyList<TaskStruct> circle = Assert.Single(locks.Deadlocks);
            Assert.Equal(["a", "b", "c"], circle.Select(t => t.Comm));
            Assert.Equal(3, locks.All.Count);
        });
    }

    [Fact]
    public void A_chain_leads_to_the_one_that_waits_for_nothing()
    {
        Wait("a", "b");
        Wait("b", "c");
        Read(locks =>
        {
            Assert.Empty(locks.Deadlocks);
            LockState first = locks.All.Single(l => l.Waiters[0].Comm == "a");
            Assert.Equal(["b", "c"], locks.Chain(first).Select(t => t.Comm));
        });
    }

    [Fact]
    public void Who_runs_into_a_circle_is_no_part_of_it()
    {
        Wait("d", "a");
        Wait("a", "b");
        Wait("b", "a");
        Read(locks => Assert.Equal(["a", "b"], Assert.Single(locks.Deadlocks).Select(t => t.Comm).Order()));
    }

    [Fact]
    public void Waiters_of_one_lock_stand_together()
    {
        VirtualAddress held = Wait("a", "c");
        Wait("b", "c", held);
        Read(locks => Assert.Equal((WaitKind.RtMutex, "c", 2), locks.All.Select(l => (l.Kind, l.Holder!.Comm, l.Waiters.Count)).Single()));
    }

    [Fact]
    public void A_waiter_that_is_another_task_s_proves_nothing()
    {
        Wait("a", "b");
        VirtualAddress waiter = new(BitConverter.ToUInt64(Bytes(tasks["a"] + BlockedAt)));
        kernel.Memory.U64(waiter + WaiterTask, tasks["d"].Value);
        Read(locks =>
        {
            Assert.Empty(locks.All);
            Assert.Contains(locks.Unproven, t => t.Comm == "a");
        });
    }

    [Fact]
    public void An_owner_that_is_no_task_is_nobody()
    {
        VirtualAddress held = Wait("a", "b");
        kernel.Memory.U64(held + Owner, 0xdead);
        Read(locks => Assert.Null(Assert.Single(locks.All).Holder));
    }

    [Theory]
    [InlineData(0x0004_0101u, true)]
    [InlineData(0x0000_0001u, true)]
    // Free; a queue that ends with a CPU which there is not; another number.
    [InlineData(0x0000_0000u, false)]
    [InlineData(0x7ffc_0001u, false)]
    [InlineData(0x1234_5678u, false)]
    public void A_CPU_in_the_slow_path_of_a_spinlock_names_it_where_the_word_is_a_held_lock(uint word, bool named)
    {
        VirtualAddress held = kernel.Data("lab_lock", 4), code = kernel.Function("native_queued_spin_lock_slowpath", 64);
        kernel.Memory.U32(held, word).U64(kernel.Data("__per_cpu_offset", 8), 0);
        kernel.Memory.U64(kernel.Data("__cpu_possible_mask", 8), 1).U64(kernel.Data("__cpu_online_mask", 8), 1);
        byte[] status = new byte[336];
        BitConverter.GetBytes(held.Value).CopyTo(status, 112 + 14 * 8);
        BitConverter.GetBytes(code.Value + 8).CopyTo(status, 112 + 16 * 8);
        BitConverter.GetBytes(0x10UL).CopyTo(status, 112 + 17 * 8);
        FakeDump dump = kernel.Dump();
        dump.MoreNotes.AddRange(FakeDump.Note("CORE", 1, status));
        using Vmcore vmcore = Vmcore.Open(dump);
        Spinner spinner = Assert.Single(new Locks(vmcore, [], vmcore.Stacks(), vmcore.Registers).Spinners);
        Assert.Equal((0, named ? "lab_lock" : null), (spinner.Cpu, spinner.Name?.Symbol));
    }

    private byte[] Bytes(VirtualAddress at)
    {
        byte[] raw = new byte[8];
        kernel.Memory.Read(at, raw, "test");
        return raw;
    }

    /// <summary>Bit 0 of an owner says that there are waiters.</summary>
    private VirtualAddress Wait(string who, string holder, VirtualAddress? known = null)
    {
        VirtualAddress held = known ?? kernel.Memory.Allocate(32), waiter = kernel.Memory.Allocate(32);
        kernel.Memory.U64(held + Owner, tasks[holder].Value | 1).U64(waiter + WaiterTask, tasks[who].Value)
            .U64(waiter + WaiterLock, held.Value)
            .U64(tasks[who] + BlockedAt, waiter.Value);
        return held;
    }

    private void Read(Action<Locks> check)
    {
        using Vmcore vmcore = kernel.Open();
        TaskStruct[] all = [.. tasks.Values.Select(t => new TaskStruct(vmcore.At("task_struct", t)))];
        check(new Locks(vmcore, all, vmcore.Stacks(), vmcore.Registers));
    }
}
