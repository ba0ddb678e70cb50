using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;
using Kdump.Kernel;
using Kdump.Kernel.Structs;
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
            for (int seed = 0; seed < 3; seed++)
                Everything(Vmcore.Open(new MutatedDump(dump, seed)));
        }
    }

    private static void Everything(Vmcore vmcore)
    {
        Assert.Equal(5, vmcore.Layers.Count(l => l.Status.Length > 0));
        vmcore.Log.Value?.Text();
        foreach (KernelModule module in vmcore.Modules.Value?.All ?? [])
            vmcore.Modules.Value!.Symbols(module);
        vmcore.Modules.Value?.Types();
        Assert.NotEmpty(vmcore.Irqs.Status + vmcore.Devices.Status);
        Assert.NotNull(vmcore.Crash);
        if (vmcore.Base.Value is null)
            return;
        Stacks stacks = vmcore.Stacks();
        stacks.All(vmcore.Tasks.Value?.All ?? []);
        foreach (Kdump.Kernel.Unwind.Registers registers in vmcore.Registers.Values)
            stacks.Of(registers);
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
