using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Unwind;
using Kdump.Kernel.Views;

namespace Kdump.Tests.Kernel.Views;

public sealed class TasksTests
{
    private const int Size = 256, StateAt = 0, PidAt = 8, TgidAt = 12, FlagsAt = 16, ExitAt = 20, CpuAt = 24, OnCpuAt = 28, StackAt = 32,
        TasksAt = 40, NodeAt = 56,
        SignalAt = 72, ParentAt = 80, CommAt = 88, ThreadAt = 104;
    private readonly KernelBuilder kernel = new();
    private readonly VirtualAddress init;
    private VirtualAddress last;

    public TasksTests()
    {
        BtfBuilder t = kernel.Types;
        int u32 = t.Int("int", 4), u64 = t.Int("long", 8), pointer = t.Pointer(0), comm = t.Array(t.Int("char", 1), 16);
        int list = t.Struct("list_head", 16, ("next", pointer, 0), ("prev", pointer, 8));
        int thread = t.Struct("thread_struct", 8, ("sp", u64, 0));
        t.Struct("signal_struct", 16, ("thread_head", list, 0));
        t.Struct("task_struct", Size, ("__state", u32, StateAt), ("pid", u32, PidAt), ("tgid", u32, TgidAt), ("flags", u32, FlagsAt),
            ("exit_state", u32, ExitAt),
            ("cpu", u32, CpuAt), ("on_cpu", u32, OnCpuAt), ("stack", pointer, StackAt), ("tasks", list, TasksAt),
                ("thread_node", list, NodeAt),
            ("signal", pointer, SignalAt), ("real_parent", pointer, ParentAt), ("comm", comm, CommAt), ("thread", thread, ThreadAt));
        init = kernel.Data("init_task", Size);
        Fill(init, 0, "swapper/0");
        kernel.Memory.U64(init + TasksAt, (init + TasksAt).Value).U64(init + TasksAt + 8, (init + TasksAt).Value);
        last = init;
    }

    [Fact]
    public void Processes_and_their_threads_are_listed_with_their_parents()
    {
        VirtualAddress one = Process(1, "systemd"), kthread = Process(2, "kthreadd", flags: 0x20_0000), worker = Thread(one, 7, "worker");
        kernel.Memory.U64(one + ParentAt, init.Value).U64(kthread + ParentAt, init.Value).U64(worker + ParentAt, kthread.Value);
        Tasks tasks = Open();
        Assert.Equal(["0/0 swapper/0", "1/1 systemd", "7/1 worker", "2/2 kthreadd"], tasks.All.Select(t => $"{t.Pid}/{t.Tgid} {t.Comm}"));
        Assert.Equal((2, true, false), (tasks.All[2].ParentPid, tasks.All[3].KernelThread, tasks.All[1].KernelThread));
    }

    [Theory]
    [InlineData(0u, 0u, "RU")]
    [InlineData(1u, 0u, "IN")]
    [InlineData(2u, 0u, "UN")]
    [InlineData(0x402u, 0u, "ID")]
    [InlineData(0x2001u, 0u, "IN")]
    [InlineData(0x8000u, 0u, "UN")]
    [InlineData(0x104u, 0u, "ST")]
    [InlineData(8u, 0u, "TR")]
    [InlineData(0x40u, 0u, "PA")]
    [InlineData(0u, 0x20u, "ZO")]
    [InlineData(0x80u, 0x10u, "DE")]
    [InlineData(0xDEAD0000u, 0u, "??")]
    public void A_state_is_what_ps_calls_it(uint state, uint exit, string expected)
    {
        VirtualAddress task = Process(1, "x");
        kernel.Memory.U32(task + StateAt, state).U32(task + ExitAt, exit);
        Assert.Equal(expected, Open().All[1].State);
    }

    [Theory]
    [InlineData(2u, 0u, true, "")]
    [InlineData(0x102u, 0u, false, "killable")]
    [InlineData(0x2102u, 0u, false, "killable")]
    [InlineData(0x2002u, 0u, true, "")]
    [InlineData(0x402u, 0u, false, "")]
    [InlineData(0x1000u, 0u, true, "")]
    [InlineData(0x8000u, 0u, false, "frozen")]
    [InlineData(0x104u, 0u, false, "")]
    [InlineData(1u, 0u, false, "")]
    // 0x10000 in the flags is something else since 6.1.
    [InlineData(2u, 0x1_0000u, true, "")]
    public void Only_a_task_that_nothing_but_its_wait_can_wake_is_blocked(uint state, uint flags, bool blocked, string note)
    {
        VirtualAddress task = Process(1, "x", flags: flags);
        kernel.Memory.U32(task + StateAt, state);
        TaskStruct read = Open().All[1];
        Assert.Equal((blocked, note), (read.Blocked, read.SleepNote));
    }

    [Fact]
    public void Before_6_1_a_flag_tells_that_a_task_is_frozen()
    {
        kernel.Data("system_freezing_cnt", 4);
        VirtualAddress frozen = Process(1, "paused", flags: 0x1_0000), other = Process(2, "stuck");
        kernel.Memory.U32(frozen + StateAt, 2).U32(other + StateAt, 2);
        Tasks read = Open();
        Assert.Equal([("UN", false, "frozen"), ("UN", true, "")], read.All.Skip(1).Select(t => (t.State, t.Blocked, t.SleepNote)));
    }

    /// <summary>fs/proc/array.c since 4.14, before it, and of 3.10: which bits the state has is told by the kernel's own names.</summary>
    [Theory]
    [InlineData("P (parked)", 0x102u, "UN killable")]
    [InlineData("P (parked)", 0x82u, "DE ")]
    [InlineData("some other text", 0x82u, "UN killable")]
    [InlineData("some other text", 0x102u, "UN ")]
    [InlineData("x (dead)", 0x40u, "DE ")]
    [InlineData("x (dead)", 0x200u, "PA ")]
    [InlineData("x (dead)", 0x402u, "ID ")]
    public void The_names_of_the_states_tell_their_bits(string eighth, uint state, string expected)
    {
        VirtualAddress names = kernel.Data("task_state_array", 64);
        foreach ((string name, int index) in (ReadOnlySpan<(string, int)>)[("R (running)", 0), (eighth, 7)])
        {
            VirtualAddress text = kernel.Memory.Allocate(32);
            kernel.Memory.Text(text, name).U64(names + 8 * index, text.Value);
        }
        VirtualAddress task = Process(1, "x");
        kernel.Memory.U32(task + StateAt, state);
        TaskStruct read = Open().All[1];
        Assert.Equal(expected, $"{read.State} {read.SleepNote}");
    }

    [Fact]
    public void A_list_that_breaks_off_is_read_from_its_other_end()
    {
        VirtualAddress[] tasks = [.. Enumerable.Range(1, 6).Select(i => Process(i, $"p{i}"))];
        kernel.Memory.U64(tasks[2] + TasksAt, 0xFFFF_8880_DEAD_0000);
        Tasks read = Open();
        Assert.Equal([0, 1, 2, 3, 4, 5, 6], read.All.Select(t => t.Pid).Order());
        Assert.Contains(read.Damages, d => d.Reason.Contains("breaks off after 4 entries", StringComparison.Ordinal));
    }

    [Fact]
    public void A_circle_of_tasks_and_a_circle_of_threads_end()
    {
        VirtualAddress one = Process(1, "a"), two = Process(2, "b");
        Process(3, "c");
        VirtualAddress thread = Thread(one, 11, "t");
        kernel.Memory.U64(two + TasksAt, (one + TasksAt).Value).U64(thread + NodeAt, (thread + NodeAt).Value);
        Tasks read = Open();
        Assert.Contains(read.All, t => t.Pid == 3);
        Assert.Equal(read.All.Count, read.All.Select(t => t.Address).Distinct().Count());
        Assert.Contains(read.Damages, d => d.Reason.Contains("circle", StringComparison.Ordinal));
    }

    [Fact]
    public void An_init_task_that_is_not_swapper_is_not_believed()
    {
        kernel.Memory.Text(init + CommAt, "bash");
        using Vmcore vmcore = kernel.Open();
        Assert.Contains("\"bash\", not swapper/0", vmcore.Tasks.Status);
    }

    [Fact]
    public void A_task_in_a_page_that_was_left_out_costs_only_itself()
    {
        Process(1, "a");
        VirtualAddress lost = kernel.Memory.Allocate(4096, 4096);
        Process(2, "b", at: lost);
        Process(3, "c", at: kernel.Memory.Allocate(4096, 4096));
        kernel.Memory.Take(lost, MemoryState.Excluded);
        Tasks read = Open();
        Assert.Equal([0, 1, 3], read.All.Select(t => t.Pid).Order());
        Assert.Contains(read.Damages, d => d.Reason.Contains("excluded", StringComparison.Ordinal));
    }

    [Fact]
    public void A_running_task_without_its_run_queue_has_no_stack_of_long_ago()
    {
        VirtualAddress task = Process(1, "a");
        VirtualAddress stack = kernel.Memory.Allocate(4096, 4096);
        kernel.Memory.U32(task + OnCpuAt, 1).U64(task + StackAt, stack.Value).U64(task + ThreadAt, stack.Value);
        using Vmcore vmcore = kernel.Open();
        TaskStruct running = vmcore.Tasks.Value!.All.Single(t => t.Pid == 1);
        Assert.True(running.OnCpu);
        Stack walked = vmcore.Stacks().Of(running);
        Assert.Empty(walked.Frames);
        Assert.Equal("it ran on CPU 0, whose registers were not saved", walked.Stopped);
    }

    [Fact]
    public void Tasks_with_the_same_frames_are_one_group()
    {
        for (int i = 1; i <= 3; i++)
        {
            VirtualAddress task = Process(i, $"p{i}"), stack = kernel.Memory.Allocate(4096, 4096);
            kernel.Memory.U64(task + StackAt, stack.Value).U64(task + ThreadAt, (stack + 256).Value)
                .U64(stack + 256 + 48, i == 3 ? 0x1000UL : 0x2000UL);
        }
        using Vmcore vmcore = kernel.Open();
        Assert.Equal([2, 1], vmcore.Stacks().All(vmcore.Tasks.Value!.All.Skip(1)).Select(g => g.Tasks.Count));
    }

    private Tasks Open()
    {
        Vmcore vmcore = kernel.Open();
        return vmcore.Tasks.Value ?? throw new InvalidOperationException(vmcore.Tasks.Status);
    }

    private void Fill(VirtualAddress at, uint pid, string comm, uint flags = 0, uint? tgid = null)
    {
        VirtualAddress signal = kernel.Memory.Allocate(16);
        kernel.Memory.U64(signal, (at + NodeAt).Value).U64(signal + 8, (at + NodeAt).Value).U64(at + NodeAt, signal.Value)
            .U64(at + NodeAt + 8, signal.Value);
        kernel.Memory.U32(at + PidAt, pid).U32(at + TgidAt, tgid ?? pid).U32(at + FlagsAt, flags).U64(at + SignalAt, signal.Value)
            .Text(at + CommAt, comm);
    }

    private VirtualAddress Process(int pid, string comm, uint flags = 0, VirtualAddress? at = null)
    {
        VirtualAddress task = at ?? kernel.Memory.Allocate(Size);
        Fill(task, (uint)pid, comm, flags);
        kernel.Memory.U64(last + TasksAt, (task + TasksAt).Value).U64(task + TasksAt, (init + TasksAt).Value);
        kernel.Memory.U64(task + TasksAt + 8, (last + TasksAt).Value).U64(init + TasksAt + 8, (task + TasksAt).Value);
        last = task;
        return task;
    }

    private VirtualAddress Thread(VirtualAddress leader, int pid, string comm)
    {
        VirtualAddress task = kernel.Memory.Allocate(Size), signal = kernel.Memory.Pointer(leader + SignalAt, "signal");
        Fill(task, (uint)pid, comm, tgid: (uint)kernel.Memory.U32(leader + TgidAt, "tgid"));
        kernel.Memory.U64(leader + NodeAt, (task + NodeAt).Value).U64(task + NodeAt, signal.Value).U64(task + SignalAt, signal.Value)
            .U64(task + NodeAt + 8, (leader + NodeAt).Value);
        return task;
    }
}
