using System.Text;
using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Expressions;

namespace Kdump.Tests.Kernel.Expressions;

/// <summary>A small kernel with tasks, a tree, bitfields, an enum, a per-CPU variable, and a variable of which BTF says nothing.</summary>
internal sealed class ExpressionKernel
{
    public ExpressionKernel()
    {
        BtfBuilder t = Kernel.Types;
        int u64 = t.Int("long unsigned int", 8), u32 = t.Int("unsigned int", 4), s32 = t.SignedInt("int", 4);
        int character = t.SignedInt("char", 1);
        int pointer = t.Pointer(0), boolean = t.Boolean(), comm = t.Array(character, 16), text = t.Pointer(t.Const(character));
        int list = t.Struct("list_head", 16, ("next", pointer, 0), ("prev", pointer, 8));
        t.Struct("hlist_node", 16, ("next", pointer, 0), ("pprev", pointer, 8));
        t.Struct("rb_node", 24, ("__rb_parent_color", u64, 0), ("rb_right", pointer, 8), ("rb_left", pointer, 16));
        int colour = t.Enum("colour", 4, ("RED", 1), ("GREEN", 2), ("BLUE", 4));
        int mm = t.Struct("mm_struct", 24, ("total_vm", u64, 0), ("pgd", pointer, 8), ("name", text, 16));
        t.Struct("signal_struct", 16, ("thread_head", list, 0));
        int inner = t.Union("", 8, ("whole", u64, 0), ("low", u32, 0));
        int handler = t.Pointer(t.Prototype(s32, ("signal", s32), ("data", pointer)));
        int packed = t.Bitfields("packed", 4, ("three", u32, 0, 3), ("signed_five", s32, 3, 5), ("rest", u32, 8, 24));
        t.Struct("task_struct", 192, ("pid", s32, 0), ("tgid", s32, 4), ("flags", u32, 8), ("colour", colour, 12), ("stack", pointer, 16),
            ("tasks", list, 24), ("thread_node", list, 40), ("signal", pointer, 56), ("comm", comm, 64), ("mm", t.Pointer(mm), 80),
            ("", inner, 88), ("numbers", t.Array(s32, 4), 96), ("handler", handler, 112), ("alive", boolean, 120), ("packed", packed, 124),
            ("node", t.Struct("node", 24, ("rb_node", pointer, 0)), 128), ("__state", u32, 152));
        t.Typedef("pid_t", s32);
        t.Typedef("task_t", t.Struct("thing", 4, ("x", s32, 0)));
        int function = t.Function("do_work", t.Prototype(s32, ("task", pointer), ("count", u64)));
        int variable = t.Variable("counters", t.Struct("counter", 8, ("hits", u32, 0), ("misses", u32, 4)));
        t.PerCpuSection((variable, 0x40, 8));
        _ = (function, packed);

        Init = Kernel.Data("init_task", 192);
        Task(Init, 0, "swapper/0", RED);
        Kernel.Memory.U64(Init + 112, Kernel.Function("do_work", 64).Value);
        Kernel.Function("other", 64);
        VirtualAddress last = Init;
        for (int i = 1; i <= 3; i++)
        {
            VirtualAddress task = Kernel.Memory.Allocate(192);
            Task(task, i, $"task{i}", i == 3 ? 5 : i);
            Kernel.Memory.U64(last + 24, (task + 24).Value).U64(task + 32, (last + 24).Value);
            last = task;
            Tasks.Add(task);
        }
        Kernel.Memory.U64(last + 24, (Init + 24).Value).U64(Init + 32, (last + 24).Value);
        Mm = Kernel.Memory.Allocate(24);
        Kernel.Memory.U64(Mm, 500).U64(Mm + 16, Kernel.Memory.Add(Encoding.ASCII.GetBytes("the mm\0")).Value).U64(Tasks[0] + 80, Mm.Value);
        // rb_left of 1 is 2's place: task2 < task1 < task3.
        VirtualAddress root = Kernel.Data("tree", 8);
        Kernel.Memory.U64(root, (Tasks[0] + 128).Value).U64(Tasks[0] + 128 + 16, (Tasks[1] + 128).Value)
            .U64(Tasks[0] + 128 + 8, (Tasks[2] + 128).Value);
        Kernel.Memory.U32(Kernel.Data("nr_threads", 4), 42);
        Kernel.Memory.U64(Kernel.Data("mystery", 8), 0x1122334455667788);
        VirtualAddress offsets = Kernel.Data("__per_cpu_offset", 64), masks = Kernel.Data("__cpu_possible_mask", 8);
        Kernel.Data("__cpu_online_mask", 8);
        Kernel.Memory.U64(masks, 3);
        Kernel.Symbols.Add("counters", 0x40, 'A');
        for (int cpu = 0; cpu < 2; cpu++)
        {
            VirtualAddress area = Kernel.Memory.Allocate(4096, 4096);
            Kernel.Memory.U64(offsets + 8 * cpu, area.Value).U32(area + 0x40, (uint)(10 * cpu + 1)).U32(area + 0x44, 7);
        }
    }

    private const int RED = 1;

    public KernelBuilder Kernel { get; } = new();

    public VirtualAddress Init { get; }

    public VirtualAddress Mm { get; }

    public List<VirtualAddress> Tasks { get; } = [];

    public Vmcore Open() => Kernel.Open();

    public static Interpreter Interpreter(Vmcore vmcore) =>
        new(vmcore, () => vmcore.Tasks.Need("fake", "tasks"), () => null);

    private void Task(VirtualAddress at, int pid, string comm, int colour)
    {
        VirtualAddress signal = Kernel.Memory.Allocate(16);
        Kernel.Memory.U64(signal, signal.Value).U64(signal + 8, signal.Value);
        Kernel.Memory.U32(at, (uint)pid).U32(at + 4, (uint)pid).U32(at + 12, (uint)colour).U64(at + 56, signal.Value).Text(at + 64, comm)
            .U64(at + 88, 0x1_0000_0002).U32(at + 96, 10).U32(at + 100, unchecked((uint)-20)).U32(at + 104, 30).U32(at + 108, 40)
            .Write(at + 120, [1]).U32(at + 124, 5 | 0x1F << 3 | 0x123456 << 8);
    }
}
