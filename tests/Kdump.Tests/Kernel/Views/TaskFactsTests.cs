using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Views;

namespace Kdump.Tests.Kernel.Views;

/// <summary>A task with an owner, a control group, memory of its own in page tables of its own, and words in it.</summary>
public sealed class TaskFactsTests
{
    private const int RealCred = 200, Policy = 208, RtPriority = 212, StaticPrio = 216, Cgroups = 224, ThreadPid = 232, Mm = 240,
        Flags = 16;
    private const ulong Words = 0x7ffc_0000_0f00;
    private readonly KernelBuilder kernel = new();
    private VirtualAddress task;

    [Theory]
    [InlineData(0, 0, 125, "TS", 5)]
    [InlineData(1, 50, 120, "FF", 50)]
    [InlineData(2, 1, 120, "RR", 1)]
    [InlineData(6, 0, 120, "DLN", 0)]
    public void The_scheduling_class_goes_with_its_own_priority(int policy, int hard, int prio, string name, int priority)
    {
        Build(perCpuCounters: false);
        kernel.Memory.U32(task + Policy, (uint)policy).U32(task + RtPriority, (uint)hard).U32(task + StaticPrio, (uint)prio);
        Read((_, t) => Assert.Equal((name, priority), (TaskFacts.Policy(t), TaskFacts.Priority(t))));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Resident_memory_is_counted_in_either_form(bool perCpuCounters)
    {
        Build(perCpuCounters);
        // 10 of files, 20 anonymous, 7 in swap, 5 shared; the per-CPU form has 3 anonymous pages more on CPU 1.
        Read((facts, t) => Assert.Equal((4096L * (perCpuCounters ? 38 : 35), 4096L * 7), (facts.Resident(t), facts.Swapped(t))));
    }

    [Fact]
    public void Owner_inner_pid_and_group_are_read()
    {
        Build(perCpuCounters: false);
        Read((facts, t) =>
        {
            Assert.Equal((1000u, 1001u), TaskFacts.Owner(t));
            Assert.Equal(17, facts.InnerPid(t));
            Assert.Equal("/pod1/box", facts.Cgroup(t));
        });
    }

    [Fact]
    public void Arguments_are_read_through_the_process_s_own_page_tables()
    {
        Build(perCpuCounters: false);
        Read((facts, t) => Assert.Equal("/bin/work --now two", facts.Arguments(t)));
    }

    [Theory]
    [InlineData(MemoryState.Excluded, "<excluded>")]
    [InlineData(MemoryState.Absent, "<absent>")]
    [InlineData(MemoryState.Unmapped, "<not mapped>")]
    public void Missing_arguments_are_marked(MemoryState state, string mark)
    {
        Build(perCpuCounters: false);
        kernel.Memory.Take(new VirtualAddress(Words), state);
        Read((facts, t) => Assert.Equal(mark, facts.Arguments(t)));
    }

    [Fact]
    public void A_kernel_thread_has_neither_memory_nor_words()
    {
        Build(perCpuCounters: false);
        kernel.Memory.U64(task + Mm, 0).U32(task + Flags, 0x20_0000);
        Read((facts, t) => Assert.Equal((null, null, null),
            ((string?, long?, long?))(facts.Arguments(t), facts.Resident(t), facts.Size(t))));
    }

    private void Read(Action<TaskFacts, TaskStruct> check)
    {
        using Vmcore vmcore = kernel.Open();
        check(new TaskFacts(vmcore), new TaskStruct(vmcore.At("task_struct", task)));
    }

    private void Build(bool perCpuCounters)
    {
        var t = kernel.Types;
        int u32 = t.Int("int", 4), u64 = t.Int("long", 8), pointer = t.Pointer(0), comm = t.Array(t.Int("char", 1), 16);
        int list = t.Struct("list_head", 16, ("next", pointer, 0), ("prev", pointer, 8));
        // A node points at its own kind: the struct is the type after this pointer.
        int above0 = t.Pointer(list + 2);
        int node = t.Struct("kernfs_node", 32, ("parent", above0, 0), ("name", pointer, 8));
        int root = t.Struct("cgroup_root", 16, ("hierarchy_id", u32, 8));
        int group = t.Struct("cgroup", 32, ("kn", t.Pointer(node), 0), ("root", t.Pointer(root), 8));
        t.Struct("cgrp_cset_link", 48, ("cgrp", t.Pointer(group), 0), ("cgrp_link", list, 32));
        int set = t.Struct("css_set", 64, ("cgrp_links", list, 16));
        int cred = t.Struct("cred", 32, ("euid", u32, 8), ("egid", u32, 12));
        int number = t.Struct("upid", 16, ("nr", u32, 0));
        int pid = t.Struct("pid", 64, ("level", u32, 4), ("numbers", t.Array(number, 0), 16));
        int stat = perCpuCounters
            ? t.Array(t.Struct("percpu_counter", 16, ("count", u64, 0), ("counters", pointer, 8)), 4)
            : t.Struct("mm_rss_stat", 32, ("count", t.Array(u64, 4), 0));
        int mmType = t.Struct("mm_struct", 192, ("pgd", pointer, 0), ("total_vm", u64, 8), ("arg_start", u64, 16), ("arg_end", u64, 24),
            ("env_start", u64, 32), ("env_end", u64, 40), ("rss_stat", stat, 64));
        t.Struct("task_struct", 256, ("__state", u32, 0), ("pid", u32, 8), ("tgid", u32, 12), ("flags", u32, Flags), ("comm", comm, 88),
            ("real_cred", t.Pointer(cred), RealCred), ("policy", u32, Policy), ("rt_priority", u32, RtPriority),
            ("static_prio", u32, StaticPrio), ("cgroups", t.Pointer(set), Cgroups), ("thread_pid", t.Pointer(pid), ThreadPid),
            ("mm", t.Pointer(mmType), Mm));
        var m = kernel.Memory;
        task = m.Allocate(256);
        VirtualAddress credAt = m.Allocate(32), pidAt = m.Allocate(64), mm = m.Allocate(192), setAt = m.Allocate(64), link = m.Allocate(48),
            cgroup = m.Allocate(32), rootAt = m.Allocate(16), top = m.Allocate(32), pod = m.Allocate(32), box = m.Allocate(32);
        m.U64(task + RealCred, credAt.Value).U32(credAt + 8, 1000).U32(credAt + 12, 1001).U32(task + StaticPrio, 120);
        m.U64(task + ThreadPid, pidAt.Value).U32(pidAt + 4, 1).U32(pidAt + 16, 4711).U32(pidAt + 32, 17);
        m.U64(task + Cgroups, setAt.Value).U64(setAt + 16, (link + 32).Value).U64(link + 32, (setAt + 16).Value);
        m.U64(link, cgroup.Value).U64(cgroup, box.Value).U64(cgroup + 8, rootAt.Value).U32(rootAt + 8, 1);
        foreach ((VirtualAddress at, VirtualAddress above, string name) in new[] { (box, pod, "box"), (pod, top, "pod1"),
            (top, default, "") })
        {
            VirtualAddress text = m.Allocate(16);
            m.Text(text, name).U64(at, above.Value).U64(at + 8, text.Value);
        }
        m.U64(task + Mm, mm.Value).U64(mm, kernel.Root.Value).U64(mm + 8, 100).U64(mm + 16, Words).U64(mm + 24, Words + 20);
        m.Write(new VirtualAddress(Words), "/bin/work\0--now\0two\0"u8);
        ulong[] counts = [10, 20, 7, 5];
        for (int i = 0; i < 4; i++)
            m.U64(mm + 64 + (perCpuCounters ? 16 : 8) * i, counts[i]);
        if (perCpuCounters)
        {
            VirtualAddress parts = m.Allocate(4);
            VirtualAddress offsets = kernel.Data("__per_cpu_offset", 16);
            m.U64(offsets + 8, 0x10_0000).U64(kernel.Data("__cpu_possible_mask", 8), 3);
            m.U32(parts, 0).U32(parts + 0x10_0000, 3).U64(mm + 64 + 16 + 8, parts.Value);
        }
    }
}
