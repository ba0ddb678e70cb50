using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;
using Kdump.Kernel;
using Kdump.Kernel.Expressions;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;
using Kdump.Kernel.Views;

namespace Kdump.Tests.Kernel;

/// <summary>A kernel whose pages are flipped, filled and swapped at random: every layer answers, with values or a reason.</summary>
public sealed class MutatedKernelTests
{
    [Fact]
    public void A_kernel_with_random_damage_is_read_or_refused_but_never_crashes_the_reader()
    {
        for (int seed = 0; seed < 150; seed++)
        {
            using Vmcore vmcore = Vmcore.Open(new MutatedDump(Kernel(withKeys: seed % 2 == 0).Dump(), seed));
            Everything(vmcore);
        }
    }

    [RealDumpFact]
    public void A_real_dump_with_random_damage_is_read_or_refused_but_never_crashes_the_reader()
    {
        foreach (string path in RealDumps.All())
        {
            using Dump dump = DumpFormats.Open([path]);
            foreach (int seed in (int[])[0, 1, 38, .. ExtraSeeds()])
                Everything(Vmcore.Open(new MutatedDump(dump, seed)));
        }
    }

    /// <summary>KDUMP_SEEDS: how many more, for a longer search.</summary>
    private static IEnumerable<int> ExtraSeeds() =>
        int.TryParse(Environment.GetEnvironmentVariable("KDUMP_SEEDS"), out int more) ? Enumerable.Range(2, more) : [];

    /// <summary>Views that are made anew each time they are asked for: each has an answer or a reason.</summary>
    private static void EveryView(Vmcore vmcore)
    {
        Try(() => _ = new MemoryAccount(vmcore).Lines);
        Try(() => _ = new Slabs(vmcore).All);
        Try(() => _ = new VmallocAreas(vmcore).All);
        Try(() => _ = new Mounts(vmcore, null).All);
        Try(() => _ = new Swaps(vmcore).All);
        Try(() => _ = new Disks(vmcore, vmcore.Tasks.Value).All);
        Try(() => _ = new NetSockets(vmcore, vmcore.Tasks.Value, new NetNamespaces(vmcore)).All);
        if (vmcore.Tasks.Value is not { } tasks)
            return;
        Try(() => _ = new MemoryHolders(vmcore, tasks).All);
        AddressUse use = new(vmcore, tasks);
        foreach (TaskStruct task in tasks.All.Where(t => !t.KernelThread).Take(8))
        {
            Try(() => _ = use.Of(task.Address + 8));
            Try(() => _ = new OpenFiles(vmcore, task).All);
            Try(() => new ProcessCore(vmcore, task, tasks, vmcore.Registers, _ => null).Write(new MemoryStream()));
        }
        foreach ((int _, Kdump.Kernel.Unwind.Registers registers) in vmcore.Registers)
            Try(() => _ = vmcore.Code()!.Explain(registers, registers.Ip + -64));
    }

    private static void Try(Action view)
    {
        try
        {
            view();
        }
        catch (InputException e)
        {
            Assert.NotEmpty(e.Reason);
        }
    }

    private static void Everything(Vmcore vmcore)
    {
        EveryView(vmcore);
        Assert.Equal(5, vmcore.Layers.Count(l => l.Status.Length > 0));
        vmcore.Log.Value?.Text();
        foreach (KernelModule module in vmcore.Modules.Value?.All ?? [])
            vmcore.Modules.Value!.Symbols(module);
        vmcore.Modules.Value?.Types();
        Assert.NotEmpty(vmcore.Irqs.Status + vmcore.Devices.Status);
        Assert.NotNull(vmcore.Crash);
        if (vmcore.Base.Value is null)
            return;
        Ask(new Interpreter(vmcore, () => vmcore.Tasks.Need("mutated", "tasks"), () => vmcore.Crash.Task?.Address));
        Stacks stacks = vmcore.Stacks();
        stacks.All(vmcore.Tasks.Value?.All ?? []);
        foreach (Kdump.Kernel.Unwind.Registers registers in vmcore.Registers.Values)
            stacks.Of(registers);
    }

    private static void Ask(Interpreter interpreter)
    {
        ObjectTree tree = new(interpreter.Types, 6, 50);
        foreach (string text in (string[])["init_task", "*task(1)", "list(init_task.tasks, struct task_struct, tasks).comm", "function_7",
            "sum(tasks()->pid)", "init_task.comm[0:4]"])
        {
            try
            {
                if (interpreter.Evaluate(text) is KernelObject one)
                    tree.Of(one);
                else
                    _ = ((ObjectSequence)interpreter.Evaluate(text)).Select(tree.Of).Take(1000).Count();
                if (interpreter.Types.Any("task_struct")?.Compound is { } type)
                    _ = StructLayout.Of(type).Select(m => m.Type.ToString().Length + (m.Member?.Name.Length ?? 0)).Sum();
            }
            catch (Exception e) when (e is InputException or ExpressionException)
            {
                // A reason.
            }
        }
    }

    private static KernelBuilder Kernel(bool withKeys)
    {
        KernelBuilder kernel = new() { WithKeys = withKeys, Order = withKeys ? KallsymsOrder.OffsetsLast : KallsymsOrder.SequencesToo };
        BtfBuilder t = kernel.Types;
        int u32 = t.Int("int", 4), pointer = t.Pointer(0), comm = t.Array(t.Int("char", 1), 16);
        int list = t.Struct("list_head", 16, ("next", pointer, 0), ("prev", pointer, 8));
        t.Struct("signal_struct", 16, ("thread_head", list, 0));
        t.Struct("task_struct", 128, ("pid", u32, 0), ("tgid", u32, 4), ("flags", u32, 8), ("stack", pointer, 16), ("tasks", list, 24),
            ("thread_node", list, 40),
            ("signal", pointer, 56), ("comm", comm, 64), ("thread", t.Struct("thread_struct", 8, ("sp", pointer, 0)), 80));
        VirtualAddress init = kernel.Data("init_task", 128), last = init;
        kernel.Memory.Text(init + 64, "swapper/0");
        for (int i = 1; i < 20; i++)
        {
            VirtualAddress task = kernel.Memory.Allocate(128), stack = kernel.Memory.Allocate(4096, 4096);
            kernel.Memory.U32(task, (uint)i).U64(last + 24, (task + 24).Value).U64(task + 24, (init + 24).Value).U64(task + 16, stack.Value)
                .U64(task + 80, (stack + 256).Value);
            last = task;
        }
        for (int i = 0; i < 600; i++)
            kernel.Function($"function_{i}", 16);
        return kernel;
    }

    private sealed class MutatedDump(Dump inner, int seed) : Dump
    {
        public override string Name => "mutated";

        public override string Format => inner.Format;

        public override DumpInfo Info => inner.Info;

        public override int PageSize => inner.PageSize;

        public override Pfn MaxPfn => inner.MaxPfn;

        public override bool Incomplete => false;

        public override ReadOnlyMemory<byte> Notes => inner.Notes;

        public override PageState State(Pfn pfn) => inner.State(pfn);

        public override PageRun? NextRun(Pfn pfn) => inner.NextRun(pfn);

        public override PageState ReadPage(Pfn pfn, Span<byte> page)
        {
            PageState state = inner.ReadPage(pfn, page);
            // The same page is broken in the same way however often it is read.
            Random random = new(unchecked(seed * 7919 + (int)pfn.Value));
            if (state != PageState.Present || random.Next(2 + seed % 40) != 0)
                return state;
            if (random.Next(10) == 0)
                return (PageState)random.Next(1, 4);
            for (int n = random.Next(1, 6); n > 0; n--)
            {
                int at = random.Next(page.Length / 8) * 8;
                switch (random.Next(3))
                {
                    case 0:
                        page[at + random.Next(8)] ^= (byte)(1 << random.Next(8));
                        break;
                    case 1:
                        page.Slice(at, 8).Fill((byte)(random.Next(2) * 0xFF));
                        break;
                    default:
                        page.Slice(random.Next(page.Length / 8) * 8, 8).CopyTo(page[at..]);
                        break;
                }
            }
            return state;
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
