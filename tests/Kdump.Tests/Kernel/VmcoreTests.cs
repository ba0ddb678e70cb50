using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Kernel;

public sealed class VmcoreTests
{
    private readonly KernelBuilder kernel = new();

    [Fact]
    public void A_kernel_with_BTF_and_kallsyms_opens_by_its_note()
    {
        kernel.Types.Struct("thing", 4, ("x", kernel.Types.Int("int", 4), 0));
        VirtualAddress at = kernel.Data("a_thing", 4);
        kernel.Memory.U32(at, 42);
        kernel.Function("do_it", 64);
        using Vmcore vmcore = kernel.Open();
        Assert.Equal(("ok", KernelBuilder.Release, "notes"), (vmcore.Base.Status, vmcore.Release, vmcore.Base.Value!.Source));
        Assert.Equal(42u, vmcore.At("thing", vmcore.Symbol("a_thing")).U32("x"));
        Assert.Equal(("do_it", 5UL, null), vmcore.Locate(vmcore.Symbol("do_it") + 5) is { } at5 ? (at5.Symbol, at5.Offset, at5.Module)
            : default);
    }

    [Fact]
    public void Each_layer_says_why_it_is_missing_and_those_below_work()
    {
        kernel.WithBtf = false;
        using Vmcore vmcore = kernel.Open();
        Dictionary<string, string> layers = vmcore.Layers.ToDictionary(l => l.Name, l => l.Status);
        Assert.Equal("ok", layers["vmcoreinfo"]);
        Assert.Equal("ok", layers["kallsyms"]);
        Assert.Equal("SYMBOL(prb): VMCOREINFO names neither prb nor log_buf", layers["log"]);
        Assert.Contains("__start_BTF", layers["btf"]);
        Assert.Contains("__start_orc_unwind_ip", layers["orc"]);
        Assert.Contains("struct task_struct", vmcore.Tasks.Status);
        Assert.Null(vmcore.Crash.Panic);
    }

    [Fact]
    public void Without_a_note_VMCOREINFO_is_found_in_memory_and_a_stray_copy_is_not_believed()
    {
        KernelBuilder builder = kernel;
        VirtualAddress stray = builder.Memory.Allocate(4096, 4096), real = builder.Memory.Allocate(4096, 4096);
        builder.Memory.Text(stray,
            "OSRELEASE=6.6.6-test\nNUMBER(phys_base)=65536\nSYMBOL(swapper_pg_dir)=ffffffff81000000\n" +
            "SYMBOL(init_uts_ns)=ffffffff81000000\nCRASHTIME=1\n");
        builder.WithKeys = false;
        builder.Memory.Text(real, builder.VmcoreInfo());
        using Vmcore vmcore = Vmcore.Open(builder.Dump(withNote: false));
        Assert.Equal("ok", vmcore.Base.Status);
        Assert.StartsWith("memory at PFN", vmcore.Base.Value!.Source, StringComparison.Ordinal);
    }

    [Fact]
    public void A_phys_base_that_leads_elsewhere_is_told()
    {
        kernel.Info.Append("ignored=1\n");
        string info = kernel.VmcoreInfo().Replace("NUMBER(phys_base)=0", "NUMBER(phys_base)=2097152", StringComparison.Ordinal);
        using Vmcore vmcore = Vmcore.Open(kernel.Memory.ToDump(kernel.Root, () => info));
        Assert.Contains("init_uts_ns", vmcore.Base.Status);
        Assert.Contains("VMCOREINFO", vmcore.Kallsyms.Status);
        Assert.Empty(vmcore.Registers);
        Assert.All(vmcore.Layers, l => Assert.NotEqual("ok", l.Status));
    }

    [Fact]
    public void A_dump_of_nothing_has_reasons_and_no_exceptions()
    {
        using Vmcore vmcore = Vmcore.Open(new FakeDump([], null));
        Assert.All(vmcore.Layers, l => Assert.NotEqual("ok", l.Status));
        Assert.NotEqual("ok", vmcore.Tasks.Status);
        Assert.NotEqual("ok", vmcore.Irqs.Status);
        Assert.NotEqual("ok", vmcore.Devices.Status);
        Assert.Null(vmcore.Release);
        Assert.Null(vmcore.Crash.Cpu);
    }

    [Fact]
    public void Another_machines_dump_is_named()
    {
        using Vmcore vmcore = Vmcore.Open(new FakeDump([], null) { Machine = "sparc64" });
        Assert.StartsWith("machine: sparc64: kdt reads memory of x86-64 and arm64 kernels", vmcore.Base.Status, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Unknown", 392, "aarch64")]
    [InlineData("Unknown", 336, "x86_64")]
    [InlineData("", 392, "aarch64")]
    [InlineData("", 0, "x86_64")]
    [InlineData("x86_64", 392, "x86_64")]
    [InlineData("riscv64", 392, "riscv64")]
    [InlineData("sparc64", 392, null)]
    public void A_dump_that_names_no_machine_is_told_by_the_length_of_a_CPUs_note(string machine, int length, string? architecture)
    {
        using FakeDump dump = new([], null) { Machine = machine };
        if (length > 0)
            dump.MoreNotes.AddRange(FakeDump.Note("CORE", 1, new byte[length]));
        Assert.Equal(architecture, Architectures.Of(dump)?.Machine);
    }

    [Fact]
    public void Kallsyms_are_found_by_pattern_when_VMCOREINFO_does_not_name_them()
    {
        kernel.WithKeys = false;
        kernel.Order = KallsymsOrder.OffsetsFirst;
        for (int i = 0; i < 600; i++)
            kernel.Function($"function_{i}", 16);
        using Vmcore vmcore = kernel.Open();
        Assert.Equal("ok", vmcore.Kallsyms.Status);
        Assert.Equal("function_599", vmcore.Locate(vmcore.Symbol("function_599"))!.Value.Symbol);
    }

    [Fact]
    public void BTF_is_found_by_its_header_when_no_symbol_names_it()
    {
        kernel.WithBtf = false;
        for (int i = 0; i < 400; i++)
            kernel.Types.Struct($"structure_number_{i}", 8, ("member", 0, 0));
        kernel.Memory.Write(new VirtualAddress(MemoryBuilder.ImageStart + 0x20_0123), kernel.Types.Bytes());
        using Vmcore vmcore = kernel.Open();
        Assert.Equal("ok", vmcore.Btf.Status);
        Assert.Equal(8, vmcore.Struct("structure_number_399").Size);
    }
}
